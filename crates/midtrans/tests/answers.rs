//! What Midtrans may answer, and what we make of it.

mod wire;

use midtrans::{
    ActionError, ChargeError, Charged, Exchange, KeyWorks, LookUpError, NamedStore, ProbeError, Store,
    TransactionStatus, Unclear,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;
use wire::{Manner, ORDER, Wire, http};

#[tokio::test]
async fn the_samples_of_midtrans_are_payment_codes() {
    for (sample, code, store) in [
        (include_str!("vectors/seed/alfamart-response.json"), "8127740588870520", Store::Alfamart),
        (include_str!("vectors/seed/indomaret-response.json"), "578112341234", Store::Indomaret),
    ] {
        let (outcome, exchange) = charge(http(201, sample)).await;
        let charged = outcome.unwrap();
        assert_eq!(charged.payment_code, code);
        assert_eq!(charged.transaction.store, Some(NamedStore::Known(store)));
        assert_eq!(charged.transaction.status, TransactionStatus::Pending);
        assert_eq!(exchange.http_status, Some(201));
        assert_eq!(exchange.body, sample.as_bytes(), "the evidence is what was received");
        assert_eq!(exchange.server_date, Some(datetime!(2020-01-09 08:16:19 UTC)));
    }
}

#[tokio::test]
async fn the_code_in_the_body_decides_about_a_charge() {
    use ChargeError::*;
    let invalid = || Invalid(vec!["too dear".into()]);
    for (http_status, code, expected) in [
        (200, json!("400"), invalid()),
        (400, json!("400"), invalid()),
        (400, json!(400), invalid()),
        (200, json!("405"), invalid()),
        (200, json!("408"), invalid()),
        (200, json!("413"), invalid()),
        (200, json!("401"), KeyRefused),
        (401, json!(401), KeyRefused),
        (200, json!("402"), ChannelNotActive),
        (201, json!("402"), ChannelNotActive),
        (200, json!("406"), Duplicate),
        (406, json!("406"), Duplicate),
        (200, json!("410"), AccountClosed),
        (200, json!("429"), TryLater),
        (429, json!("429"), TryLater),
        (500, json!("406"), Duplicate),
        (200, json!("202"), Unknown(Unclear::StillWorking)),
        (202, json!("202"), Unknown(Unclear::StillWorking)),
        (200, json!("200"), Unknown(Unclear::Unexpected(200))),
        (200, json!("300"), Unknown(Unclear::Unexpected(300))),
        (200, json!("403"), Unknown(Unclear::Unexpected(403))),
        (200, json!("404"), Unknown(Unclear::Unexpected(404))),
        (200, json!("407"), Unknown(Unclear::Unexpected(407))),
        (200, json!("409"), Unknown(Unclear::Unexpected(409))),
        (200, json!("412"), Unknown(Unclear::Unexpected(412))),
        (200, json!("500"), Unknown(Unclear::Trouble(500))),
        (200, json!("503"), Unknown(Unclear::Trouble(503))),
        (503, json!("503"), Unknown(Unclear::Trouble(503))),
        (200, json!("900"), Unknown(Unclear::Trouble(900))),
        (200, json!(900), Unknown(Unclear::Trouble(900))),
        (500, json!("201"), Unknown(Unclear::Trouble(500))),
        (404, json!("201"), Unknown(Unclear::Unexpected(201))),
        (200, json!("2O1"), Unknown(Unclear::Incomplete)),
        (200, json!(""), Unknown(Unclear::Incomplete)),
        (200, json!(201.5), Unknown(Unclear::Incomplete)),
        (200, json!(-201), Unknown(Unclear::Incomplete)),
        (200, json!(["201"]), Unknown(Unclear::Incomplete)),
        (201, json!(null), Unknown(Unclear::Incomplete)),
    ] {
        let mut body = pending();
        body["status_code"] = code.clone();
        body["validation_messages"] = json!(["too dear"]);
        let (outcome, exchange) = charge(http(http_status, &body.to_string())).await;
        assert_eq!(outcome, Err(expected), "HTTP {http_status} with {code}");
        assert_eq!(exchange.http_status, Some(http_status));
    }
}

#[tokio::test]
async fn without_a_code_in_the_body_http_decides() {
    use ChargeError::*;
    let said = json!({ "message": "An unexpected error occurred" });
    for (http_status, expected) in [
        (200, Unknown(Unclear::Incomplete)),
        (201, Unknown(Unclear::Incomplete)),
        (202, Unknown(Unclear::Incomplete)),
        (302, Unknown(Unclear::Unexpected(302))),
        (400, Invalid(vec!["An unexpected error occurred".into()])),
        (401, KeyRefused),
        (402, ChannelNotActive),
        (403, Unknown(Unclear::Unexpected(403))),
        (404, Unknown(Unclear::Foreign(404))),
        (406, Duplicate),
        (429, TryLater),
        (500, Unknown(Unclear::Trouble(500))),
        (502, Unknown(Unclear::Trouble(502))),
        (504, Unknown(Unclear::Trouble(504))),
    ] {
        let (outcome, _) = charge(http(http_status, &said.to_string())).await;
        assert_eq!(outcome, Err(expected), "HTTP {http_status}");
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_not_midtrans() {
    for http_status in [200, 201, 202, 301, 400, 401, 402, 403, 404, 406, 410, 500, 502, 503] {
        for body in ["", "<html>Just a moment...</html>", "OK", "null", "[]", "\"201\"", "201"] {
            let (outcome, _) = charge(http(http_status, body)).await;
            let foreign = ChargeError::Unknown(Unclear::Foreign(http_status));
            assert_eq!(outcome, Err(foreign), "HTTP {http_status} with {body:?}");
        }
    }
}

#[tokio::test]
async fn being_asked_to_slow_down_counts_in_any_words() {
    let page = http(429, "<html>Too many requests</html>");
    assert_eq!(charge(page.clone()).await.0, Err(ChargeError::TryLater));
    assert_eq!(look_up(page.clone()).await, Err(LookUpError::TryLater));
    assert_eq!(cancel(page).await, Err(ActionError::TryLater));
}

#[tokio::test]
async fn a_charge_without_what_matters_is_unclear() {
    for field in ["payment_code", "order_id", "transaction_status"] {
        for value in [Value::Null, json!(""), json!(578112341234_u64), json!(["5"])] {
            let mut body = pending();
            body[field] = value.clone();
            let (outcome, _) = charge(http(201, &body.to_string())).await;
            let incomplete = ChargeError::Unknown(Unclear::Incomplete);
            assert_eq!(outcome, Err(incomplete), "{field}: {value}");
        }
    }
}

#[tokio::test]
async fn a_charge_needs_no_more_than_that() {
    let body = json!({
        "status_code": 201, "order_id": ORDER, "transaction_status": "PENDING",
        "payment_code": "010811223344", "a_field_of_tomorrow": { "x": [1] },
    });
    let (outcome, _) = charge(http(200, &body.to_string())).await;
    let Charged { payment_code, transaction } = outcome.unwrap();
    assert_eq!(payment_code, "010811223344");
    assert_eq!(transaction.status, TransactionStatus::Pending);
    assert_eq!(transaction.rupiah(), None);
}

#[tokio::test]
async fn an_answer_that_says_a_thing_twice_is_not_believed() {
    let whole = pending().to_string();
    let twice = format!("{{\"payment_code\":\"666\",{}", &whole[1..]);
    let (outcome, _) = charge(http(201, &twice)).await;
    assert_eq!(outcome, Err(ChargeError::Unknown(Unclear::Foreign(201))));
}

#[tokio::test]
async fn reasons_are_given_in_midtrans_own_words() {
    for (body, expected) in [
        (json!({ "validation_messages": ["a", "b"], "status_message": "c" }), vec!["a", "b"]),
        (json!({ "validation_messages": [], "status_message": "c" }), vec!["c"]),
        (json!({ "status_message": ["c", "d"] }), vec!["c", "d"]),
        (json!({ "validation_messages": [1, null, "a"] }), vec!["a"]),
        (json!({}), vec![]),
    ] {
        let mut body = body;
        body["status_code"] = json!("400");
        let (outcome, _) = charge(http(400, &body.to_string())).await;
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(outcome, Err(ChargeError::Invalid(expected)));
    }
}

#[tokio::test]
async fn a_look_up_finds_every_state() {
    for (http_status, code, state, expected) in [
        (200, "201", "pending", TransactionStatus::Pending),
        (200, "200", "settlement", TransactionStatus::Settlement),
        (200, "407", "expire", TransactionStatus::Expire),
        (407, "407", "expire", TransactionStatus::Expire),
        (200, "200", "cancel", TransactionStatus::Cancel),
        (200, "202", "deny", TransactionStatus::Deny),
        (200, "202", "failure", TransactionStatus::Failure),
        (200, "200", "PENDING", TransactionStatus::Pending),
        (200, "200", "Refund", TransactionStatus::Other("refund".into())),
    ] {
        let found = look_up(http(http_status, &found(code, state).to_string())).await.unwrap();
        assert_eq!(found.status, expected);
        assert_eq!(found.is_settled(), state == "settlement");
        assert_eq!(found.payment_code.as_deref(), Some("578112341234"));
    }
}

#[tokio::test]
async fn a_look_up_that_finds_nothing_says_why() {
    use LookUpError::*;
    for (http_status, code, expected) in [
        (200, json!("404"), NotFound),
        (404, json!("404"), NotFound),
        (404, json!(404), NotFound),
        (200, json!("401"), KeyRefused),
        (401, json!("401"), KeyRefused),
        (401, json!(null), KeyRefused),
        (200, json!("429"), TryLater),
        (404, json!(null), Unclear(midtrans::Unclear::Foreign(404))),
        (200, json!("412"), Unclear(midtrans::Unclear::Unexpected(412))),
        (200, json!("500"), Unclear(midtrans::Unclear::Trouble(500))),
        (503, json!("200"), Unclear(midtrans::Unclear::Trouble(503))),
        (200, json!(null), Unclear(midtrans::Unclear::Incomplete)),
    ] {
        let mut body = found("200", "settlement");
        body["status_code"] = code.clone();
        let outcome = look_up(http(http_status, &body.to_string())).await;
        assert_eq!(outcome, Err(expected), "HTTP {http_status} with {code}");
    }
    let page = look_up(http(404, "<html>Not Found</html>")).await;
    assert_eq!(page, Err(Unclear(midtrans::Unclear::Foreign(404))), "a page is nobody's 404");
}

#[tokio::test]
async fn somebody_elses_payment_is_not_an_answer() {
    let mut body = found("200", "settlement");
    body["order_id"] = json!("T01K-SOMEBODYELSE");
    let outcome = look_up(http(200, &body.to_string())).await;
    assert_eq!(outcome, Err(LookUpError::Unclear(Unclear::Incomplete)));
}

#[tokio::test]
async fn an_action_is_done_when_the_answer_says_so() {
    for (code, state) in [("200", "cancel"), ("407", "expire"), ("202", "cancel")] {
        assert!(cancel(http(200, &found(code, state).to_string())).await.is_ok());
    }
    let strange = cancel(http(200, &found("200", "settlement").to_string())).await;
    assert_eq!(strange, Err(ActionError::Unclear(Unclear::Unexpected(200))));
}

#[tokio::test]
async fn an_action_that_is_not_done_says_why() {
    use ActionError::*;
    for (http_status, code, expected) in [
        (200, "412", CannotChange),
        (412, "412", CannotChange),
        (200, "404", NotFound),
        (200, "401", KeyRefused),
        (200, "429", TryLater),
        (200, "500", Unclear(midtrans::Unclear::Trouble(500))),
        (200, "406", Unclear(midtrans::Unclear::Unexpected(406))),
        (500, "200", Unclear(midtrans::Unclear::Trouble(500))),
    ] {
        let outcome = cancel(http(http_status, &found(code, "cancel").to_string())).await;
        assert_eq!(outcome, Err(expected), "HTTP {http_status} with {code}");
    }
}

#[tokio::test]
async fn a_key_works_when_it_is_told_that_there_is_nothing() {
    let probe = async |answer| Wire::saying(answer).client().probe().await.outcome;
    let unknown = json!({ "status_code": "404", "status_message": "Transaction doesn't exist." });
    assert_eq!(probe(http(404, &unknown.to_string())).await, Ok(KeyWorks));
    assert_eq!(probe(http(200, &unknown.to_string())).await, Ok(KeyWorks));
    let refused = json!({ "status_code": "401", "status_message": "Access denied" });
    assert_eq!(probe(http(401, &refused.to_string())).await, Err(ProbeError::KeyRefused));
    assert_eq!(probe(http(404, "<html>Not Found</html>")).await, Err(ProbeError::Unclear(Unclear::Foreign(404))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_answer_breaks_the_client(
        http_status in 200u16..600,
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let answer = [http(http_status, &"x".repeat(body.len())), Vec::new()].concat();
            let head = answer.len() - body.len();
            let answer = [&answer[..head], &body].concat();
            let wire = Wire::new(move |_| Manner::Say(answer.clone()));
            let client = wire.client();
            assert!(client.charge(b"{}", None).await.outcome.is_err());
            assert!(client.status(ORDER).await.outcome.is_err());
            assert!(client.cancel(ORDER).await.outcome.is_err());
            assert!(client.probe().await.outcome.is_err());
        });
    }
}

async fn charge(answer: Vec<u8>) -> (Result<Charged, ChargeError>, Exchange) {
    let answered = Wire::saying(answer).client().charge(b"{}", None).await;
    (answered.outcome, answered.exchange)
}

async fn look_up(answer: Vec<u8>) -> Result<midtrans::Transaction, LookUpError> {
    Wire::saying(answer).client().status(ORDER).await.outcome
}

async fn cancel(answer: Vec<u8>) -> Result<midtrans::Transaction, ActionError> {
    Wire::saying(answer).client().cancel(ORDER).await.outcome
}

fn pending() -> Value {
    found("201", "pending")
}

fn found(code: &str, state: &str) -> Value {
    json!({
        "status_code": code,
        "status_message": "Success, transaction is found",
        "order_id": ORDER,
        "gross_amount": "44000.00",
        "transaction_status": state,
        "payment_code": "578112341234",
        "store": "indomaret",
    })
}
