//! How long a paper takes, drawn and read again: bytes for a printer, a PDF, a picture to share.
//!
//! `scripts/bench paper` runs it. Each code is drawn anew each time, as at a desk.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::time::{Duration, Instant};

use slip::{
    Item, Language, Order, Scanning, Shop, Slip, Store, Worth,
    escpos::Roll,
    fit::Width,
    proof::{as_picture, on_page, on_roll},
    sheet::{Format, Sheet},
};
use time::macros::datetime;

const TIMES: usize = 200;
/// What is promised of a PDF.
const PROMISED: Duration = Duration::from_millis(50);

fn main() {
    println!("{:32} {:>9} {:>9} {:>9}", "paper", "first", "median", "p99");
    let page = |format| move |slip: &Slip<'_>| drop(on_page(&slip.paper(), format, &slip.claim()).unwrap());
    let roll = |width| move |slip: &Slip<'_>| drop(on_roll(&slip.paper(), &Roll::new(width), &slip.claim()).unwrap());
    measure("58 mm, read again", roll(Width::Dots384));
    measure("80 mm, read again", roll(Width::Dots576));
    measure("PDF on A6, only written", |slip| drop(Sheet::draw(&slip.paper(), Format::A6).pdf().unwrap()));
    let a6 = measure("PDF on A6, read again", page(Format::A6));
    let a4 = measure("PDF on A4, read again", page(Format::A4));
    measure("picture to share, read again", |slip| drop(as_picture(&slip.paper(), &slip.claim()).unwrap()));
    let slower = a6.max(a4);
    assert!(slower < PROMISED, "a PDF takes {slower:?} at p99, and {PROMISED:?} are promised");
}

fn measure(name: &str, draw: impl Fn(&Slip<'_>)) -> Duration {
    let mut took: Vec<Duration> = (0..TIMES as u64)
        .map(|n| {
            let code = format!("{:016}", 8_127_740_588_870_520 + n * 7919);
            let begun = Instant::now();
            with_slip(&code, &draw);
            begun.elapsed()
        })
        .collect();
    let first = took[0];
    took.sort();
    let at = |share: usize| took[(TIMES * share).div_ceil(100) - 1];
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    println!("{name:32} {:>9} {:>9} {:>9}", ms(first), ms(at(50)), ms(at(99)));
    at(99)
}

fn with_slip(code: &str, draw: &impl Fn(&Slip<'_>)) {
    let items = [
        Item { name: "Kopi Gayo 250 g", count: 2, rupiah: 130_000 },
        Item { name: "Gula aren", count: 1, rupiah: 32_500 },
    ];
    let lines = ["Jl. Kaliurang KM 5 No. 12, Sleman".to_owned()];
    draw(&Slip {
        shop: Shop {
            name: "Toko Sumber Rejeki",
            logo: None,
            lines: &lines,
            till: "K7QM",
            worth: Worth::Real,
            language: Language::Indonesian,
        },
        order: Order {
            number: "K3F7",
            order_id: "K7QM-2C9VX0T4MZ1RBW8HQJD",
            store: Store::Indomaret,
            code,
            rupiah: 162_500,
            items: &items,
            customer: "Bu Siti",
            note: "",
        },
        until: datetime!(2026-11-24 07:30:59 UTC),
        margin: Duration::from_secs(30 * 60),
        made_at: datetime!(2026-11-23 07:30:59 UTC),
        merchant: "Sumber Rejeki Jaya",
        copy: 0,
        scanning: Scanning::default(),
    });
}
