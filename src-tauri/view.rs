//! What the window sees. Every type that crosses into it is here, and nowhere else; `cargo test`
//! writes them to `ui/src/bindings/view.ts`.

mod made;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::problem::Problem;
/// What the owner has set about paper is the same on both sides, down to the names of its fields.
pub use ledger::{Logo, PaperSettings, PrinterSetting, Printing};

/// The same words as the domain has, in a type of the window's own.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($word:ident),* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
        #[allow(missing_docs, reason = "the words are the domain's")]
        pub enum $name { $($word),* }

        impl From<$domain> for $name {
            fn from(domain: $domain) -> Self {
                match domain { $(<$domain>::$word => Self::$word),* }
            }
        }

        impl From<$name> for $domain {
            fn from(view: $name) -> Self {
                match view { $($name::$word => Self::$word),* }
            }
        }
    };
}

words! {
    /// Which Midtrans the shop talks to.
    Environment = till::Environment { Training, Sandbox, Production }
}
words! {
    /// A chain of stores.
    Store = till::Store { Alfamart, Indomaret }
}
words! {
    /// Where an order stands.
    State = till::State {
        Intent, Unknown, Pending, Confirming, Paid, PaidLate, Reversed, Expired, Cancelled, Denied, Refused, Abandoned
    }
}
words! {
    /// A list as the window has it.
    ListName = ledger::List { Pending, Paid, Attention, Closed, All }
}
words! {
    /// What a trainer can make happen.
    Deed = desk::training::Deed { Pay, Reverse, Expire }
}

words! {
    /// Whether the entries of an order are as they were written.
    Integrity = counter::evidence::Integrity { Unchecked, Whole, Unproven, Doubtful }
}
words! {
    /// Whether Midtrans signed a message.
    Signature = counter::evidence::Signature { Genuine, Unverified, Forged }
}
words! {
    /// Whether the log is as it was written.
    Sealing = ledger::Sealing { Whole, Changed, Unsealed, Unknown }
}
words! {
    /// What was done about a concern.
    Remedy = till::Deed { Returned, ChargedAgain, Delivered, Nothing }
}
words! {
    /// Whether a new code may be made for an order: now, once an earlier one is known to be closed, or not.
    Reissue = till::Reissue { Now, OnceClosed, Paid, Never }
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub enum Language {
    /// Indonesian.
    #[default]
    Id,
    /// English.
    En,
}

/// Light, dark, or whatever the desktop has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[allow(missing_docs, reason = "the words say it")]
pub enum Look {
    #[default]
    System,
    Light,
    Dark,
}

/// Whether notifications can arrive here now: not, into this window, into a relay of its own, through a
/// hosted one, or not because that one is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[allow(missing_docs, reason = "the words say it")]
pub enum RelayState {
    Off,
    Running,
    Elsewhere,
    Hosted,
    HostedAway,
}

/// What stands in the way of notifications. The sentence with its remedy stands in texts.json under
/// `banner.<kind>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub enum AlarmKind {
    /// They do not arrive, though a relay is running.
    Deaf,
    /// The relay that was running is not running any more.
    RelayStopped,
    /// The hosted relay is away, or does not answer as one.
    RelayAway,
}

words! {
    /// What a paper is.
    PaperKind = ledger::PaperKind { Slip, Receipt, Report, Test }
}
words! {
    /// What became of a paper.
    PaperState = ledger::PaperState { Queued, GoingOut, HandedOver, Confirmed, Failed, Unknown }
}
words! {
    /// How much room the disk has left: enough, little, or so little that no new code is made.
    Room = counter::Room { Plenty, Low, Full }
}

/// Derives what everything the window sees has.
macro_rules! seen {
    ($($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "view.ts"))]
        #[allow(missing_docs, reason = "a field without a note says what it is")]
        pub struct $name { $($(#[$note])* pub $field: $type),* }
    )*};
}

mod order_papers;

pub use order_papers::{FileForm, NextPaper, OrderPapers, Preview};

seen! {
    /// What the window needs before it paints.
    Start {
        version: String,
        language: Language,
        look: Look,
        /// null: nothing was ever opened, show Welcome.
        shop: Option<Shop>,
        /// Why the shop that was last used could not be opened.
        problem: Option<Problem>,
        draft: Option<Draft>,
    }

    /// The opened shop.
    Shop { environment: Environment, name: String, till: String }

    /// The order being made, as typed: nothing is lost, Rust decides what is right.
    Draft {
        /// Twelve characters (0-9 and a-z without i, l, o, u), drawn when the draft is begun: the same draft never becomes two sales.
        id: String,
        amount: String,
        store: Store,
        items: Vec<DraftItem>,
        customer: String,
        phone: String,
        email: String,
        note: String,
        /// "2h", "45m", "3d" or "closing".
        expiry: String,
    }

    /// One row of items, as typed.
    DraftItem { name: String, price: String, quantity: String }

    /// One line of a list. Money is whole rupiah; times are RFC 3339, UTC.
    OrderRow {
        id: String,
        number: String,
        store: Store,
        #[cfg_attr(test, ts(type = "number"))]
        amount: u64,
        customer: Option<String>,
        phone: Option<String>,
        note: Option<String>,
        state: State,
        payment_code: Option<String>,
        created_at: String,
        expires_at: Option<String>,
        paid_at: Option<String>,
        /// Indomaret may still reverse until then.
        hold_until: Option<String>,
        handed_over_at: Option<String>,
        /// A code of texts.json under `order_problem.<code>`.
        problem: Option<String>,
        /// It belongs in the owner's list "needs attention".
        attention: bool,
    }

    /// What may be done with an order now.
    Can { check: bool, cancel: bool, hand_over: bool, reissue: Reissue }

    /// One payment code of an order, or the try to get one.
    Code {
        order_id: String,
        store: Store,
        state: State,
        payment_code: Option<String>,
        made_at: String,
        closed_at: Option<String>,
        paid_at: Option<String>,
    }

    /// The left side after a charge.
    CodeCard {
        order: OrderRow,
        /// The payment code in groups of four; empty while there is none.
        groups: Vec<String>,
        /// Rows of the QR, "1" is dark. It holds plain text for the customer's phone.
        qr: Option<Vec<String>>,
        /// Code 39 as widths in modules, bar first, then space, and so on; null where a store must not scan it.
        barcode: Option<Vec<u8>>,
        /// The name the store's till will ask for.
        merchant: String,
        /// All codes of this order, oldest first.
        codes: Vec<Code>,
        /// The disk would not take the code down yet: it stands on this screen and nowhere else.
        unsaved: bool,
        can: Can,
    }

    /// Everything known of one order.
    OrderView {
        order: OrderRow,
        environment: Environment,
        email: Option<String>,
        items: Vec<Item>,
        order_id: Option<String>,
        handed_over_by: Option<String>,
        /// All its codes, oldest first.
        codes: Vec<Code>,
        /// What the owner still has to look at.
        concerns: Vec<Concern>,
        can: Can,
        timeline: Vec<Moment>,
    }

    /// One row of what was bought.
    Item {
        name: String,
        #[cfg_attr(test, ts(type = "number"))]
        price: i64,
        quantity: u32,
    }

    /// One line of the timeline: `kind` and `source` are codes of texts.json under `moment.<kind>` and `source.<source>`.
    Moment {
        at: String,
        kind: String,
        source: String,
        /// Which of the order's codes it is about, counted from one; null when it is about the order.
        code: Option<u32>,
        values: BTreeMap<String, String>,
    }

    /// What the owner has to look at, newest first, and what was seen to lately.
    Attention { open: Vec<Concern>, seen: Vec<Concern> }

    /// Something the owner has to look at: `kind` is a code of texts.json under `concern.<kind>` and `concern.<kind>.next`.
    Concern {
        /// Its name when it is seen to.
        id: String,
        kind: String,
        at: String,
        order: Option<OrderRow>,
        /// How many rupiah it is about, where it is about money.
        #[cfg_attr(test, ts(type = "number | null"))]
        amount: Option<u64>,
        /// What goes into the gaps of both sentences.
        values: BTreeMap<String, String>,
        /// Who said so, a code of texts.json under `source.<source>`; null where nobody of them did.
        source: Option<String>,
        /// So many answers of Midtrans and genuine notifications about it are kept.
        #[cfg_attr(test, ts(type = "number"))]
        answers: u64,
        #[cfg_attr(test, ts(type = "number"))]
        notifications: u64,
        /// Nobody can put it aside.
        ends_by_itself: bool,
        /// null: it is still open.
        seen: Option<Seen>,
    }

    /// Somebody has seen to a concern.
    Seen { at: String, by: String, remedy: Remedy }

    /// Everything that was said about an order, as it was said.
    Evidence {
        order: OrderRow,
        environment: Environment,
        codes: Vec<Code>,
        integrity: Integrity,
        /// So many entries of the log are about it.
        #[cfg_attr(test, ts(type = "number"))]
        entries: u64,
        /// Answers before this moment were not kept; null where all were.
        kept_since: Option<String>,
        pieces: Vec<Piece>,
        /// Further messages that are not listed.
        #[cfg_attr(test, ts(type = "number"))]
        more: u64,
    }

    /// One thing that was said about an order: by us to Midtrans and back, or by a notification.
    Piece {
        at: String,
        /// A code of texts.json under `evidence.asked.<asked>`; null for a notification, which nobody asked for.
        asked: Option<String>,
        /// A code of texts.json under `evidence.outcome.<outcome>`; null where there is none.
        outcome: Option<String>,
        /// Which of the order's codes it is about, counted from one.
        code: u32,
        http: Option<u16>,
        /// The same was said so often in a row.
        times: u32,
        last_at: String,
        /// What Midtrans' clock showed.
        told_at: Option<String>,
        /// null where nothing is signed.
        signature: Option<Signature>,
        /// Whether a notification agrees with itself and with the order.
        fits: Option<bool>,
        request: Option<String>,
        /// That request named an address of its own for notifications, which is not shown.
        own_address: bool,
        body: Option<String>,
        /// Only the beginning of the body is here.
        shortened: bool,
    }

    /// A day at the counter, as it stands or as it was closed.
    Day {
        /// The WIB day, YYYY-MM-DD.
        day: String,
        takings: Vec<Taking>,
        total: Sum,
        /// How much of that was paid before this day and told in no earlier report.
        late: Sum,
        /// Payments that Midtrans confirmed once more, and those it did not.
        #[cfg_attr(test, ts(type = "number"))]
        confirmed: u64,
        unconfirmed: Vec<Unconfirmed>,
        /// Midtrans has answered how every open order stands.
        looked_up: bool,
        /// Codes that wait to be paid, and orders whose outcome is not clear.
        waiting: Sum,
        unclear: Sum,
        /// Paid, and the goods are still in the shop.
        not_handed_over: Sum,
        #[cfg_attr(test, ts(type = "number"))]
        attention: u64,
        seal: Sealing,
        /// null: it is not closed.
        closing: Option<Closing>,
        /// The latest paper of the report.
        paper: Option<Paper>,
        /// Where the next one is printed; null: the shop has no printer.
        printer: Option<String>,
    }

    /// Somebody closed the day.
    Closing { number: u32, day: String, at: String, by: String, total: Sum }

    /// What was paid at one chain of stores.
    Taking { store: Store, sum: Sum }

    /// A payment that was not confirmed at the closing; `why` is a code of texts.json under `unconfirmed.<why>`.
    Unconfirmed { order: OrderRow, why: String }

    /// Copies of the order book, newest first.
    Copies { folder: String, copies: Vec<Copy> }

    /// A copy of the order book that was opened and looked through after it was made.
    Copy {
        /// The name of its file, to restore it by.
        name: String,
        made_at: String,
        #[cfg_attr(test, ts(type = "number"))]
        bytes: u64,
    }

    /// What to list.
    Query {
        list: ListName,
        search: String,
        /// WIB days, YYYY-MM-DD, both included.
        from: Option<String>,
        to: Option<String>,
        offset: u32,
        limit: u32,
    }

    /// A part of a list, and the count and sum of the whole of it.
    Page {
        rows: Vec<OrderRow>,
        #[cfg_attr(test, ts(type = "number"))]
        count: u64,
        #[cfg_attr(test, ts(type = "number"))]
        amount: u64,
    }

    /// Which codes of other tills.
    OtherQuery {
        search: String,
        /// WIB days on which they were heard of, YYYY-MM-DD, both included.
        from: Option<String>,
        to: Option<String>,
        offset: u32,
        limit: u32,
    }

    /// Codes of other tills of the shop, newest first, and how many there are. They are to be seen and no more.
    Others {
        rows: Vec<OtherRow>,
        #[cfg_attr(test, ts(type = "number"))]
        count: u64,
    }

    /// A code of another till.
    OtherRow {
        order_id: String,
        till: String,
        /// null until Midtrans has told.
        store: Option<Store>,
        #[cfg_attr(test, ts(type = "number | null"))]
        amount: Option<u64>,
        state: State,
        payment_code: Option<String>,
        heard_at: String,
        expires_at: Option<String>,
        paid_at: Option<String>,
    }

    /// How many, and how much.
    Sum {
        #[cfg_attr(test, ts(type = "number"))]
        count: u64,
        #[cfg_attr(test, ts(type = "number"))]
        amount: u64,
    }

    /// The right side of Kasir: this WIB day, newest first, and whatever is still open.
    Today {
        rows: Vec<OrderRow>,
        paid: Sum,
        waiting: Sum,
        attention: Sum,
        /// What weighs on everything shown here until somebody has seen to it: `tampered`, `restored`.
        warnings: Vec<String>,
    }

    /// How fresh the window is.
    Freshness {
        now: String,
        /// The last try to reach Midtrans succeeded.
        online: bool,
        last_contact: Option<String>,
        relay: RelayState,
        /// This PC's clock is that far ahead of Midtrans' (negative: behind); null while unknown or under two minutes.
        #[cfg_attr(test, ts(type = "number | null"))]
        clock_ahead_seconds: Option<i64>,
        room: Room,
        /// Why there is no copy of the last hour.
        copies_problem: Option<Problem>,
        /// Why Midtrans cannot be asked, if the key is the reason.
        problem: Option<Problem>,
        /// Why payments become known late, if the receiver is the reason.
        alarm: Option<Alarm>,
    }

    /// One plain warning about the receiver of notifications.
    Alarm {
        kind: AlarmKind,
        since: String,
        /// So many payments were found only because Gerai asked; none is counted where the relay stopped.
        orders: u32,
        /// What is wrong with a hosted relay.
        problem: Option<Problem>,
    }

    /// What the owner sets.
    Settings {
        shop_name: String,
        merchant_name: String,
        closes_at: String,
        alfamart_barcode: bool,
        hold_goods: bool,
        /// The address that each charge names, where alone Midtrans then tells of it; null: those of the dashboard.
        notify_to: Option<String>,
    }

    /// A printer this PC knows of.
    FoundPrinter { at: String, called: String }

    /// A paper that was asked for, and what became of it.
    Paper {
        #[cfg_attr(test, ts(type = "number"))]
        id: i64,
        kind: PaperKind,
        printer: String,
        state: PaperState,
        /// So many papers of the same came before it; null until it goes out.
        copy: Option<u32>,
        queued_at: String,
        /// Why it failed or is unknown.
        problem: Option<Problem>,
        /// What somebody saw who looked.
        came_out: Option<bool>,
    }

    /// Whether a key is kept for an environment.
    KeyView { environment: Environment, set: bool }

    /// The relay of this shop.
    RelayView {
        inside: bool,
        port: u16,
        state: RelayState,
        notification_url: Option<String>,
        /// The one that somebody hosts, if this till is paired with it.
        hosted: Option<Hosted>,
    }

    /// How this till stands with the relay that somebody hosts.
    Hosted {
        host: String,
        /// What the shop's other tills call this one.
        name: String,
        /// When it last answered, since the window was opened.
        reached_at: Option<String>,
        /// Why it is of no use now.
        problem: Option<Problem>,
        /// When a genuine notification came through it last.
        heard_at: Option<String>,
        /// When something came last that the shop's key did not sign.
        strange_at: Option<String>,
    }

    /// A till that is paired with the hosted relay.
    TillView { id: String, name: String, paired_at: String, seen_at: Option<String>, this: bool }

    /// What is left when the pairing was ended.
    Unpaired {
        relay: RelayView,
        /// The hosted relay knows of it.
        told: bool,
    }

    /// What pairs a further till, once.
    PairingCode { code: String, until: String }
}

#[cfg(test)]
mod tests {
    use ts_rs::{Config, TS};

    use super::*;

    /// One test for one file: tests that run in processes of their own would overwrite each other's part.
    #[test]
    fn the_types_of_the_window_are_written_for_it() {
        let into = Config::from_env();
        macro_rules! write {
            ($($seen:ty),*) => { $(<$seen>::export_all(&into).unwrap();)* };
        }
        write!(Start, CodeCard, OrderView, Query, Page, Today, Freshness, Settings, KeyView, RelayView, Deed);
        write!(TillView, PairingCode, Unpaired);
        write!(Attention, Evidence, Day, Copies, OtherQuery, Others, PaperSettings, FoundPrinter, Paper);
        write!(OrderPapers, Preview, FileForm);
    }
}
