//! What is written behind `geraictl`, one word on each line; after an empty line, the file of items.

use clap::Parser;
use geraictl::{Arguments, OrderVerb, Verb, items};
use till::{DraftItem, Order};

pub(crate) fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (words, file) = text.split_once("\n\n").map_or((&*text, None), |(words, file)| (words, Some(file)));
    let rows: Vec<DraftItem> = match file.map(|file| items(file.as_bytes())) {
        Some(Ok(rows)) => rows,
        Some(Err(_)) => return,
        None => vec![],
    };
    let words = ["geraictl"].into_iter().chain(words.lines());
    let Ok(Arguments { verb: Verb::Order(OrderVerb::Create(new)), .. }) = Arguments::try_parse_from(words) else {
        return;
    };
    let draft = new.draft(rows);
    for minutes_to_closing in [None, Some(0), Some(600), Some(1_439)] {
        match draft.check(minutes_to_closing) {
            Ok(order) => promises(&order),
            Err(fault) => assert!(fault.row.is_none_or(|row| (1..=draft.items.len()).contains(&row))),
        }
    }
}

/// What Midtrans and the store can rely on.
fn promises(order: &Order) {
    let amount = order.amount.get();
    assert!(order.store.limits().contains(&amount), "{amount} at {:?}", order.store);
    if !order.items.is_empty() {
        let sum: i64 = order.items.iter().map(|item| item.price * i64::from(item.quantity)).sum();
        assert_eq!(u64::try_from(sum), Ok(amount), "the rows add up to something else");
    }
    let names = order.items.iter().map(|item| &item.name);
    let texts = [&order.customer, &order.phone, &order.email, &order.note];
    for text in names.chain(texts.into_iter().flatten()) {
        assert!(!text.trim().is_empty() && !text.chars().any(char::is_control), "{text:?}");
    }
    assert!((15..=180 * 24 * 60).contains(&order.expiry_minutes), "{} minutes", order.expiry_minutes);
}
