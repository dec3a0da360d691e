use ledger::word;
use serde::Serialize;
use slip::text::rupiah;
use till::Environment;

use super::{Answer, Chain, Code, Evidence, Integrity, Line, Noticed, Signature, Stamp, Told, html::Html};
use crate::{Language, Words, wib};

/// No script, and nothing from anywhere else: a browser refuses both, whatever the page held.
const HEAD: &str = r#"<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
@page { size: A4; margin: 15mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; } }
body { max-width: 180mm; margin: 0 auto; padding: 8mm 4mm; font: 10pt/1.45 system-ui, sans-serif; color: #111; background: #fff; }
h1 { font-size: 16pt; margin: 0 0 1mm; } h2 { font-size: 12.5pt; margin: 8mm 0 2mm; border-bottom: 1px solid #111; } h3 { font-size: 10.5pt; margin: 5mm 0 1mm; }
h1, h2, h3 { break-after: avoid; overflow-wrap: anywhere; }
p { margin: 0 0 2mm; overflow-wrap: anywhere; } .soft { color: #555; } .warn { border: 2px solid #111; padding: 2mm 3mm; font-weight: 600; }
table { width: 100%; border-collapse: collapse; margin: 0 0 2mm; } th, td { text-align: left; vertical-align: top; padding: 1mm 2mm 1mm 0; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
th { font-weight: 600; width: 30%; } tr { break-inside: avoid; }
pre { margin: 0 0 2mm; padding: 2mm; border: 1px solid #ccc; font: 8pt/1.35 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; break-inside: avoid; }
article { margin: 0 0 4mm; } article p:first-child { break-after: avoid; } .seq th { width: 8%; }
@media print { body { padding: 0; max-width: none; } }
</style>
"#;

/// The evidence as one page for people.
pub(super) fn page(evidence: &Evidence, language: Language) -> String {
    let mut html = Html::default();
    let say = Say { language };
    html.ours("<!doctype html>\n");
    html.ours(match language {
        Language::Indonesian => "<html lang=\"id\">\n",
        Language::English => "<html lang=\"en\">\n",
    });
    html.within("head", |html| {
        html.ours(HEAD);
        html.say("title", &say.with("title", &[("number", &evidence.order.number)]));
    });
    html.within("body", |html| {
        order(html, &say, evidence);
        for (place, attempt) in evidence.attempts.iter().enumerate() {
            code(html, &say, place + 1, attempt);
        }
        log(html, &say, &evidence.entries);
    });
    html.ours("</html>\n");
    html.finish()
}

fn order(html: &mut Html, say: &Say, evidence: &Evidence) {
    let order = &evidence.order;
    html.say("h1", &say.with("title", &[("number", &order.number)]));
    if evidence.environment != Environment::Production {
        let strip = |key: String| Words::table().say(say.language, &key, &[]);
        let name = evidence.environment.word();
        html.say("p.warn", &format!("{}: {}", strip(format!("strip.{name}")), strip(format!("strip.{name}_means"))));
    }
    html.say("p", &evidence.shop);
    let made = [("at", &*when(evidence.made_at)), ("version", evidence.version), ("till", &evidence.till)];
    html.say("p.soft", &say.with("made", &made));
    html.within("table", |html| {
        row(html, &say.key("state"), &say.named("state", &order.state));
        row(html, &say.key("amount"), &rupiah(order.amount));
        row(html, &say.key("store"), order.store.name());
        row(html, &say.key("ordered_at"), &when(order.ordered_at));
        for (key, text) in [("customer", &order.customer), ("note", &order.note)] {
            if let Some(text) = text {
                row(html, &say.key(key), text);
            }
        }
        for item in &order.items {
            row(html, &say.key("item"), &format!("{} × {}: {}", item.quantity, item.price, item.name));
        }
        if let Some(given) = &order.handed_over {
            row(html, &say.key("handed_over"), &format!("{}, {}", given.by, when(given.at)));
        }
        order.concerns.iter().for_each(|noticed| row(html, &say.key("noticed"), &concern(say, noticed)));
        row(html, &say.key("chain"), &chain(say, &evidence.chain, evidence.entries.len()));
    });
    html.say("p", &say.key("how"));
    html.say("p.soft", &say.key("left_out"));
    if let Some(seq) = evidence.no_answers_up_to {
        let since = evidence.answers_since.map_or_else(|| when(evidence.made_at), when);
        html.say("p", &say.with("kept_since", &[("seq", &seq.to_string()), ("at", &since)]));
    }
}

fn concern(say: &Say, noticed: &Noticed) -> String {
    let values: Vec<(&str, String)> = noticed.values.iter().map(|(gap, value)| (gap.as_str(), value.clone())).collect();
    let happened = Words::table().say(say.language, &format!("concern.{}", noticed.kind), &values);
    let done = match &noticed.seen {
        None => say.key("not_seen_to"),
        Some(seen) => say.with("seen_to", &[("deed", &word(&seen.deed)), ("by", &seen.by), ("at", &when(seen.at))]),
    };
    format!("{happened} ({}). {done}", when(noticed.at))
}

fn chain(say: &Say, chain: &Chain, entries: usize) -> String {
    let listed = |entries: &[i64]| entries.iter().map(|seq| format!("#{seq}")).collect::<Vec<_>>().join(", ");
    let missing: Vec<String> = chain.missing.iter().map(|(first, last)| format!("#{first}–#{last}")).collect();
    let verdict = match chain.verdict {
        Integrity::Unchecked => say.key("chain.unchecked"),
        Integrity::Whole => say.with("chain.whole", &[("count", &entries.to_string())]),
        Integrity::Unproven => say.key("chain.unproven"),
        Integrity::Doubtful => say.key("chain.doubtful"),
    };
    let mut said = vec![verdict];
    for (key, entries) in [
        ("chain.changed", listed(&chain.changed)),
        ("chain.missing", missing.join(", ")),
        ("chain.not_proven", listed(&chain.unproven)),
    ] {
        if !entries.is_empty() {
            said.push(say.with(key, &[("entries", &entries)]));
        }
    }
    said.extend(chain.restored.iter().map(|at| say.with("chain.restored", &[("at", &when(*at))])));
    said.join(" ")
}

fn code(html: &mut Html, say: &Say, place: usize, code: &Code) {
    html.say("h2", &say.with("code", &[("n", &place.to_string()), ("order_id", &code.order_id)]));
    html.within("table", |html| {
        row(html, &say.key("state"), &say.named("state", &code.state));
        row(html, &say.key("amount"), &rupiah(code.amount));
        row(html, &say.key("store"), code.store.name());
        let told = [("payment_code", &code.payment_code), ("transaction_id", &code.transaction_id)];
        for (key, text) in told {
            row(html, &say.key(key), text.as_deref().unwrap_or("-"));
        }
        row(html, &say.key("intended_at"), &when(code.intended_at));
        for (key, at) in [("paid_at", code.paid_at), ("confirmed_at", code.confirmed_at)] {
            row(html, &say.key(key), &at.map_or_else(|| "-".into(), when));
        }
    });
    html.say("h3", &say.key("request"));
    if code.request.is_empty() {
        html.say("p", &say.key("no_request"));
    } else {
        html.say("pre", &code.request);
        html.say("p.soft", &format!("SHA-256 {}", code.request_sha256));
    }
    if code.own_address {
        html.say("p", &say.key("own_address"));
    }
    html.say("h3", &say.key("answers"));
    if code.answers.is_empty() {
        html.say("p", &say.key("no_answers"));
    }
    code.answers.iter().for_each(|one| html.within("article", |html| answer(html, say, one)));
    html.say("h3", &say.key("notifications"));
    if code.notifications.is_empty() {
        html.say("p", &say.key("no_notifications"));
    }
    code.notifications.iter().for_each(|told| html.within("article", |html| notification(html, say, told)));
    if code.more_notifications > 0 {
        html.say("p", &say.with("more", &[("count", &code.more_notifications.to_string())]));
    }
}

fn answer(html: &mut Html, say: &Say, answer: &Answer) {
    html.within("p", |html| {
        html.say(
            "b",
            &format!(
                "{}: {}",
                say.named("evidence.asked", &answer.asked),
                say.named("evidence.outcome", &answer.outcome)
            ),
        );
        html.text(&say.with("span", &[("sent", &when(answer.sent_at)), ("heard", &when(answer.heard_at))]));
        if let Some(http) = answer.http {
            html.text(&format!(" · HTTP {http}"));
        }
        if let Some(told_at) = answer.told_at {
            html.text(&format!(" · {}", say.with("midtrans_clock", &[("at", &when(told_at))])));
        }
        repeated(html, say, answer.times, Some(answer.last_at));
        became(html, say, answer.led_to);
    });
    match &answer.body {
        None => html.say("p.soft", &say.key("only_counted")),
        Some(body) if body.is_empty() => {}
        Some(body) => html.say("pre", body),
    }
    if answer.shortened {
        html.say("p.soft", &say.with("shortened_of", &[("length", &answer.length.to_string())]));
    }
}

fn notification(html: &mut Html, say: &Say, told: &Told) {
    html.within("p", |html| {
        html.say(
            "b",
            &say.key(match told.signature {
                Signature::Genuine => "signature.genuine",
                Signature::Unverified => "signature.unverified",
                Signature::Forged => "signature.forged",
            }),
        );
        html.text(&say.with("received", &[("at", &when(told.received_at))]));
        if let Some(verified_at) = told.verified_at {
            html.text(&format!(" · {}", say.with("verified_at", &[("at", &when(verified_at))])));
        }
        if let Some(claims) = told.claims {
            html.text(&format!(" · {}", say.with("claims", &[("status", &word(&claims))])));
        }
        if let Some(fits) = told.fits {
            html.text(&format!(" · {}", say.key(if fits { "fits" } else { "fits_not" })));
        }
        repeated(html, say, told.times, None);
        became(html, say, told.led_to);
    });
    html.say("pre", &told.body);
    if told.shortened {
        html.say("p.soft", &say.key("shortened"));
    }
}

fn repeated(html: &mut Html, say: &Say, times: u32, last_at: Option<Stamp>) {
    match last_at {
        _ if times < 2 => {}
        Some(at) => {
            html.text(&format!(" · {}", say.with("times_last", &[("times", &times.to_string()), ("at", &when(at))])))
        }
        None => html.text(&format!(" · {}", say.with("times", &[("times", &times.to_string())]))),
    }
}

fn became(html: &mut Html, say: &Say, led_to: Option<i64>) {
    if let Some(seq) = led_to {
        html.text(&format!(" · {}", say.with("became", &[("seq", &seq.to_string())])));
    }
}

fn log(html: &mut Html, say: &Say, entries: &[Line]) {
    html.say("h2", &say.key("log"));
    html.within("table.seq", |html| {
        for entry in entries {
            html.within("tr", |html| {
                html.say("th", &format!("#{}", entry.seq));
                html.within("td", |html| {
                    let moment = &entry.moment;
                    html.say(
                        "p",
                        &Words::table().say(say.language, &format!("moment.{}", moment.kind), &moment.values),
                    );
                    let source = Words::table().say(say.language, &format!("source.{}", moment.source), &[]);
                    html.say("p.soft", &format!("{} · {source}", when(entry.at)));
                    if entry.answer_missing {
                        html.say("p.soft", &say.key("answer_missing"));
                    }
                    html.say("pre", &entry.event.to_string());
                });
            });
        }
    });
}

fn row(html: &mut Html, what: &str, is: &str) {
    html.within("tr", |html| {
        html.say("th", what);
        html.say("td", is);
    });
}

fn when(Stamp(at): Stamp) -> String {
    wib::exact(at)
}

/// The words of the page.
struct Say {
    language: Language,
}

impl Say {
    fn key(&self, key: &str) -> String {
        self.with(key, &[])
    }

    fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let values: Vec<(&str, String)> = values.iter().map(|(gap, value)| (*gap, (*value).to_owned())).collect();
        Words::table().say(self.language, &format!("evidence_page.{key}"), &values)
    }

    /// One of our words as people say it.
    fn named(&self, table: &str, one: &impl Serialize) -> String {
        Words::table().filled(self.language, table, &word(one))
    }
}
