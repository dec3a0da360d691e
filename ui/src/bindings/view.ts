// Written by `cargo test` from src-tauri/view.rs. Do not edit.

export type Environment = "training" | "sandbox" | "production";
export type Store = "alfamart" | "indomaret";
export type Language = "id" | "en";
export type Look = "system" | "light" | "dark";
/** Where an order stands. */
export type State = "intent" | "unknown" | "pending" | "confirming" | "paid" | "paid_late" | "reversed" | "expired" | "cancelled" | "denied" | "refused" | "abandoned";
/** Whether notifications can arrive here now. */
export type RelayState = "off" | "running" | "elsewhere";

/** What went wrong, for a sentence of texts.json under `problem.<code>`; `field` is the draft's or settings' field it belongs to. */
export type Problem = { code: string, field: string | null, values: { [key in string]: string }, };

/** What the window needs before it paints. */
export type Start = { version: string, language: Language, look: Look,
/** null: nothing was ever opened, show Welcome. */
shop: Shop | null,
/** Why the shop that was last used could not be opened. */
problem: Problem | null, draft: Draft | null, };

/** The opened shop. */
export type Shop = { environment: Environment, name: string, till: string, };

/** The order being made, as typed: nothing is lost, Rust decides what is right. */
export type Draft = { amount: string, store: Store, items: Array<DraftItem>, customer: string, phone: string, email: string, note: string,
/** "2h", "45m", "3d" or "closing". */
expiry: string, };
export type DraftItem = { name: string, price: string, quantity: string, };

/** One line of a list. Money is whole rupiah; times are RFC 3339, UTC. */
export type OrderRow = { id: string, number: string, store: Store, amount: number, customer: string | null, phone: string | null, note: string | null, state: State, payment_code: string | null, created_at: string, expires_at: string | null, paid_at: string | null,
/** Indomaret may still reverse until then. */
hold_until: string | null, handed_over_at: string | null,
/** A code of texts.json under `order_problem.<code>`. */
problem: string | null,
/** It belongs in the owner's list "needs attention". */
attention: boolean, };

/** What may be done with an order now. */
export type Can = { check: boolean, cancel: boolean, hand_over: boolean, };

/** The left side after a charge. */
export type CodeCard = { order: OrderRow,
/** The payment code in groups of four; empty while there is none. */
groups: Array<string>,
/** Rows of the QR, "1" is dark. It holds plain text for the customer's phone. */
qr: Array<string> | null,
/** Code 39 as widths in modules, bar first, then space, and so on; null where a store must not scan it. */
barcode: Array<number> | null,
/** The name the store's till will ask for. */
merchant: string, can: Can, };

/** Everything known of one order. */
export type OrderView = { order: OrderRow, environment: Environment, email: string | null, items: Array<Item>, order_id: string | null, handed_over_by: string | null, can: Can, timeline: Array<Moment>, };
export type Item = { name: string, price: number, quantity: number, };
/** One line of the timeline: `kind` and `source` are codes of texts.json under `moment.<kind>` and `source.<source>`. */
export type Moment = { at: string, kind: string, source: string, values: { [key in string]: string }, };

export type ListName = "pending" | "paid" | "attention" | "closed" | "all";
export type Query = { list: ListName, search: string,
/** WIB days, YYYY-MM-DD, both included. */
from: string | null, to: string | null, offset: number, limit: number, };
export type Page = { rows: Array<OrderRow>, count: number, amount: number, };
export type Sum = { count: number, amount: number, };
/** The right side of Kasir: this WIB day, newest first, and whatever is still open. */
export type Today = { rows: Array<OrderRow>, paid: Sum, waiting: Sum, attention: Sum, };

/** How fresh the window is. */
export type Freshness = { now: string,
/** The last try to reach Midtrans succeeded. */
online: boolean, last_contact: string | null, relay: RelayState,
/** This PC's clock is that far ahead of Midtrans' (negative: behind); null while unknown or under two minutes. */
clock_ahead_seconds: number | null, };

export type Settings = { shop_name: string, merchant_name: string, closes_at: string, alfamart_barcode: boolean, hold_goods: boolean, };
export type KeyView = { environment: Environment, set: boolean, };
export type RelayView = { inside: boolean, port: number, state: RelayState, notification_url: string | null, };
/** What a trainer can make happen. */
export type Deed = "pay" | "reverse" | "expire";
