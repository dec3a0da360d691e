//! A shop run by scripts, with a relay that somebody hosts: the real programs, a real Secret Service.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    io::Write,
    process::{Output, Stdio},
};

use serde_json::Value;
use stage::{Running, Session, program, until};

const KEY: &str = "SB-Mid-server-toko-uji-coba-0001";

/// A shop in the sandbox that a simulator plays, which notifies a hosted relay.
struct Shop {
    session: Session,
    midtrans: Running,
    _relay: Running,
    address: String,
    code: String,
}

impl Shop {
    fn open() -> Self {
        let session = Session::new();
        let store = session.home().join("relay.db").display().to_string();
        let relay = session.start("gerai-relay", &["serve", "--store", &store, "--listen", "127.0.0.1:0"]);
        let url = format!("http://{}", relay.word("listening"));
        let made = session.run("gerai-relay", &["channel", "new", "--store", &store, "--public-url", &url, "--json"]);
        let made: Value = serde_json::from_str(&made).unwrap();
        let word = |name: &str| made[name].as_str().unwrap().to_owned();
        let (address, code) = (word("notification_url"), word("pairing_code"));
        let arguments = ["--listen", "127.0.0.1:0", "--server-key", KEY, "--notify", &address];
        let midtrans = session.start("midtrans-simulator", &arguments);
        let shop = Self { session, midtrans, _relay: relay, address, code };
        assert!(shop.typed(&["key", "set"], KEY).status.success());
        shop
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.session.command(program("geraictl"));
        command.args(["--environment", "sandbox", "--midtrans-url", self.midtrans.word("listening"), "--json"]);
        command.args(arguments).env("GERAI_PACE", "20").stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn typed(&self, arguments: &[&str], typed: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{typed}").unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs `geraictl` to its end: how it ended, and what it printed.
    fn ctl(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        told(self.command(arguments).output().unwrap())
    }

    fn pair(&self, code: &str) -> (i32, Vec<Value>) {
        told(self.typed(&["relay", "pair", "--name", "Depan"], &format!("{}\n{code}", self.address)))
    }
}

fn told(output: Output) -> (i32, Vec<Value>) {
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap_or(-1), lines)
}

#[test]
fn a_till_is_paired_hears_of_its_orders_and_is_unpaired() {
    let shop = Shop::open();
    let problem = |(code, lines): (i32, Vec<Value>)| (code, lines[0]["problem"]["code"].as_str().map(str::to_owned));
    assert_eq!(problem(shop.ctl(&["relay", "status"])), (1, Some("relay_not_paired".into())));
    assert_eq!(problem(shop.pair("AAAA-AAAA")), (1, Some("relay_code_wrong".into())));
    let (code, paired) = shop.pair(&shop.code);
    assert_eq!((code, &paired[0]["problem"], &paired[0]["heard_at"]), (0, &Value::Null, &Value::Null), "{paired:?}");
    assert_eq!(paired[0]["notification_url"], shop.address);

    let (_, order) = shop.ctl(&["order", "create", "--amount", "44000", "--store", "alfamart"]);
    let order = order[0]["id"].as_str().unwrap();
    until("the notification has passed through the relay", || {
        shop.ctl(&["sync"]);
        shop.ctl(&["relay", "status"]).1[0]["heard_at"].is_string()
    });
    let (_, shown) = shop.ctl(&["order", "show", order]);
    let events = shown[0]["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["from"] == "relay" && event["kind"] == "hinted"), "{events:?}");

    let (_, code) = shop.ctl(&["relay", "code"]);
    assert_eq!(code[0]["code"].as_str().unwrap().len(), 9);
    let (_, devices) = shop.ctl(&["relay", "devices"]);
    assert_eq!((devices.len(), &devices[0]["name"], &devices[0]["this"]), (1, &"Depan".into(), &true.into()));
    let (_, doctor) = shop.ctl(&["doctor"]);
    let hosted = doctor.iter().find(|line| line["check"] == "hosted_relay").unwrap();
    assert_eq!(hosted["ok"], true, "{doctor:?}");

    let device = devices[0]["device"].as_str().unwrap();
    assert_eq!(shop.ctl(&["relay", "revoke", device]).0, 0);
    let (code, status) = shop.ctl(&["relay", "status"]);
    assert_eq!((code, &status[0]["problem"]), (1, &"relay_revoked".into()));
    assert_eq!(shop.ctl(&["relay", "unpair"]).0, 0);
    assert_eq!(problem(shop.ctl(&["relay", "status"])), (1, Some("relay_not_paired".into())));
}
