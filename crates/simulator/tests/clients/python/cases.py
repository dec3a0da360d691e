"""Midtrans' official Python client against the simulator: nothing of it is changed but its base URL.

The cases are those of its own suite that concern charges, look-ups and actions, for the stores.
"""

import hashlib
import json
import sys
import time
import traceback

import midtransclient
from midtransclient.config import ApiConfig

URL, KEY = sys.argv[1:]
ApiConfig.CORE_SANDBOX_BASE_URL = URL
RUN = f"python-{time.time_ns()}"
orders = 0


def client(key=KEY, **options):
    return midtransclient.CoreApi(is_production=False, server_key=key, client_key="", **options)


def order(store, amount=44000):
    global orders
    orders += 1
    return {
        "payment_type": "cstore",
        "transaction_details": {"order_id": f"{RUN}-{orders}", "gross_amount": amount},
        "cstore": {"store": store},
    }


def charged(store):
    return client().charge(order(store))


def refused(call, code):
    try:
        answer = call()
    except midtransclient.error_midtrans.MidtransAPIError as error:
        assert code in error.message, error.message
        assert isinstance(error.api_response_dict, dict)
        assert isinstance(error.http_status_code, int)
        return error
    raise AssertionError(f"expected an error, got {answer}")


def charge_indomaret_with_a_capital():
    answer = charged("Indomaret")
    assert int(answer["status_code"]) == 201
    assert answer["status_message"] == "Success, cstore transaction is successful"
    assert answer["transaction_status"] == "pending"
    assert answer["store"] == "indomaret"
    assert answer["payment_code"]


def charge_alfamart_with_three_free_texts():
    request = order("alfamart")
    request["cstore"] |= {f"alfamart_free_text_{row}": f"row {row}" for row in (1, 2, 3)}
    answer = client().charge(json.dumps(request))
    assert int(answer["status_code"]) == 201
    assert answer["store"] == "alfamart"


def status_of_a_pending_transaction_signed():
    order_id = charged("alfamart")["order_id"]
    answer = client().transactions.status(order_id)
    assert int(answer["status_code"]) == 201
    assert answer["transaction_status"] == "pending"
    text = order_id + answer["status_code"] + answer["gross_amount"] + KEY
    assert answer["signature_key"] == hashlib.sha512(text.encode()).hexdigest()


def notification_from_dict_from_json_from_nothing():
    pending = client().transactions.status(charged("indomaret")["order_id"])
    for notification in (pending, json.dumps(pending)):
        answer = client().transactions.notification(notification)
        assert int(answer["status_code"]) == 201
    try:
        client().transactions.notification("")
    except Exception as error:
        assert "JSONDecodeError" in repr(error)
    else:
        raise AssertionError("an empty notification was taken")


def expire_is_no_error():
    order_id = charged("alfamart")["order_id"]
    answer = client().transactions.expire(order_id)
    assert int(answer["status_code"]) == 407
    assert answer["transaction_status"] == "expire"


def cancel_and_status_after_it():
    order_id = charged("alfamart")["order_id"]
    answer = client().transactions.cancel(order_id)
    assert int(answer["status_code"]) == 200
    assert answer["transaction_status"] == "cancel"
    answer = client().transactions.status(order_id)
    assert int(answer["status_code"]) == 200
    assert answer["transaction_status"] == "cancel"


def approve_deny_refund_and_capture_are_refused():
    answer = charged("indomaret")
    order_id, transactions = answer["order_id"], client().transactions
    refund = {"refund_key": "order1-ref1", "amount": 5000, "reason": "for some reason"}
    refused(lambda: transactions.approve(order_id), "412")
    refused(lambda: transactions.deny(order_id), "412")
    refused(lambda: transactions.refund(order_id, refund), "412")
    refused(lambda: transactions.refundDirect(order_id, refund), "412")
    capture = {"transaction_id": answer["transaction_id"], "gross_amount": 44000}
    refused(lambda: client().capture(capture), "412")


def an_unknown_id_is_404_for_everything():
    for action in ("status", "statusb2b", "approve", "deny", "cancel", "expire", "refund", "refundDirect"):
        call = getattr(client().transactions, action)
        error = refused(lambda: call("non-exist-order-id"), "404")
        assert "exist" in error.message


def a_wrong_key_is_401():
    refused(lambda: client("invalidkey").charge(order("alfamart")), "401")
    changed = client("")
    changed.api_config.server_key = KEY
    refused(lambda: changed.transactions.status("nobody"), "404")


def an_empty_charge_is_an_unexpected_500():
    error = refused(lambda: client().charge(None), "500")
    assert "unexpected" in error.message


def a_zero_amount_is_400():
    error = refused(lambda: client().charge(order("alfamart", 0)), "400")
    assert error.http_status_code == 400


def the_same_idempotency_key_gives_the_same_answer():
    keyed = client(custom_headers={"Idempotency-Key": RUN})
    request = order("alfamart")
    assert keyed.charge(request) == keyed.charge(request)


def main():
    cases = [
        charge_indomaret_with_a_capital,
        charge_alfamart_with_three_free_texts,
        status_of_a_pending_transaction_signed,
        notification_from_dict_from_json_from_nothing,
        expire_is_no_error,
        cancel_and_status_after_it,
        approve_deny_refund_and_capture_are_refused,
        an_unknown_id_is_404_for_everything,
        a_wrong_key_is_401,
        an_empty_charge_is_an_unexpected_500,
        a_zero_amount_is_400,
        the_same_idempotency_key_gives_the_same_answer,
    ]
    failed = 0
    for case in cases:
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok      {name}")
        except Exception:
            print(f"FAILED  {name}\n{traceback.format_exc()}")
            failed = 1
    sys.exit(failed)


main()
