use std::path::Path;

use counter::{Closing, Concern, Evidence, Language, Problem, Words, evidence::without_address, moment, utc};
use desk::{Device, Found, NewCode};
use ledger::{Copy, Feed, Paper, PrinterSetting, Report, Restored, Row, Stored, Sum, word};
use serde_json::{Map, Value, json};
use till::{Entry, Environment, Other, Rupiah, State, Store, Time};

/// The fields of an order, in the order they are printed.
pub const FIELDS: [&str; 15] = [
    "id",
    "number",
    "order_id",
    "environment",
    "store",
    "amount",
    "state",
    "payment_code",
    "created_at",
    "expires_at",
    "paid_at",
    "hold_until",
    "confirmed_at",
    "handed_over_at",
    "problem",
];

/// The fields of something that needs attention, in the order they are printed.
pub const CONCERN_FIELDS: [&str; 15] = [
    "name",
    "kind",
    "at",
    "order",
    "number",
    "amount",
    "happened",
    "next",
    "values",
    "ends_by_itself",
    "entry",
    "source",
    "answers",
    "notifications",
    "closed",
];

/// How the till stands with the relay that somebody hosts.
pub(crate) struct RelayStatus {
    pub feed: Feed,
    /// When a genuine notification came through it last.
    pub heard_at: Option<Time>,
    /// Why the relay could not be asked.
    pub problem: Option<Problem>,
}

/// The fields of a code of another till, in the order they are printed.
pub const OTHER_FIELDS: [&str; 10] =
    ["order_id", "till", "store", "amount", "state", "payment_code", "heard_at", "asked_at", "expires_at", "paid_at"];

/// The fields of a paper, in the order they are printed.
pub const PAPER_FIELDS: [&str; 13] = [
    "paper",
    "kind",
    "about",
    "printer",
    "state",
    "copy",
    "queued_at",
    "queued_by",
    "out_at",
    "ended_at",
    "why",
    "sentence",
    "said",
];

/// Where answers go: standard output, for people or for programs.
pub(crate) struct Output {
    pub json: bool,
    pub language: Language,
}

impl Output {
    /// One order.
    pub fn order(&self, row: &Row, environment: Environment) {
        if self.json {
            println!("{}", Value::Object(object(row, environment)));
        } else {
            println!("{}", self.line(row));
        }
    }

    /// One order with everything that happened to it.
    pub fn story(&self, row: &Row, environment: Environment, log: &[Entry], notifications: &[Stored]) {
        if self.json {
            let mut whole = object(row, environment);
            whole.insert("events".into(), log.iter().map(event).collect());
            whole.insert("notifications".into(), notifications.iter().map(notification).collect());
            println!("{}", Value::Object(whole));
            return;
        }
        println!("{}", self.line(row));
        for moment in counter::timeline(log) {
            let words = Words::table();
            let what = words.say(self.language, &format!("moment.{}", moment.kind), &moment.values);
            let who = words.say(self.language, &format!("source.{}", moment.source), &[]);
            println!("  {}  {what} ({who})", utc(moment.at));
        }
    }

    /// A code of another till.
    pub fn other(&self, other: &Other) {
        let time = |time: Option<Time>| Value::from(time.map(utc));
        if self.json {
            let values: [Value; OTHER_FIELDS.len()] = [
                other.order_id.as_str().into(),
                other.order_id.till().to_string().into(),
                other.store.map(Store::word).into(),
                other.amount.into(),
                word(&other.state).into(),
                other.payment_code.clone().into(),
                utc(other.since).into(),
                time(other.asked_at),
                time(other.expires_at),
                time(other.paid_at),
            ];
            let whole: Map<String, Value> = OTHER_FIELDS.iter().map(|field| (*field).to_owned()).zip(values).collect();
            println!("{}", Value::Object(whole));
            return;
        }
        let state = Words::table().say(self.language, &format!("state.{}", word(&other.state)), &[]);
        let amount = other.amount.and_then(|amount| Rupiah::new(amount).ok());
        let amount = amount.map_or("-".into(), |amount| amount.to_string());
        let (store, code) = (other.store.map_or("-", Store::name), other.payment_code.as_deref().unwrap_or("-"));
        println!("{}  {store}  {amount}  {state}  {code}  {}", other.order_id, utc(other.since));
    }

    /// Something that needs attention, or needed it.
    pub fn concern(&self, concern: &Concern) {
        let values: Vec<(&str, String)> =
            concern.values.iter().map(|(gap, value)| (gap.as_str(), value.clone())).collect();
        let say = |key: String| Words::table().say(self.language, &key, &values);
        let (happened, next) =
            (say(format!("concern.{}", concern.kind)), say(format!("concern.{}.next", concern.kind)));
        let order = concern.order.as_ref();
        let number = order.map(|row| row.number.to_string());
        if self.json {
            let grounds = concern.grounds;
            let closed = concern.seen.as_ref();
            let closed = closed.map(|seen| json!({ "at": utc(seen.at), "by": seen.by, "deed": word(&seen.deed) }));
            let values: [Value; CONCERN_FIELDS.len()] = [
                concern.name.to_string().into(),
                concern.kind.clone().into(),
                utc(concern.at).into(),
                order.map(|row| row.id.to_string()).into(),
                number.into(),
                concern.amount.into(),
                happened.into(),
                next.into(),
                json!(concern.values),
                concern.ends_by_itself.into(),
                grounds.entry.into(),
                grounds.source.into(),
                grounds.answers.into(),
                grounds.notifications.into(),
                closed.into(),
            ];
            let whole: Map<String, Value> =
                CONCERN_FIELDS.iter().map(|field| (*field).to_owned()).zip(values).collect();
            println!("{}", Value::Object(whole));
            return;
        }
        println!("{}  {}  {}", concern.name, utc(concern.at), number.as_deref().unwrap_or("-"));
        println!("  {happened}");
        match &concern.seen {
            None => println!("  {next}"),
            Some(seen) => {
                let values = [("deed", word(&seen.deed)), ("by", seen.by.clone())];
                println!("  {} ({})", Words::table().say(self.language, "moment.seen_to", &values), utc(seen.at));
            }
        }
    }

    /// A paper, and what became of it.
    pub fn paper(&self, paper: &Paper) {
        let why = counter::why_of(paper).map(|problem| problem.sentence(self.language));
        if self.json {
            let said = paper.said.as_ref();
            let said = said.map(|look| json!({ "came_out": look.came_out, "by": look.by, "at": utc(look.at) }));
            let values: [Value; PAPER_FIELDS.len()] = [
                paper.id.into(),
                word(&paper.kind).into(),
                paper.about.clone().into(),
                paper.printer.clone().into(),
                word(&paper.state).into(),
                paper.copy.into(),
                utc(paper.queued_at).into(),
                paper.queued_by.clone().into(),
                paper.out_at.map(utc).into(),
                paper.ended_at.map(utc).into(),
                paper.why.clone().into(),
                why.into(),
                said.into(),
            ];
            let whole: Map<String, Value> = PAPER_FIELDS.iter().map(|field| (*field).to_owned()).zip(values).collect();
            println!("{}", Value::Object(whole));
            return;
        }
        let words = Words::table();
        let say = |key: String| words.say(self.language, &key, &[]);
        let kind = say(format!("paper.{}", word(&paper.kind)));
        let state = say(format!("paper.state.{}", word(&paper.state)));
        println!("{}  {kind} {}  {}  {state}", paper.id, paper.about, paper.printer);
        if let Some(why) = why {
            println!("  {why}");
        }
    }

    /// A printer of the shop.
    pub fn printer(&self, printer: &PrinterSetting) {
        if self.json {
            println!("{}", json!(printer));
        } else {
            println!("{}  {}  {} dots", printer.name, printer.at, printer.dots);
        }
    }

    /// A printer this PC knows of.
    pub fn found(&self, found: &Found) {
        if self.json {
            println!("{}", json!({ "at": found.printer.to_string(), "called": found.called }));
        } else {
            println!("{}  {}", found.printer, found.called);
        }
    }

    /// A copy of the ledger.
    pub fn copy(&self, copy: &Copy) {
        if self.json {
            println!("{}", json!({ "name": copy.name, "made_at": utc(copy.at), "bytes": copy.bytes }));
        } else {
            println!("{}  {}  {} KiB", copy.name, utc(copy.at), copy.bytes.div_ceil(1024));
        }
    }

    /// What a day came to, or comes to as it stands.
    pub fn day(&self, day: Time, report: &Report, closing: Option<&Closing>) {
        let sum = |sum: Sum| json!({ "count": sum.count, "amount": sum.amount });
        if self.json {
            let takings = report.takings.iter();
            let takings = takings.map(|taking| (taking.store.word().to_owned(), sum(taking.sum)));
            let doubts = report.unconfirmed.iter();
            let doubts = doubts.map(|doubt| json!({ "id": doubt.sale, "why": word(&doubt.why) }));
            println!(
                "{}",
                json!({
                    "number": closing.map(|closing| closing.number),
                    "day": counter::date(day),
                    "closed_at": closing.map(|closing| utc(closing.at)),
                    "closed_by": closing.map(|closing| &closing.by),
                    "total": sum(report.total()),
                    "takings": takings.collect::<Map<_, _>>(),
                    "late": sum(report.late),
                    "verified": closing.is_some() && report.is_verified(),
                    "confirmed": report.confirmed,
                    "unconfirmed": doubts.collect::<Vec<_>>(),
                    "looked_up": report.looked_up,
                    "seal": word(&report.seal),
                    "waiting": sum(report.waiting),
                    "unclear": sum(report.unclear),
                    "not_handed_over": sum(report.not_handed_over),
                    "attention": report.attention,
                })
            );
            return;
        }
        let say = |key: &str, values: &[(&str, String)]| Words::table().say(self.language, key, values);
        let money = |sum: Sum| {
            let rupiah = Rupiah::new(sum.amount).map(|amount| amount.to_string()).unwrap_or_default();
            [("count", sum.count.to_string()), ("rupiah", rupiah)]
        };
        let day = ("day", counter::date(day));
        match closing {
            Some(Closing { number, at, by, .. }) => {
                let values = [day, ("number", number.to_string()), ("at", moment(*at)), ("by", by.clone())];
                println!("{}", say("report.closed", &values));
            }
            None => println!("{}", say("report.open", &[day])),
        }
        for taking in &report.takings {
            println!("  {}: {}", taking.store.name(), say("report.sum", &money(taking.sum)));
        }
        let lines = [
            ("total", report.total()),
            ("late", report.late),
            ("waiting", report.waiting),
            ("unclear", report.unclear),
        ];
        for (key, sum) in lines.into_iter().chain([("not_handed_over", report.not_handed_over)]) {
            println!("  {}: {}", say(&format!("report.{key}"), &[]), say("report.sum", &money(sum)));
        }
        println!("  {}", say("report.attention", &[("count", report.attention.to_string())]));
        if closing.is_some() {
            let key = if report.is_verified() { "report.verified" } else { "report.unverified" };
            let all = report.total().count.to_string();
            println!("  {}", say(key, &[("count", report.confirmed.to_string()), ("of", all)]));
        }
    }

    /// Entries of the log that are not what was sealed.
    pub fn tampered(&self, what: &str, first: i64, last: i64, sales: &[String]) {
        if self.json {
            println!("{}", json!({ "finding": what, "first": first, "last": last, "sales": sales }));
        } else {
            let words = Words::table();
            let named = words.say(self.language, &format!("what.{what}"), &[]);
            let values = [("first", first.to_string()), ("last", last.to_string()), ("what", named)];
            println!("!!   {}  {}", words.say(self.language, "sealed.entries", &values), sales.join(" "));
        }
    }

    /// A copy that has taken the place of the ledger.
    pub fn restored(&self, restored: &Restored) {
        let (aside, strays) = (&restored.set_aside, restored.salvaged.strays.len());
        let name = restored.copy.as_ref().map_or("", |copy| &copy.name);
        if self.json {
            println!("{}", json!({ "restored": name, "set_aside": aside, "to_ask_midtrans": strays }));
        } else {
            println!("{name}  {aside}  {strays}");
        }
    }

    /// How the till stands with the relay that somebody hosts.
    pub fn relay(&self, status: &RelayStatus) {
        let RelayStatus { feed, heard_at, problem } = status;
        if self.json {
            println!(
                "{}",
                json!({
                    "notification_url": feed.address,
                    "channel": feed.channel,
                    "device": feed.device,
                    "name": feed.name,
                    "paired_at": utc(feed.paired_at),
                    "cursor": feed.cursor,
                    "heard_at": heard_at.map(utc),
                    "problem": problem.as_ref().map(|problem| problem.code),
                })
            );
        } else {
            let heard = heard_at.map_or_else(|| "-".into(), utc);
            println!("{}\n{}  {}  {heard}", feed.address, feed.name, utc(feed.paired_at));
        }
        if let Some(problem) = problem {
            self.problem_aside(problem);
        }
    }

    /// A till that is paired.
    pub fn device(&self, device: &Device) {
        let (paired, seen) = (Time::from_millis(device.paired_at), device.seen_at.map(Time::from_millis));
        let (name, seen) = (&device.name, seen.map(utc));
        if self.json {
            let Device { device, is_this, .. } = device;
            let paired = utc(paired);
            println!(
                "{}",
                json!({ "device": device, "name": name, "paired_at": paired, "seen_at": seen, "this": is_this })
            );
        } else {
            let mark = if device.is_this { "*" } else { " " };
            println!("{mark} {}  {name}  {}  {}", device.device, utc(paired), seen.as_deref().unwrap_or("-"));
        }
    }

    /// A pairing code for a further till.
    pub fn pairing_code(&self, new: &NewCode) {
        let until = utc(Time::from_millis(new.until));
        if self.json {
            println!("{}", json!({ "code": new.code, "until": until }));
        } else {
            println!("{}  {until}", new.code);
        }
    }

    /// A line of a check-up.
    pub fn finding(&self, what: &str, fine: bool, said: &str) {
        if self.json {
            println!("{}", json!({ "check": what, "ok": fine, "said": said }));
        } else {
            println!("{} {what}: {said}", if fine { "ok  " } else { "!!  " });
        }
    }

    /// Something was done that is no order.
    pub fn done(&self, what: &str) {
        if self.json {
            println!("{}", json!({ "done": what }));
        }
    }

    /// The evidence of an order: a program wants one line of JSON, and a person wants to read it.
    pub fn evidence(&self, evidence: &Evidence, html: bool) {
        match (html, self.json) {
            (true, true) => println!("{}", json!({ "html": evidence.to_html(self.language) })),
            (true, false) => print!("{}", evidence.to_html(self.language)),
            (false, true) => println!("{}", evidence.to_json()),
            (false, false) => println!("{:#}", evidence.to_json()),
        }
    }

    /// Something was written to a file.
    pub fn saved(&self, what: &str, path: &Path) {
        let path = path.display().to_string();
        if self.json {
            println!("{}", json!({ "done": what, "path": path }));
        } else {
            println!("{path}");
        }
    }

    /// Why something was not done: one sentence, with the remedy.
    pub fn problem(&self, problem: &Problem) {
        let sentence = problem.sentence(self.language);
        if self.json {
            let values: Map<String, Value> =
                problem.values.iter().map(|(gap, value)| ((*gap).to_owned(), value.as_str().into())).collect();
            let problem =
                json!({ "code": problem.code, "field": problem.field, "values": values, "sentence": sentence });
            println!("{}", json!({ "problem": problem }));
        }
        eprintln!("{sentence}");
    }

    /// Something that did not succeed and need not.
    pub fn problem_aside(&self, problem: &Problem) {
        eprintln!("{}", problem.sentence(self.language));
    }

    /// Something a person should know, though nothing is refused.
    pub fn warning(&self, code: &str) {
        eprintln!("{}", Words::table().say(self.language, &format!("warning.{code}"), &[]));
    }

    fn line(&self, row: &Row) -> String {
        let state = Words::table().say(self.language, &format!("state.{}", word(&row.state)), &[]);
        let amount = Rupiah::new(row.amount).map(|amount| amount.to_string()).unwrap_or_default();
        let code = row.payment_code.as_deref().unwrap_or("-");
        format!("{}  {}  {amount}  {state}  {code}  {}", row.number, row.store.name(), utc(row.ordered_at))
    }
}

/// An order as one flat object.
fn object(row: &Row, environment: Environment) -> Map<String, Value> {
    let time = |time: Option<till::Time>| Value::from(time.map(utc));
    let values: [Value; FIELDS.len()] = [
        row.id.as_str().into(),
        row.number.as_str().into(),
        row.order_id.map(|id| id.to_string()).into(),
        environment.word().into(),
        row.store.word().into(),
        row.amount.into(),
        word(&row.state).into(),
        row.payment_code.clone().into(),
        utc(row.ordered_at).into(),
        time(row.expires_at),
        time(row.paid_at),
        time(row.hold_until),
        time(row.confirmed_at),
        time(row.handed_over_at),
        row.problem.as_ref().map(word).into(),
    ];
    FIELDS.iter().map(|field| (*field).to_owned()).zip(values).collect()
}

fn event(entry: &Entry) -> Value {
    let mut event = serde_json::to_value(&entry.event).unwrap_or_default();
    without_address(&mut event);
    let mut event = match event {
        Value::Object(event) => event,
        _ => Map::new(),
    };
    event.insert("seq".into(), entry.seq.into());
    event.insert("at".into(), utc(entry.at).into());
    event.insert("from".into(), word(&entry.from).into());
    event.insert("order_id".into(), entry.attempt.map(|id| id.to_string()).into());
    event.into()
}

fn notification(stored: &Stored) -> Value {
    let body = serde_json::from_slice::<Value>(&stored.body).unwrap_or_default();
    json!({ "received_at": utc(stored.received_at), "times": stored.times, "body": body })
}

/// What the exit code says of a state.
pub(crate) fn end(state: State) -> crate::End {
    match state {
        State::Intent | State::Unknown => crate::End::Unknown,
        State::Refused => crate::End::Refused,
        _ => crate::End::Done,
    }
}
