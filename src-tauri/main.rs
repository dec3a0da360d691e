//! The desk app of Gerai.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::{env, fs, path::Path, process::ExitCode};

use clap::Parser;
use counter::{Language, Problem};
use desk::Options;
use ledger::Folder;

/// Gerai: a counter for shops that take Alfamart and Indomaret payments through Midtrans.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("GERAI_LOG").unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    match open(arguments.options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn open(options: Options) -> Result<(), String> {
    let folder = options.folder().map_err(|problem| say(None, &problem))?;
    #[cfg(target_os = "linux")]
    linux::prepare(&folder)?;
    let _only = only_window(&folder)?;
    gerai::run(options, folder).map_err(|error| error.to_string())
}

/// One window for each data folder: two would show the same sale twice and tempt two people to make it.
fn only_window(folder: &Folder) -> Result<Option<fs::File>, String> {
    let path = folder.path();
    // A folder that cannot be written is said in the window, where the remedy can be read.
    let Ok(lock) = fs::create_dir_all(path).and_then(|()| fs::File::create(path.join("window.lock"))) else {
        return Ok(None);
    };
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(_) => Err(say(Some(folder), &Problem::of("window_open"))),
    }
}

/// A sentence in the language of the window.
fn say(folder: Option<&Folder>, problem: &Problem) -> String {
    let language = folder.and_then(|folder| folder.desk().language).and_then(|word| word.parse().ok());
    problem.sentence(language.unwrap_or(Language::Indonesian))
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;

    /// Without a display GTK panics, and without a GPU its DMA-BUF renderer costs memory and time.
    pub fn prepare(folder: &Folder) -> Result<(), String> {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
            return Err(say(Some(folder), &Problem::of("no_display")));
        }
        if !has_gpu() && env::var_os(RENDERER).is_none() {
            return start_again();
        }
        Ok(())
    }

    const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    fn has_gpu() -> bool {
        let cards = fs::read_dir(Path::new("/dev/dri")).into_iter().flatten().flatten();
        cards.into_iter().any(|card| card.file_name().to_string_lossy().starts_with("renderD"))
    }

    /// WebKit reads the variable when it is loaded, so it has to be there before this program begins.
    fn start_again() -> Result<(), String> {
        use std::os::unix::process::CommandExt;
        let program = env::current_exe().map_err(|error| error.to_string())?;
        let failed = std::process::Command::new(program).args(env::args_os().skip(1)).env(RENDERER, "1").exec();
        Err(failed.to_string())
    }
}
