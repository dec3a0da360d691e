//! Everything that was said about an order is in its evidence as it was said, and nothing that could be
//! used against the shop is.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod shop;

use std::collections::BTreeSet;

use counter::{
    Evidence, Language,
    evidence::{Integrity, Signature},
};
use ledger::{Facts, LogKey, MatterKind, Verdict};
use serde_json::{Value, json};
use shop::{KEY, Shop, code};
use till::{Asked, Deed, Draft, DraftItem, From, Report, Sale, State, Store};

const LANGUAGES: [Language; 2] = [Language::Indonesian, Language::English];

impl Shop {
    fn evidence(&self, sale: &Sale) -> Evidence {
        self.counter.evidence(sale.id.as_str(), None).unwrap()
    }

    /// The same with what the chain says now.
    fn sealed_evidence(&self, sale: &Sale) -> Evidence {
        let verdict = self.ledger().verify(None).unwrap();
        self.counter.evidence(sale.id.as_str(), verdict.as_ref()).unwrap()
    }

    fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.ledger().folder().join("gerai.db")).unwrap()
    }

    async fn history(&self) -> Vec<Value> {
        self.control("notifications", Value::Null).await["notifications"].as_array().unwrap().clone()
    }
}

/// The evidence in every form in which it leaves the program.
fn forms(evidence: &Evidence) -> [String; 3] {
    let [id, en] = LANGUAGES.map(|language| evidence.to_html(language));
    [id, en, evidence.to_json().to_string()]
}

#[tokio::test]
async fn everything_that_was_said_is_there_as_it_was_said() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(&relay.notification_url).await;
    let sale = shop.charge(Store::Indomaret).await;
    shop.happens("pay", &sale).await;
    shop.told().await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.counter.check(sale.id.as_str()).await.unwrap();
    let sale = shop.counter.hand_over(sale.id.as_str(), "Sari", From::Cashier).unwrap();

    let evidence = shop.evidence(&sale);
    let [attempt] = &evidence.attempts[..] else { panic!("one code") };
    assert_eq!(attempt.request, shop.charges().await[0], "the request, byte for byte");
    assert_eq!(attempt.payment_code.as_deref(), Some(code(&sale).as_str()));
    let asked: Vec<_> = attempt.answers.iter().map(|answer| (answer.asked, answer.times)).collect();
    assert_eq!(asked, [(Asked::Charge, 1), (Asked::LookUp, 2)], "the same answer twice is one that came twice");
    let kept = shop.ledger().exchanges(sale.attempts[0].order_id).unwrap();
    for (shown, kept) in attempt.answers.iter().zip(&kept) {
        let received = String::from_utf8(kept.body.clone().unwrap()).unwrap();
        let signature = serde_json::from_str::<Value>(&received).unwrap()["signature_key"].clone();
        let unsigned = signature.as_str().map_or(received.clone(), |signed| received.replace(signed, "(left out)"));
        assert_eq!(shown.body.as_deref(), Some(unsigned.as_str()), "byte for byte, but for the signature");
        assert_eq!((shown.http, shown.length, shown.shortened), (Some(200), kept.length, false));
        assert!(shown.told_at.is_some() && shown.sent_at.0 <= shown.heard_at.0);
        let entry = evidence.entries.iter().find(|entry| Some(entry.seq) == shown.led_to).unwrap();
        assert_eq!((entry.event["kind"].as_str(), entry.from), (Some("reported"), From::Midtrans));
        assert!(!entry.answer_missing);
    }
    let [pending, paid] = &attempt.notifications[..] else { panic!("two: {:?}", attempt.notifications) };
    assert_eq!((pending.claims, paid.claims), (Some(Report::Pending), Some(Report::Settlement)));
    for told in [pending, paid] {
        assert_eq!((told.signature, told.fits, told.times), (Signature::Genuine, Some(true), 1));
        assert!(told.verified_at.is_some() && told.led_to.is_some() && !told.shortened);
        let body: Value = serde_json::from_str(&told.body).unwrap();
        assert_eq!((&body["order_id"], &body["signature_key"]), (&json!(attempt.order_id), &json!("(left out)")));
    }
    assert_eq!(evidence.entries.len(), shop.ledger().log(sale.id).unwrap().len());
    assert_eq!(evidence.order.handed_over.as_ref().unwrap().by, "Sari");
    assert_eq!(evidence.chain.verdict, Integrity::Unchecked, "nobody has compared anything");

    for (language, page) in LANGUAGES.into_iter().zip(forms(&evidence)) {
        let text = text_of(&page);
        for piece in [&attempt.request, attempt.answers[1].body.as_ref().unwrap(), &paid.body, &attempt.request_sha256]
        {
            assert!(text.contains(piece.as_str()), "{language:?} lacks {piece}");
        }
        assert!(text.contains(&attempt.order_id) && text.contains("Rp 44.000"));
        for key in ["evidence", "moment.", "source.", "concern.", "state.", "deed.", "{number}", "{at}"] {
            assert!(!text.contains(&format!(" {key}.")) && !text.contains(&format!("{key}_page.")), "{key}: {text}");
        }
    }
}

#[tokio::test]
async fn an_order_with_two_codes_shows_what_was_said_about_each_and_what_was_done() {
    let shop = Shop::open().await;
    let sale = shop.charge(Store::Alfamart).await;
    let old = sale.attempts[0].order_id;
    let sale = shop.counter.reissue(sale.id.as_str(), Store::Indomaret, From::Cashier).await.unwrap();
    shop.happens_with("pay", &sale, json!({ "order_id": old.as_str(), "after_closing": true })).await;
    let sale = shop.counter.check(old.as_str()).await.unwrap();
    let sale = shop.counter.find(sale.id.as_str()).unwrap();
    let evidence = shop.evidence(&sale);
    let stores: Vec<_> = evidence.attempts.iter().map(|attempt| attempt.store).collect();
    assert_eq!(stores, [Store::Alfamart, Store::Indomaret]);
    for attempt in &evidence.attempts {
        assert!(attempt.request.contains(&attempt.order_id));
        for body in attempt.answers.iter().filter_map(|answer| answer.body.as_ref()) {
            assert!(body.contains(&attempt.order_id) || body.contains("404"), "{body}");
        }
    }
    let open = shop.counter.concerns_of(sale.id.as_str()).unwrap();
    assert_eq!(evidence.order.concerns.len(), open.len());
    for concern in &open {
        shop.counter.see_to(&concern.name.to_string(), Deed::Returned, "Bu Ratna", From::Cashier).unwrap();
    }
    let evidence = shop.evidence(&sale);
    let by: BTreeSet<_> =
        evidence.order.concerns.iter().filter_map(|it| it.seen.as_ref()).map(|seen| seen.by.as_str()).collect();
    assert_eq!(by, BTreeSet::from(["Bu Ratna"]));
    let [id, en, _] = forms(&evidence).map(|page| text_of(&page));
    assert!(id.contains("Sudah dibereskan: uang dikembalikan tunai, oleh Bu Ratna"), "{id}");
    assert!(en.contains("Seen to: money given back in cash, by Bu Ratna"), "{en}");
}

#[tokio::test]
async fn no_key_no_signature_no_address_and_no_phone_number_is_in_it_whoever_put_them_where() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    let address = relay.notification_url.clone();
    let path = address.rsplit('/').next().unwrap().to_owned();
    shop.notify(&address).await;
    let mut header = String::from("Basic ");
    header.push_str(&base64(format!("{KEY}:").as_bytes()));
    // Somebody on the way shows us our own request, and somebody at the desk pastes what should be elsewhere.
    let shown = format!("<html>Authorization: {header}\nkey {KEY}\nX-Override-Notification: {address}\n</html>");
    let draft = Draft {
        amount: "44000".into(),
        phone: "081234567890".into(),
        customer: "Sari".into(),
        note: path.clone(),
        items: vec![DraftItem { name: KEY.into(), price: "44000".into(), quantity: "1".into() }],
        ..Draft::empty(Store::Indomaret)
    };
    let sale = shop.counter.charge(shop.counter.draw_sale_id(), &draft, From::Cashier).await.unwrap();
    shop.fault("status", "wrong", 1, json!({ "body": shown })).await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    shop.happens("pay", &sale).await;
    shop.told().await;
    shop.counter.check(sale.id.as_str()).await.unwrap();
    let order_id = sale.attempts[0].order_id;
    for forgery in [
        json!({ "order_id": order_id.as_str(), "signature": "wrong" }),
        json!({ "raw": format!("{order_id} {KEY} {header} {address}") }),
        json!({ "order_id": order_id.as_str(), "signature": "right", "fields": { "status_message": address, "merchant_id": KEY } }),
    ] {
        shop.control("forge", forgery).await;
    }
    shop.told().await;
    shop.counter.hand_over(sale.id.as_str(), KEY, From::Cashier).unwrap();

    let evidence = shop.evidence(&sale);
    assert!(
        evidence.attempts[0].notifications.len() >= 5,
        "they are all there: {:?}",
        evidence.attempts[0].notifications
    );
    let mut canaries =
        vec![KEY.to_owned(), header.trim_start_matches("Basic ").into(), path, address, "81234567890".into()];
    for sent in shop.history().await {
        let body: Value = serde_json::from_str(sent["body"].as_str().unwrap_or_default()).unwrap_or_default();
        canaries.extend(body["signature_key"].as_str().map(str::to_owned));
    }
    assert!(canaries.len() > 7, "signatures were seen");
    let raw = std::fs::read(shop.ledger().folder().join("gerai.db")).unwrap();
    let wal = std::fs::read(shop.ledger().folder().join("gerai.db-wal")).unwrap_or_default();
    let written =
        |canary: &str| [&raw, &wal].iter().any(|file| file.windows(canary.len()).any(|at| at == canary.as_bytes()));
    let kept = canaries.iter().filter(|canary| written(canary)).count();
    assert!(kept > 4, "the test would see nothing if none of it were in the ledger: {kept}");
    for form in forms(&evidence) {
        for canary in &canaries {
            assert!(
                !form.contains(canary.as_str()) && !text_of(&form).contains(canary.as_str()),
                "{canary} is in {form}"
            );
            assert!(!form.to_lowercase().contains(&canary.to_lowercase()), "{canary}, shouted");
        }
    }
}

#[tokio::test]
async fn what_a_stranger_sent_is_called_what_it_is_and_cannot_flood_the_page() {
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(&relay.notification_url).await;
    let sale = shop.charge(Store::Alfamart).await;
    let order_id = sale.attempts[0].order_id;
    for n in 0..120 {
        let fields =
            json!({ "transaction_status": "settlement", "status_code": "200", "n": n, "filler": "x".repeat(5_000) });
        shop.control("forge", json!({ "order_id": order_id.as_str(), "fields": fields, "signature": "wrong" })).await;
    }
    shop.told().await;
    let evidence = shop.evidence(&sale);
    let attempt = &evidence.attempts[0];
    let forged = attempt.notifications.iter().filter(|told| told.signature == Signature::Forged);
    assert_eq!((forged.clone().count(), attempt.more_notifications), (100, 20));
    assert!(forged.clone().all(|told| told.shortened && told.led_to.is_none() && told.fits.is_none()));
    assert_eq!(attempt.state, State::Pending);
    let [page, ..] = forms(&evidence);
    assert!(text_of(&page).contains("BUKAN dari Midtrans") && page.len() < 1 << 20, "{} bytes", page.len());
    assert!(text_of(&page).contains("Masih ada 20 pesan lain"));
}

#[tokio::test]
async fn whatever_anybody_wrote_is_text_on_the_page_and_nothing_else() {
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "</pre></table></body><iframe src=javascript:alert(1)>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "&lt;script&gt;",
        "&#60;script&#62;",
        "javascript:alert(1)",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "{{7*7}}${7*7}{by}{deed}{number}",
        "<a href=\"data:text/html,<script>1</script>\">",
        "<meta http-equiv=refresh content=0;url=//x>",
        "<base href=//x>",
        "<link rel=stylesheet href=//x>",
        "<form action=//x><input>",
        "\u{202e}gnp.exe",
        "<\u{0}script>",
        "＜script＞",
    ];
    let shop = Shop::open().await;
    let relay = shop.relay().await;
    shop.notify(&relay.notification_url).await;
    for (n, attack) in hostile.iter().enumerate() {
        // Past the checks of what is typed, in case they ever let one through.
        let sale = shop.charge(Store::Alfamart).await;
        let order_id = sale.attempts[0].order_id;
        let echo = json!({
            "status_code": "201", "transaction_id": attack, "order_id": order_id.as_str(), "gross_amount": "44000.00",
            "payment_type": "cstore", "transaction_status": "pending", "store": "alfamart", "payment_code": attack,
            "status_message": attack,
        });
        shop.fault(
            "status",
            "wrong",
            1,
            json!({ "body": if n % 2 == 0 { echo.to_string() } else { (*attack).into() } }),
        )
        .await;
        shop.counter.check(sale.id.as_str()).await.unwrap();
        shop.control("forge", json!({ "raw": format!("{order_id}{attack}") })).await;
        let signed = json!({ "order_id": order_id.as_str(), "signature": "right", "fields": { "note": attack } });
        shop.control("forge", signed).await;
        shop.told().await;
        let raw = shop.raw();
        raw.execute_batch("DROP TRIGGER IF EXISTS log_is_never_edited").unwrap();
        let ordered = "UPDATE log SET event = json_set(event, '$.order.customer', ?2, '$.order.note', ?2,
                       '$.order.items', json_array(json_object('name', ?2, 'price', 44000, 'quantity', 1)))
                       WHERE sale = ?1 AND json_extract(event, '$.kind') = 'ordered'";
        assert_eq!(raw.execute(ordered, [sale.id.as_str(), attack]).unwrap(), 1);
        let intended = "UPDATE log SET event = json_set(event, '$.request', ?2)
                        WHERE sale = ?1 AND json_extract(event, '$.kind') = 'intended'";
        assert_eq!(raw.execute(intended, [sale.id.as_str(), attack]).unwrap(), 1);
        let settings = ledger::Settings { shop_name: (*attack).into(), ..shop.ledger().settings().unwrap() };
        shop.ledger().set(&settings).unwrap();
        let concerns = shop.counter.concerns_of(sale.id.as_str()).unwrap().into_iter();
        for concern in concerns.filter(|concern| !concern.ends_by_itself) {
            let by = attack.chars().filter(|c| !c.is_control()).take(60).collect::<String>();
            shop.counter.see_to(&concern.name.to_string(), Deed::Nothing, &by, From::Cashier).unwrap();
        }
        let evidence = shop.evidence(&sale);
        let mut shown = 0;
        for (language, page) in LANGUAGES.into_iter().zip(forms(&evidence)) {
            assert_eq!(strange_tags(&page), [] as [&str; 0], "{attack} in {language:?}");
            let printable = attack.replace('\u{202e}', "[U+202E]").replace('\0', "[U+0000]");
            shown += text_of(&page).matches(&printable).count();
            assert!(!page.contains('\u{202e}') && !page.contains('\0'));
        }
        assert!(shown >= 12, "{attack} is shown as it is: {shown}");
        let json: Value = serde_json::from_str(&evidence.to_json().to_string()).unwrap();
        assert_eq!(json["order"]["customer"], **attack, "programs get what is there");
    }
}

#[tokio::test]
async fn the_chains_word_about_an_order_is_about_that_order() {
    let shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let mut sales = Vec::new();
    for _ in 0..4 {
        sales.push(shop.charge(Store::Alfamart).await);
    }
    for sale in &sales {
        assert_eq!(shop.sealed_evidence(sale).chain.verdict, Integrity::Whole);
    }
    let seqs =
        |sale: &Sale| -> Vec<i64> { shop.ledger().log(sale.id).unwrap().iter().map(|entry| entry.seq).collect() };
    let (second, third) = (seqs(&sales[1]), seqs(&sales[2]));
    let raw = shop.raw();
    raw.execute_batch("DROP TRIGGER log_is_never_edited; DROP TRIGGER log_is_never_cut").unwrap();
    raw.execute("UPDATE log SET event = replace(event, '\"pending\"', '\"settlement\"') WHERE seq = ?1", [second[2]])
        .unwrap();
    let verdicts = || sales.iter().map(|sale| shop.sealed_evidence(sale).chain).collect::<Vec<_>>();
    let [first, touched, other, last] = <[_; 4]>::try_from(verdicts()).unwrap();
    assert_eq!((touched.verdict, &touched.changed, touched.missing.len()), (Integrity::Doubtful, &vec![second[2]], 0));
    for chain in [&first, &other, &last] {
        assert_eq!(chain.verdict, Integrity::Whole, "an order nobody touched is none the worse: {chain:?}");
    }
    let [id, en, json] = forms(&shop.sealed_evidence(&sales[1]));
    assert!(text_of(&id).contains(&format!("Diubah: #{}.", second[2])) && text_of(&en).contains("NOT TO BE TRUSTED"));
    assert!(json.contains(&format!("\"changed\":[{}]", second[2])), "{json}");

    // One is taken out, seal and all: whose it was nobody can say, but not of an order that came later.
    raw.execute("DELETE FROM log WHERE seq = ?1", [third[2]]).unwrap();
    raw.execute("DELETE FROM chain WHERE seq = ?1", [third[2]]).unwrap();
    let [first, _, gone, last] = <[_; 4]>::try_from(verdicts()).unwrap();
    assert_eq!((first.verdict, &first.missing), (Integrity::Doubtful, &vec![(third[2], third[2])]));
    assert_eq!((gone.verdict, gone.changed.len(), &gone.missing), (Integrity::Doubtful, 0, &first.missing));
    assert_eq!(last.verdict, Integrity::Whole);
}

#[tokio::test]
async fn what_was_written_without_the_key_or_after_the_check_is_not_called_proven() {
    let mut shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let sealed = shop.charge(Store::Alfamart).await;
    shop.restart();
    let bare = shop.charge(Store::Alfamart).await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    assert_eq!(shop.sealed_evidence(&sealed).chain.verdict, Integrity::Whole);
    let chain = shop.sealed_evidence(&bare).chain;
    assert_eq!((chain.verdict, chain.unproven.len()), (Integrity::Unproven, 3), "sealed later, by whoever wrote them");

    let before: Verdict = shop.ledger().verify(None).unwrap().unwrap();
    shop.happens("pay", &sealed).await;
    shop.counter.check(sealed.id.as_str()).await.unwrap();
    let chain = shop.counter.evidence(sealed.id.as_str(), Some(&before)).unwrap().chain;
    assert_eq!((chain.verdict, chain.unproven.len()), (Integrity::Unproven, 1), "that verdict knows nothing of it");
    assert_eq!(shop.sealed_evidence(&sealed).chain.verdict, Integrity::Whole);

    // The key is lost: nothing speaks against what it sealed, and nothing proves it.
    shop.restart();
    shop.ledger().arm(LogKey::new([8; 32]), shop.counter.now()).unwrap();
    let chain = shop.sealed_evidence(&sealed).chain;
    assert_eq!((chain.verdict, chain.unproven.len()), (Integrity::Unproven, 4));
}

#[tokio::test]
async fn an_end_that_was_cut_off_and_found_once_is_not_forgotten_when_the_log_goes_on() {
    let shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let sale = shop.charge(Store::Alfamart).await;
    let head = shop.ledger().chain_head().unwrap();
    let raw = shop.raw();
    raw.execute_batch(
        "DROP TRIGGER log_is_never_cut; DELETE FROM log WHERE seq = 3; DELETE FROM chain WHERE seq = 3;
         UPDATE sqlite_sequence SET seq = 2 WHERE name = 'log'",
    )
    .unwrap();
    shop.ledger().check_up(head, shop.counter.now()).unwrap();
    let later = shop.charge(Store::Alfamart).await;
    assert!(shop.ledger().verify(None).unwrap().unwrap().is_fine(), "the log alone shows nothing any more");
    let chain = shop.sealed_evidence(&sale).chain;
    assert_eq!((chain.verdict, chain.missing), (Integrity::Doubtful, vec![(3, 3)]));
    for concern in shop.counter.concerns().unwrap() {
        shop.counter.see_to(&concern.name.to_string(), Deed::Nothing, "Sari", From::Cashier).unwrap();
    }
    assert_eq!(shop.sealed_evidence(&sale).chain.verdict, Integrity::Doubtful, "nor when somebody has seen to it");
    assert_eq!(shop.sealed_evidence(&later).chain.verdict, Integrity::Whole);
    assert_eq!(shop.evidence(&later).chain.verdict, Integrity::Unchecked);
}

#[tokio::test]
async fn a_log_that_was_made_anew_is_not_called_whole_for_orders_from_before() {
    let shop = Shop::open().await;
    shop.ledger().arm(LogKey::new([7; 32]), shop.counter.now()).unwrap();
    let before = shop.charge(Store::Alfamart).await;
    let upto = shop.ledger().head().unwrap().to_string();
    let facts = Facts::from([("upto".into(), upto)]);
    shop.ledger().raise(MatterKind::Restored, "set-aside-1", &facts, shop.counter.now()).unwrap();
    let after = shop.charge(Store::Alfamart).await;
    let evidence = shop.sealed_evidence(&before);
    assert_eq!((evidence.chain.verdict, evidence.chain.restored.len()), (Integrity::Unproven, 1));
    assert!(text_of(&forms(&evidence)[1]).contains("The order book was made anew from a copy on "));
    let chain = shop.sealed_evidence(&after).chain;
    assert_eq!((chain.verdict, chain.restored.len()), (Integrity::Whole, 0));
}

#[tokio::test]
async fn what_an_older_gerai_did_not_keep_is_said_to_be_missing() {
    let shop = Shop::open().await;
    let (old, new) = (shop.charge(Store::Alfamart).await, shop.charge(Store::Alfamart).await);
    assert!(shop.evidence(&old).entries.iter().all(|entry| !entry.answer_missing));
    let raw = shop.raw();
    raw.execute("DELETE FROM exchanges WHERE order_id = ?1", [old.attempts[0].order_id.as_str()]).unwrap();
    shop.ledger().keep("exchanges_begin_after", "3").unwrap();
    let evidence = shop.evidence(&old);
    assert_eq!((evidence.no_answers_up_to, evidence.answers_since.is_some()), (Some(3), true));
    let missing: Vec<_> = evidence.entries.iter().filter(|entry| entry.answer_missing).map(|entry| entry.seq).collect();
    assert_eq!(missing, [3]);
    let [id, en, _] = forms(&evidence).map(|page| text_of(&page));
    assert!(id.contains("Jawaban aslinya tidak tersimpan.") && en.contains("No answer was kept."));
    assert!(en.contains("Answers for entries up to #3 were not kept, because an older Gerai wrote them."));
    let evidence = shop.evidence(&new);
    assert_eq!((evidence.no_answers_up_to, evidence.answers_since), (None, None), "all of it is there");
}

/// The tags of a page that are not exactly ours.
fn strange_tags(page: &str) -> Vec<&str> {
    let names = [
        "html", "head", "title", "body", "h1", "h2", "h3", "p", "table", "tr", "th", "td", "pre", "b", "article",
        "style",
    ];
    let ours = |tag: &str| {
        let plain = tag.trim_start_matches('/');
        let (name, more) = plain.split_once(' ').unwrap_or((plain, ""));
        let classes = ["", "class=\"soft\"", "class=\"warn\"", "class=\"seq\"", "lang=\"id\"", "lang=\"en\""];
        names.contains(&name) && classes.contains(&more) || page_head().contains(&tag)
    };
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).filter(|tag| !ours(tag)).collect()
}

/// What stands in the head of every page.
fn page_head() -> [&'static str; 4] {
    [
        "!doctype html",
        "meta charset=\"utf-8\"",
        "meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"",
        "meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"",
    ]
}

/// What a person reads on the page.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut pieces = page.split('<');
    text.push_str(pieces.next().unwrap());
    for piece in pieces {
        text.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, plain)| text.replace(entity, plain))
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0_usize, |bits, at| bits << 8 | usize::from(*chunk.get(at).unwrap_or(&0)));
        let sign = |at: usize| if at <= chunk.len() { char::from(SIGNS[bits >> (18 - 6 * at) & 63]) } else { '=' };
        (0..4).map(sign).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}
