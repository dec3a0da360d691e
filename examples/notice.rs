//! How soon the desk notices a notification: from the relay's 200 to the order shown as *confirming*
//! or already *paid*. Real ledger, real relay, the commands of the window; no window is drawn.
//!
//! `scripts/bench` runs it and prints the figures beside a raw flush of the same disk.

use std::{
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use desk::Options;
use ledger::Folder;
use relay::Presence;
use serde_json::{Value, json};
use stage::measure::{flush, notify, row};
use tauri::{
    Listener, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

const TIMES: usize = 200;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { data_dir: Some(folder.path().into()), ..Options::default() };
    let app = gerai::builder(mock_builder(), options, Folder::at(folder.path()))
        .build(tauri::generate_context!())
        .expect("the program is built");
    let window = WebviewWindowBuilder::new(&app, "main", Default::default()).build().expect("a window");
    let (tell, changed) = channel();
    app.listen_any("changed", move |_| {
        let _ = tell.send(());
    });
    ask(&window, "enter", json!({ "environment": "training" }));
    let shop = folder.path().join("training");
    let Presence::Running { listening, notification_url } = relay::presence(&shop) else { panic!("no relay") };
    let path = notification_url.split(&listening).nth(1).expect("a path").to_owned();
    // The simulator keeps quiet: what it would tell the relay is told here, at a known moment.
    stage::Door::of_training(folder.path()).post("notify", json!({ "urls": [] }));

    let mut noticed = Vec::with_capacity(TIMES);
    for n in 0..TIMES {
        let draft = json!({
            "id": format!("{n:0>12}"), "amount": "44000", "store": "alfamart", "items": [], "customer": "",
            "phone": "", "email": "", "note": "", "expiry": "24h",
        });
        let card = ask(&window, "charge", json!({ "draft": draft }));
        let id = card["order"]["id"].clone();
        // Whatever the charge itself set off is over once nothing has changed for a while.
        while changed.recv_timeout(Duration::from_millis(300 + 7 * (n as u64 % 40))).is_ok() {}
        let order_id = ask(&window, "order", json!({ "id": id }))["order_id"].as_str().expect("an id").to_owned();
        ask(&window, "practise", json!({ "id": id, "deed": "pay" }));
        notify(&listening, &path, &settlement(&order_id));
        let answered = Instant::now();
        loop {
            changed.recv_timeout(Duration::from_secs(10)).expect("the desk notices");
            let state = ask(&window, "order", json!({ "id": id }))["order"]["state"].clone();
            if state != "pending" {
                noticed.push(answered.elapsed());
                break;
            }
        }
    }
    let flushed: Vec<Duration> = (0..TIMES).map(|_| flush(&folder.path().join("probe"))).collect();
    row("relay's 200 to the order on the screen", noticed);
    row("a raw flush of 4 KiB on the same disk", flushed);
}

fn settlement(order_id: &str) -> String {
    let signature = midtrans::signature(order_id, "200", "44000.00", &relay::training_key());
    json!({
        "order_id": order_id, "status_code": "200", "gross_amount": "44000.00", "signature_key": signature,
        "transaction_status": "settlement", "payment_type": "cstore",
    })
    .to_string()
}

fn ask(window: &WebviewWindow<MockRuntime>, command: &str, arguments: Value) -> Value {
    let request = InvokeRequest {
        cmd: command.into(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().expect("a URL"),
        body: InvokeBody::Json(arguments),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.into(),
    };
    get_ipc_response(window, request).expect(command).deserialize().expect("JSON")
}
