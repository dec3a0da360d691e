//! A shop of real programs that may be killed at any time, and the simulator as the witness of what
//! really happened.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use ledger::{Binding, Door as Entrance, Folder, Ledger, List, Query};
use serde_json::{Value, json};
use stage::{Door, Running, Session, program, until};
use till::{Environment, From, OrderId, SaleId, State, Store, Time};

use crate::line::{Deaf, Line, Point};

pub const KEY: &str = "SB-Mid-server-toko-uji-coba-0001";

pub struct Shop {
    pub line: Line,
    pub ledger: Arc<Ledger>,
    deaf: Deaf,
    midtrans: Running,
    session: Session,
}

/// A transaction as Midtrans has it.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub status: String,
    pub code: String,
    pub store: String,
    pub amount: u64,
}

impl Shop {
    pub fn open() -> Self {
        let session = Session::new();
        let midtrans = session.start("midtrans-simulator", &["--listen", "127.0.0.1:0", "--server-key", KEY]);
        let line = Line::to(midtrans.word("listening"));
        let folder = Folder::at(session.home().join("data"));
        let ledger = Ledger::open(&folder, Environment::Sandbox, Some(Binding::Loopback), Entrance::Desk, [1, 2, 3, 4]);
        let shop = Self { line, ledger: Arc::new(ledger.unwrap()), deaf: Deaf::new(), midtrans, session };
        let mut typing = shop.command(&["key", "set"]).stdin(Stdio::piped()).spawn().unwrap();
        writeln!(typing.stdin.take().unwrap(), "{KEY}").unwrap();
        assert!(typing.wait().unwrap().success());
        shop
    }

    /// What goes on at Midtrans.
    pub fn door(&self) -> Door {
        Door::of(&self.midtrans)
    }

    /// `geraictl`, calling Midtrans over the line that can be held.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_to(&self.line.url(), arguments)
    }

    /// `geraictl`, calling where nobody answers.
    pub fn command_into_silence(&self, arguments: &[&str]) -> Command {
        self.command_to(&self.deaf.url(), arguments)
    }

    fn command_to(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = self.session.command(program("geraictl"));
        command.args(["--data-dir", &self.data(), "--environment", "sandbox", "--midtrans-url", url, "--json"]);
        // Nobody waits here; what is promised in minutes stays minutes.
        command.args(arguments).env("GERAI_PACE", "500").stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A program of ours in the session of the shop.
    pub fn in_session(&self, name: &str) -> Command {
        self.session.command(program(name))
    }

    pub fn home(&self) -> &Path {
        self.session.home()
    }

    pub fn data(&self) -> String {
        self.session.home().join("data").display().to_string()
    }

    /// Runs `geraictl` to its end, which must be a good one, and returns what it printed.
    pub fn ctl(&self, arguments: &[&str]) -> Vec<Value> {
        let ended = self.command(arguments).output().unwrap();
        let (said, lines) = (String::from_utf8_lossy(&ended.stderr), String::from_utf8_lossy(&ended.stdout));
        assert!(ended.status.success(), "{arguments:?}: {said}{lines}");
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The relay at an address of its own, about to start.
    pub fn relay_at(&self, listen: &str) -> Command {
        let mut command = self.session.command(program("gerai-relay"));
        command.args(["--data-dir", &self.data(), "--environment", "sandbox", "--midtrans-url", &self.line.url()]);
        command.args(["--listen", listen]).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// A relay that hears everything Midtrans sends.
    pub fn relay(&self) -> Running {
        let relay = Running::start(self.relay_at("127.0.0.1:0"), "gerai-relay");
        self.door().post("notify", json!({ "urls": [relay.word("notification_url")] }));
        relay
    }

    /// What Midtrans has, by order.
    pub fn transactions(&self) -> BTreeMap<String, Transaction> {
        let told = self.door().get("transactions");
        let word = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let transaction = |one: &Value| Transaction {
            status: word(one, "status"),
            code: word(one, "payment_code"),
            store: word(one, "store"),
            amount: one["amount"].as_u64().unwrap(),
        };
        told["transactions"].as_array().unwrap().iter().map(|one| (word(one, "order_id"), transaction(one))).collect()
    }

    /// Every order in the ledger.
    pub fn orders(&self) -> Vec<ledger::Row> {
        self.ledger.page(&Query::newest(List::All, u32::MAX, Time::from_millis(0))).unwrap().rows
    }

    /// Orders that nobody disturbs, several made at a time.
    pub fn stock(&self, many: usize) -> Vec<SaleId> {
        let before: BTreeSet<_> = self.orders().iter().map(|row| row.id.to_string()).collect();
        let stores = Store::ALL.iter().cycle();
        let mut making = Vec::new();
        for store in stores.take(many) {
            making.push(self.command(&create(*store)).spawn().unwrap());
            if making.len() == 4 {
                making.drain(..).for_each(ends_well);
            }
        }
        making.into_iter().for_each(ends_well);
        let made: Vec<_> = self.orders().into_iter().filter(|row| !before.contains(row.id.as_str())).collect();
        assert_eq!(made.len(), many);
        assert!(made.iter().all(|row| row.state == State::Pending));
        made.into_iter().map(|row| row.id).collect()
    }

    /// Holds the ledger's pen, so that nobody else can write down anything meanwhile.
    pub fn while_nobody_can_write<T>(&self, meanwhile: impl FnOnce() -> T) -> T {
        let any = self.orders()[0].id;
        let mut done = None;
        let deciding = |_: &till::Sale| {
            done = Some(meanwhile());
            vec![]
        };
        self.ledger.write(any, From::Desk, Time::from_millis(0), deciding).unwrap();
        done.unwrap()
    }

    /// Kills all of these programs when each has come to this point of its call, and says whose
    /// conversations those were.
    pub fn kill_at(&self, call: &'static str, point: Point, commands: Vec<Command>) -> Vec<String> {
        let many = commands.len();
        let beforehand = if let Point::Heard = point { Point::Asking(0.0) } else { point };
        self.line.stop(call, beforehand);
        let children = start(commands);
        let mut held = self.line.wait_for(many);
        if let Point::Heard = point {
            // Each has written down what it is about to ask. What it hears it cannot write down.
            held = self.while_nobody_can_write(|| {
                self.line.go_on(call, Point::Heard);
                let held = self.line.wait_for(many);
                kill(children);
                held
            });
        } else {
            kill(children);
        }
        self.line.cut();
        self.line.quiet();
        held
    }

    /// Kills all of these programs once this has become so.
    pub fn kill_when(&self, what: &str, commands: Vec<Command>, mut is_so: impl FnMut() -> bool) {
        let mut children = start(commands);
        until(what, || {
            children.iter_mut().for_each(has_not_ended);
            is_so()
        });
        kill(children);
    }
}

pub fn create(store: Store) -> [&'static str; 6] {
    ["order", "create", "--amount", "44000", "--store", store.word()]
}

pub fn start(commands: Vec<Command>) -> Vec<Child> {
    commands.into_iter().map(|mut command| command.spawn().unwrap()).collect()
}

pub fn kill(children: Vec<Child>) {
    let mut children = children;
    children.iter_mut().for_each(|child| child.kill().unwrap());
    for mut child in children {
        child.wait().unwrap();
    }
}

/// Whoever is to be killed is still at work.
fn has_not_ended(child: &mut Child) {
    if child.try_wait().unwrap().is_some() {
        let said = io::read_to_string(child.stderr.take().unwrap()).unwrap();
        panic!("a program that was to be killed ended by itself: {said}");
    }
}

fn ends_well(child: Child) {
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

pub fn attempt(named: &str) -> OrderId {
    named.parse().unwrap()
}
