use std::{fs, path::Path, time::Duration};

use counter::Problem;
use desk::Desk;
use ledger::{Query, Row};
use serde::Deserialize;
use serde_json::Value;
use till::{CASH_LIMIT_ALFAMART, Draft, DraftItem, From, Sale, Store};
use tokio::time::Instant;

use crate::{
    End,
    arguments::{Create, HandOver, List, OrderVerb, Reissue},
    evidence,
    output::{Output, end},
    whoever_is_logged_in,
};

/// So many rows are read at once.
pub(crate) const ROWS: u32 = 500;

/// Does what is to be done about orders, and waits so long at most for what becomes of a request.
pub(crate) async fn act(verb: OrderVerb, wait: Duration, desk: &Desk, output: &Output) -> Result<End, Problem> {
    desk.take_up().await.or_else(unless_keyless)?;
    match verb {
        OrderVerb::Create(new) => create(new, wait, desk, output).await,
        OrderVerb::Show(named) => show(&desk.counter.find(&named.order)?, desk, output),
        OrderVerb::Evidence(wanted) => evidence::act(wanted, desk, output).await,
        OrderVerb::Check(named) => told(desk, output, &desk.counter.check(&named.order).await?),
        OrderVerb::Cancel(named) => {
            let asked = desk.counter.cancel(&named.order, From::Geraictl).await?;
            settled(desk, output, asked, wait).await
        }
        OrderVerb::Expire(named) => {
            let asked = desk.counter.expire(&named.order, From::Geraictl).await?;
            settled(desk, output, asked, wait).await
        }
        OrderVerb::Reissue(Reissue { order, store }) => {
            let until = Instant::now() + wait;
            let sale = desk.counter.reissue(&order, store, From::Geraictl).await?;
            warn_of_cash(store, &sale, output);
            told(desk, output, &desk.counter.settle(sale.id, until).await?)
        }
        OrderVerb::HandOver(HandOver { order, by }) => {
            let by = by.unwrap_or_else(whoever_is_logged_in);
            told(desk, output, &desk.counter.hand_over(&order, &by, From::Geraictl)?)
        }
        OrderVerb::List(which) => list(&which, desk, output),
    }
}

/// Looks up every open order at once and prints each.
pub(crate) async fn sync(wait: Duration, desk: &Desk, output: &Output) -> Result<End, Problem> {
    if let Err(problem) = desk.receiver.catch_up().await {
        // Whatever the relay has, Midtrans knows better.
        output.problem_aside(&problem);
    }
    desk.take_up().await?;
    let mut worst = End::Done;
    for sale in desk.counter.sync(Instant::now() + wait).await? {
        output.order(&Row::of(&sale), desk.ledger().environment());
        if end(sale.state()) == End::Unknown {
            worst = End::Unknown;
        }
    }
    Ok(worst)
}

async fn create(new: Create, wait: Duration, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let until = Instant::now() + wait;
    let items = new.items.as_deref().map(read_items).transpose()?.unwrap_or_default();
    let draft = new.draft(items);
    let sale = desk.counter.charge(desk.counter.draw_sale_id(), &draft, From::Geraictl).await?;
    warn_of_cash(sale.order.store, &sale, output);
    let sale = desk.counter.settle(sale.id, until).await?;
    told(desk, output, &sale)
}

fn warn_of_cash(store: Store, sale: &Sale, output: &Output) {
    if store == Store::Alfamart && sale.order.amount.get() > CASH_LIMIT_ALFAMART {
        output.warning("alfamart_cash");
    }
}

async fn settled(desk: &Desk, output: &Output, asked: Sale, wait: Duration) -> Result<End, Problem> {
    let sale = desk.counter.settle(asked.id, Instant::now() + wait).await?;
    let unanswered =
        sale.attempt().is_some_and(|attempt| attempt.cancel_asked.is_some() || attempt.expire_asked.is_some());
    let end = told(desk, output, &sale)?;
    Ok(if unanswered { End::Unknown } else { end })
}

fn told(desk: &Desk, output: &Output, sale: &Sale) -> Result<End, Problem> {
    output.order(&Row::of(sale), desk.ledger().environment());
    if desk.counter.is_unsaved(sale.id) {
        // What stands in memory alone is gone when we are.
        output.warning("unsaved");
        return Ok(End::Unknown);
    }
    Ok(end(sale.state()))
}

fn show(sale: &Sale, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let ledger = desk.ledger();
    let mut notifications = Vec::new();
    for attempt in &sale.attempts {
        notifications.extend(ledger.notifications(attempt.order_id)?);
    }
    output.story(&Row::of(sale), ledger.environment(), &ledger.log(sale.id)?, &notifications);
    Ok(End::Done)
}

fn list(which: &List, desk: &Desk, output: &Output) -> Result<End, Problem> {
    let ledger = desk.ledger();
    let newest = Query::newest(ledger::List::All, ROWS, desk.counter.long_unknown());
    // Orders made while this list is being printed are newer, and no part of it.
    let mut query = Query { state: which.state, before: Some(desk.counter.now() + Duration::from_secs(1)), ..newest };
    loop {
        let rows = ledger.page(&query)?.rows;
        rows.iter().for_each(|row| output.order(row, ledger.environment()));
        if rows.len() < ROWS as usize {
            return Ok(End::Done);
        }
        query.offset += ROWS;
    }
}

/// Without the key a list can still be read.
pub(crate) fn unless_keyless(problem: Problem) -> Result<(), Problem> {
    match problem.code {
        "key_missing" | "no_secret_store" | "secret_store_locked" | "secret_store_slow" | "secret_store_failed" => {
            Ok(())
        }
        _ => Err(problem),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileItem {
    name: String,
    price: Value,
    #[serde(default)]
    quantity: Value,
}

impl Create {
    /// What is ordered, with these rows of items.
    pub fn draft(self, items: Vec<DraftItem>) -> Draft {
        Draft {
            amount: self.amount,
            store: self.store,
            items,
            customer: self.customer,
            phone: self.phone,
            email: self.email,
            note: self.note,
            expiry: self.expiry,
        }
    }
}

/// Reads the rows of a file of items, or says what is wrong with it.
pub fn items(file: &[u8]) -> Result<Vec<DraftItem>, String> {
    let rows: Vec<FileItem> = serde_json::from_slice(file).map_err(|error| error.to_string())?;
    let typed = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let row = |row: FileItem| DraftItem { name: row.name, price: typed(row.price), quantity: typed(row.quantity) };
    Ok(rows.into_iter().map(row).collect())
}

fn read_items(path: &Path) -> Result<Vec<DraftItem>, Problem> {
    let wrong =
        |detail: String| Problem::of("items_file").at("items").with("path", path.display()).with("detail", detail);
    let file = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    items(&file).map_err(wrong)
}
