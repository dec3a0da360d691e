use proptest::prelude::*;

use super::*;

fn draft(amount: &str, store: Store) -> Draft {
    Draft { amount: amount.into(), ..Draft::empty(store) }
}

fn fault(draft: &Draft) -> FaultKind {
    draft.check(None).expect_err("this draft must be refused").kind
}

fn item(name: &str, price: &str, quantity: &str) -> DraftItem {
    DraftItem { name: name.into(), price: price.into(), quantity: quantity.into() }
}

#[test]
fn an_amount_is_read_as_cashiers_write_it() {
    for typed in ["44000", "44.000", " 44.000 ", "Rp 44.000", "rp44000"] {
        let order = draft(typed, Store::Indomaret).check(None).unwrap();
        assert_eq!(order.amount.get(), 44_000, "{typed}");
    }
}

#[test]
fn an_amount_that_could_mean_something_else_is_refused() {
    use FaultKind as K;
    for (typed, kind) in [
        ("", K::AmountEmpty),
        ("   ", K::AmountEmpty),
        ("0", K::AmountZero),
        ("000", K::AmountZero),
        ("-44000", K::AmountNegative),
        ("44,000", K::AmountNotNumber),
        ("44.00", K::AmountNotNumber),
        ("44.0000", K::AmountNotNumber),
        ("4400.000", K::AmountNotNumber),
        ("44.000,00", K::AmountNotNumber),
        ("44 000", K::AmountNotNumber),
        ("44rb", K::AmountNotNumber),
        ("٤٤٠٠٠", K::AmountNotNumber),
        ("1e5", K::AmountNotNumber),
        ("é", K::AmountNotNumber),
        ("--5", K::AmountNotNumber),
        ("-", K::AmountNotNumber),
        ("1000000000000000", K::AmountAbove { max: 5_000_000, store: Store::Indomaret }),
        ("99999999999999999999", K::AmountAbove { max: 5_000_000, store: Store::Indomaret }),
    ] {
        assert_eq!(fault(&draft(typed, Store::Indomaret)), kind, "{typed}");
    }
}

#[test]
fn each_store_has_its_own_limits() {
    let (alfamart, indomaret) = (Store::Alfamart, Store::Indomaret);
    assert!(draft("1", alfamart).check(None).is_ok());
    assert!(draft("5000000", alfamart).check(None).is_ok());
    assert_eq!(fault(&draft("5000001", alfamart)), FaultKind::AmountAbove { max: 5_000_000, store: alfamart });
    assert!(draft("10000", indomaret).check(None).is_ok());
    assert_eq!(fault(&draft("9999", indomaret)), FaultKind::AmountBelow { min: 10_000, store: indomaret });
}

#[test]
fn items_make_the_amount_or_must_agree_with_it() {
    let items = vec![item("Kopi", "15.000", "2"), item("Diskon", "-5000", "")];
    let order = Draft { items: items.clone(), ..draft("", Store::Indomaret) }.check(None).unwrap();
    assert_eq!(order.amount.get(), 25_000);
    let differs = Draft { items, ..draft("30000", Store::Indomaret) };
    assert_eq!(fault(&differs), FaultKind::ItemsSum { items: 25_000, amount: 30_000 });
}

#[test]
fn an_item_needs_a_name_a_price_and_a_count() {
    use FaultKind as K;
    for (row, kind) in [
        (item("", "1000", "1"), K::ItemNameEmpty),
        (item("Kopi | susu", "1000", "1"), K::TextBar),
        (item(&"k".repeat(51), "1000", "1"), K::ItemNameLong { max: 50 }),
        (item("Kopi", "", "1"), K::ItemPrice),
        (item("Kopi", "seribu", "1"), K::ItemPrice),
        (item("Kopi", "99999999999", "1"), K::ItemPrice),
        (item("Kopi", "1000", "0"), K::ItemQuantity),
        (item("Kopi", "1000", "-1"), K::ItemQuantity),
        (item("Kopi", "1000", "1.5"), K::ItemQuantity),
    ] {
        let items = vec![item("Teh", "1000", "1"), row];
        let fault = Draft { items, ..draft("", Store::Alfamart) }.check(None).unwrap_err();
        assert_eq!((fault.kind, fault.row), (kind, Some(2)));
    }
}

#[test]
fn texts_carry_nothing_a_receipt_cannot() {
    use FaultKind as K;
    for (text, kind) in [
        ("Bu|Ratna", K::TextBar),
        ("Bu\u{7}Ratna", K::TextControl),
        ("Bu\nRatna", K::TextControl),
        ("Bu \u{202e}Ratna", K::TextDirection),
        ("Bu \u{200b}Ratna", K::TextDirection),
        ("Bu Ratna 😀", K::TextEmoji),
        ("راتنا", K::TextEmoji),
    ] {
        let customer = Draft { customer: text.into(), ..draft("44000", Store::Indomaret) };
        assert_eq!(customer.check(None), Err(Fault { field: Field::Customer, kind: kind.clone(), row: None }));
        let note = Draft { note: text.into(), ..draft("44000", Store::Indomaret) };
        assert_eq!(note.check(None), Err(Fault { field: Field::Note, kind, row: None }));
    }
    let long = Draft { customer: "x".repeat(200), ..draft("44000", Store::Indomaret) };
    assert_eq!(fault(&long), K::TextLong { max: 60 });
    let accented = Draft { customer: " Renée d’Été ".into(), ..draft("44000", Store::Indomaret) };
    assert_eq!(accented.check(None).unwrap().customer.as_deref(), Some("Renée d’Été"));
}

#[test]
fn nonsense_for_a_phone_or_an_address_is_refused() {
    for phone in ["halo", "0812", "+", "---", "08123456789012345", "0812a456789"] {
        assert_eq!(fault(&Draft { phone: phone.into(), ..draft("44000", Store::Indomaret) }), FaultKind::PhoneInvalid);
    }
    for email in ["ratna", "ratna@", "@toko.id", "ratna@toko", "ratna@toko..id", "a b@toko.id", "a@b@toko.id"] {
        assert_eq!(fault(&Draft { email: email.into(), ..draft("44000", Store::Indomaret) }), FaultKind::EmailInvalid);
    }
    let right =
        Draft { phone: "+62 812-3456-7890".into(), email: "ratna@toko.id".into(), ..draft("44000", Store::Alfamart) };
    let order = right.check(None).unwrap();
    assert_eq!((order.phone.as_deref(), order.email.as_deref()), (Some("+6281234567890"), Some("ratna@toko.id")));
}

#[test]
fn a_code_lives_a_quarter_of_an_hour_to_180_days() {
    let lives = |expiry: &str, closing| {
        Draft { expiry: expiry.into(), ..draft("44000", Store::Alfamart) }.check(closing).map(|o| o.expiry_minutes)
    };
    assert_eq!(lives("2h", None), Ok(120));
    assert_eq!(lives("3d", None), Ok(3 * 24 * 60));
    assert_eq!(lives("closing", Some(90)), Ok(90));
    let kind = |r: Result<u32, Fault>| r.unwrap_err().kind;
    assert_eq!(kind(lives("closing", None)), FaultKind::ClosingPassed);
    assert_eq!(kind(lives("closing", Some(5))), FaultKind::ClosingPassed);
    assert_eq!(kind(lives("14m", None)), FaultKind::ExpiryShort { min: 15 });
    assert_eq!(kind(lives("181d", None)), FaultKind::ExpiryLong { max: 180 });
    for nonsense in ["", "h", "2", "-2h", "2 jam", "2w", "é"] {
        assert_eq!(kind(lives(nonsense, None)), FaultKind::ExpiryInvalid, "{nonsense}");
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_is_refused_or_within_the_stores_limits(
        amount in "\\PC{0,12}|-?[0-9.]{0,18}", name in "\\PC{0,70}", phone in "\\PC{0,18}",
        email in "\\PC{0,18}", expiry in "\\PC{0,6}|[0-9]{1,12}[mhd]",
    ) {
        for store in Store::ALL {
            let typed = Draft { customer: name.clone(), phone: phone.clone(), email: email.clone(), expiry: expiry.clone(),
                ..draft(&amount, store) };
            if let Ok(order) = typed.check(Some(60)) {
                prop_assert!(store.limits().contains(&order.amount.get()));
                prop_assert!((15..=180 * 24 * 60).contains(&order.expiry_minutes));
            }
        }
    }
}
