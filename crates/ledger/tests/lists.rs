//! Lists, searches and sums.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod shop;

use ledger::{List, NewCode, NewSale, Query, Reissued, Sum};
use shop::*;
use till::{Event, From, Pace, Refusal, Report, Sale, SaleId, State, Store, Unclear};

#[test]
fn every_list_shows_what_its_name_says() {
    let shop = Shop::open();
    shop.intend(1);
    shop.sale(2, [Event::Unclear { why: Unclear::TimedOut }]);
    shop.sale(3, [reported(Report::Pending)]);
    shop.sale(4, [reported(Report::Pending), Event::Hinted { report: Report::Settlement, fits: true }]);
    shop.sale(5, [reported(Report::Settlement)]);
    shop.sale(6, [reported(Report::Expire)]);
    shop.sale(7, [reported(Report::Cancel)]);
    shop.sale(8, [reported(Report::Deny)]);
    shop.sale(9, [Event::Refused { reason: Refusal::KeyRefused, said: vec![] }]);
    shop.sale(10, [Event::Unclear { why: Unclear::TimedOut }, Event::Abandoned]);
    shop.sale(11, [reported(Report::Expire), reported(Report::Settlement)]);
    shop.sale(12, [reported(Report::Settlement), reported(Report::Deny)]);
    assert_eq!(listed(&shop, List::Pending), [4, 3, 2, 1], "newest first");
    assert_eq!(listed(&shop, List::Paid), [5], "what was paid late is the owner's to judge");
    assert_eq!(listed(&shop, List::Closed), [10, 9, 8, 7, 6]);
    assert_eq!(listed(&shop, List::Attention), [12, 11]);
    assert_eq!(listed(&shop, List::All), (1..=12).rev().collect::<Vec<_>>());
}

#[test]
fn an_outcome_that_stays_unknown_needs_attention() {
    let shop = Shop::open();
    shop.sale(1, [Event::Unclear { why: Unclear::TimedOut }]);
    let attention =
        |long_unknown| shop.ledger.page(&Query::newest(List::Attention, 10, at(long_unknown))).unwrap().rows.len();
    assert_eq!(attention(1), 0);
    assert_eq!(attention(2), 1);
}

/// A sale whose code expired and was replaced by one for the other store.
fn with_a_new_code(shop: &Shop) -> Sale {
    let sale = shop.sale(1, [reported(Report::Pending), reported(Report::Expire)]);
    let request = "{}".to_owned();
    let new = NewCode {
        sale: sale.id,
        instead_of: order_id(1),
        order_id: order_id(2),
        store: Store::Alfamart,
        request,
        notify: None,
    };
    match shop.ledger.reissue(&new, From::Cashier, at(5_000), &Pace::SHOP).unwrap() {
        Reissued::Made(sale) => sale,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_code_of_an_old_order_has_not_been_unknown_for_long() {
    let shop = Shop::open();
    let sale = with_a_new_code(&shop);
    shop.happens(&sale, Event::Unclear { why: Unclear::TimedOut }).unwrap();
    let attention =
        |long_unknown| shop.ledger.page(&Query::newest(List::Attention, 10, at(long_unknown))).unwrap().rows.len();
    assert_eq!((attention(5_000), attention(5_001)), (0, 1));
}

#[test]
fn the_slip_of_a_code_that_was_replaced_still_finds_its_order() {
    let shop = Shop::open();
    with_a_new_code(&shop);
    for search in [CODE.to_owned(), order_id(1).to_string(), order_id(2).to_string()] {
        let query = Query { search, ..Query::newest(List::All, 10, at(0)) };
        assert_eq!(found(&shop, &query), [1], "{}", query.search);
    }
}

#[test]
fn a_list_can_be_narrowed_to_one_state() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Expire)]);
    shop.sale(2, [reported(Report::Cancel)]);
    let query = Query { state: Some(State::Cancelled), ..Query::newest(List::Closed, 10, at(0)) };
    assert_eq!(found(&shop, &query), [2]);
    let query = Query { state: Some(State::Paid), ..Query::newest(List::Closed, 10, at(0)) };
    assert_eq!(found(&shop, &query), [0; 0]);
}

#[test]
fn a_list_can_be_narrowed_to_a_time_that_ends_before_its_end() {
    let shop = Shop::open();
    (1..=5).for_each(|n| drop(shop.intend(n)));
    let query = Query { from: Some(at(2)), before: Some(at(4)), ..Query::newest(List::All, 10, at(0)) };
    assert_eq!(found(&shop, &query), [3, 2]);
    assert_eq!(shop.ledger.page(&query).unwrap().sum, Sum { count: 2, amount: 2 * AMOUNT });
}

#[test]
fn pages_put_together_are_the_list_and_each_knows_the_whole_sum() {
    let shop = Shop::open();
    for n in 1..=23 {
        // Three in each second, so that time alone does not order them.
        shop.ledger.intend(&new_sale(n), From::Cashier, at(n / 3)).unwrap();
    }
    let all = found(&shop, &Query::newest(List::All, 100, at(0)));
    let mut pages = Vec::new();
    for offset in (0..30).step_by(5) {
        let query = Query { offset, ..Query::newest(List::All, 5, at(0)) };
        assert_eq!(shop.ledger.page(&query).unwrap().sum, Sum { count: 23, amount: 23 * AMOUNT });
        pages.extend(found(&shop, &query));
    }
    assert_eq!(pages, all);
}

#[test]
fn an_empty_list_has_an_empty_sum() {
    let shop = Shop::open();
    let page = shop.ledger.page(&Query::newest(List::Paid, 10, at(0))).unwrap();
    assert_eq!((page.rows.len(), page.sum), (0, Sum::default()));
}

#[test]
fn a_sale_is_found_by_whatever_the_customer_shows() {
    let shop = Shop::open();
    let wanted = named(&shop, 1, "Ibu Sari", "0812-3456-7890", "kue ulang tahun 100%");
    named(&shop, 2, "Pak Budi", "0899 0000 000", "batik_merah");
    shop.happens(&wanted, reported(Report::Pending)).unwrap();
    let order_id = order_id(1).to_string();
    for search in [
        "sari",
        "SARI",
        "Ibu Sari",
        "sari ibu",
        "081234567890",
        "3456",
        "ulang",
        "100%",
        CODE,
        "7811",
        &order_id,
        number(1).as_str(),
        "  sari  ",
    ] {
        assert_eq!(searched(&shop, search), [1], "{search}");
    }
    assert_eq!(searched(&shop, "44000"), [2, 1], "by the amount");
    assert_eq!(searched(&shop, "sari budi"), [0; 0], "all words must occur");
    assert_eq!(searched(&shop, ""), [2, 1]);
    assert_eq!(searched(&shop, " "), [2, 1]);
}

#[test]
fn signs_that_mean_something_to_a_database_mean_themselves() {
    let shop = Shop::open();
    named(&shop, 1, "a", "08123456789", "diskon 50% a_b c\\d 'e' \"f\"");
    named(&shop, 2, "a", "08123456789", "diskon 500 axb cd e f");
    for search in ["50%", "a_b", "c\\d", "'e'", "\"f\""] {
        assert_eq!(searched(&shop, search), [1], "{search}");
    }
    for search in ["%", "_", "\\", "'"] {
        assert_eq!(searched(&shop, search), [1], "{search}");
    }
    for nothing in ["%%%", "__________", "' OR 1=1 --", "*", "\u{0}"] {
        assert_eq!(searched(&shop, nothing), [0; 0], "{nothing:?}");
    }
}

#[test]
fn letters_with_accents_are_found_in_either_case() {
    let shop = Shop::open();
    named(&shop, 1, "RENÉ Ångström", "08123456789", "x");
    for search in ["rené", "RENÉ", "ångström"] {
        assert_eq!(searched(&shop, search), [1], "{search}");
    }
}

#[test]
fn however_much_is_pasted_into_the_search_it_answers() {
    let shop = Shop::open();
    named(&shop, 1, "Ibu Sari", "08123456789", "x");
    assert_eq!(searched(&shop, &"x".repeat(200_000)), [0; 0]);
    assert_eq!(searched(&shop, &"%".repeat(200_000)), [0; 0]);
    assert_eq!(searched(&shop, &"tidak-ada ".repeat(40_000)), [0; 0]);
    assert_eq!(searched(&shop, &"sari ".repeat(40_000)), [1]);
}

#[test]
fn takings_count_what_was_paid_between_two_moments() {
    let shop = Shop::open();
    shop.sale(1, [reported(Report::Settlement)]);
    shop.sale(2, [reported(Report::Pending)]);
    shop.sale(3, [reported(Report::Settlement), reported(Report::Deny)]);
    shop.sale(4, [reported(Report::Expire), reported(Report::Settlement)]);
    let one = Sum { count: 1, amount: AMOUNT };
    assert_eq!(shop.ledger.takings(at(500), at(501)).unwrap(), one, "paid, and neither late nor taken back");
    assert_eq!(shop.ledger.takings(at(501), at(900)).unwrap(), Sum::default());
    assert_eq!(shop.ledger.takings(at(0), at(500)).unwrap(), Sum::default(), "the end is not in it");
}

#[test]
fn a_sale_is_meant_by_its_id_its_number_or_any_of_its_order_ids() {
    let shop = Shop::open();
    let sale = shop.sale(1, [reported(Report::Expire)]);
    let second =
        |_: &Sale| vec![(Some(order_id(2)), Event::Intended { request: "{}".into(), store: None, notify: None })];
    shop.ledger.write(sale.id, From::Desk, at(2), second).unwrap();
    let number = number(1).to_string();
    for named in [sale.id.as_str(), &number, &number.to_lowercase(), order_id(1).as_str(), order_id(2).as_str()] {
        assert_eq!(shop.ledger.find(named).unwrap().map(|it| it.id), Some(sale.id), "{named}");
    }
    for nobody in ["", "%", "X", order_id(9).as_str()] {
        assert_eq!(shop.ledger.find(nobody).unwrap(), None, "{nobody}");
    }
    assert_eq!(shop.ledger.find(order_id(2).as_str()).unwrap().map(|it| it.id), Some(sale.id));
}

#[test]
fn what_is_open_is_watched_and_what_was_given_up_or_closed_for_a_while() {
    let shop = Shop::open();
    shop.intend(1);
    shop.sale(2, [reported(Report::Pending)]);
    shop.sale(3, [Event::Unclear { why: Unclear::TimedOut }, Event::Abandoned]);
    shop.sale(4, [reported(Report::Expire)]);
    shop.sale(5, [Event::Refused { reason: Refusal::Invalid, said: vec![] }]);
    let watched =
        |since| -> Vec<SaleId> { shop.ledger.watched(at(since)).unwrap().into_iter().map(|sale| sale.id).collect() };
    assert_eq!(watched(0), [sale_id(1), sale_id(2), sale_id(3), sale_id(4)], "oldest first");
    assert_eq!(watched(1_000), [sale_id(1), sale_id(2)]);
}

fn named(shop: &Shop, n: u32, customer: &str, phone: &str, note: &str) -> Sale {
    let mut new: NewSale = new_sale(n);
    new.order.customer = Some(customer.into());
    new.order.phone = Some(phone.replace(['-', ' '], ""));
    new.order.note = Some(note.into());
    new.order.store = Store::Indomaret;
    shop.ledger.intend(&new, From::Cashier, at(n)).unwrap()
}

fn listed(shop: &Shop, list: List) -> Vec<u32> {
    found(shop, &Query::newest(list, 100, at(0)))
}

fn searched(shop: &Shop, search: &str) -> Vec<u32> {
    found(shop, &Query { search: search.into(), ..Query::newest(List::All, 100, at(0)) })
}

/// Which of our numbered sales are on the page.
fn found(shop: &Shop, query: &Query) -> Vec<u32> {
    let nth = |id: SaleId| (0..100).find(|n| sale_id(*n) == id).unwrap();
    shop.ledger.page(query).unwrap().rows.iter().map(|row| nth(row.id)).collect()
}
