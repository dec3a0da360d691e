//! The window: a Tauri shell around the counter, and nothing but the shell.

mod app;
mod commands;
mod hand_out;
mod papers;
mod problem;
mod shop;
pub mod view;

use desk::Options;
use ledger::Folder;
use tauri::{Builder, Runtime, WebviewWindowBuilder};

pub use app::{App, Tell};

/// The window's program with everything it may be asked, before a window is made.
pub fn builder<R: Runtime>(builder: Builder<R>, options: Options, folder: Folder) -> Builder<R> {
    builder.manage(App::new(options, folder)).invoke_handler(tauri::generate_handler![
        commands::start,
        commands::prefer,
        commands::enter,
        commands::connect,
        commands::forget_key,
        commands::keys,
        commands::save_draft,
        commands::charge,
        commands::card,
        commands::today,
        commands::orders,
        commands::others,
        commands::order,
        commands::check,
        commands::cancel,
        commands::reissue,
        commands::hand_over,
        commands::attention,
        commands::see_to,
        commands::evidence,
        commands::save_evidence,
        commands::freshness,
        commands::settings,
        commands::save_settings,
        commands::paper_settings,
        commands::save_paper_settings,
        commands::set_logo,
        commands::find_printers,
        commands::test_printer,
        commands::print,
        commands::order_papers,
        commands::preview,
        commands::save_paper,
        commands::open_whatsapp,
        commands::settle_paper,
        commands::relay,
        commands::switch_relay,
        commands::pair_relay,
        commands::unpair_relay,
        commands::pairing_code,
        commands::paired_tills,
        commands::revoke_till,
        commands::day,
        commands::close_day,
        commands::closings,
        commands::closed_day,
        commands::print_report,
        commands::save_report,
        commands::copies,
        commands::make_copy,
        commands::restore_copy,
        commands::practise,
    ])
}

/// Opens the window and returns when it is closed.
pub fn run(options: Options, folder: Folder) -> tauri::Result<()> {
    builder(tauri::Builder::default(), options, folder)
        .setup(|app| {
            let Some(config) = app.config().app.windows.first().cloned() else {
                return Err("tauri.conf.json names no window".into());
            };
            WebviewWindowBuilder::from_config(app.handle(), &config)?
                // The window shows our own pages and nothing else, wherever a link may point.
                .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
}
