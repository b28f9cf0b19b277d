import inspect
import re

import pytest

from ibkit.sim._wire import (
    REQUESTS,
    DecodeError,
    ReqIds,
    StartApi,
    UnknownRequest,
    decode_request,
)


def payload(*fields):
    return b"".join(str(field).encode() + b"\0" for field in fields)


def ids_sent_by(peer, skipped=()):
    """Call every method of the client's that sends something, and collect the message ids."""
    makers = {
        "contract": lambda: peer.make("Contract"),
        "order": lambda: peer.make("Order"),
        "execFilter": lambda: peer.make("ExecutionFilter"),
        "subscription": lambda: peer.make("ScannerSubscription"),
        "data": lambda: peer.make("WshEventData"),
        "wshEventData": lambda: peer.make("WshEventData"),
        "orderCancel": lambda: peer.make("OrderCancel"),
    }
    ids = set()
    for name, method in inspect.getmembers(peer.client, inspect.isfunction):
        if not REQUEST(name) or name in skipped:
            continue
        parameters = list(inspect.signature(method).parameters)[1:]
        args = [
            [] if parameter.endswith("Options") else makers.get(parameter, lambda: 0)()
            for parameter in parameters
        ]
        ids.add(int(peer.payload(max(peer.versions), name, *args).split(b"\0")[0]))
    return ids


REQUEST = re.compile(
    "(start|req|cancel|place|exercise|replace|query|subscribe|unsubscribe|updateDisplay"
    "|verify|calculate|setServer)(?!.*ProtoBuf)"
).match


def test_the_table_has_exactly_what_ib_async_sends(ib_async_peer):
    assert ids_sent_by(ib_async_peer) == set(REQUESTS)


def test_the_table_has_all_that_any_client_sends(peer, is_official):
    above_178 = ("reqCurrentTimeInMillis", "cancelContractData", "cancelHistoricalTicks")
    sent = ids_sent_by(peer, skipped=above_178 if is_official else ())

    gone = {52, 53} if is_official else set()
    assert sent == set(REQUESTS) - gone


def test_every_request_is_of_a_class_of_its_own():
    assert len({spec.message for spec in REQUESTS.values()}) == len(REQUESTS)


@pytest.mark.parametrize(
    ("data", "message_id"),
    [
        (payload(999), 999),
        (payload(0), 0),
        (payload(-5, 1), -5),
        (payload(105), 105),
        (payload("x", 1), None),
        (payload("99999999999"), None),
        (payload(""), None),
        (b"", None),
        (b"\xff\xfe\0", None),
    ],
)
def test_an_unknown_request_is_a_value(data, message_id):
    assert decode_request(data, 178) == UnknownRequest(message_id)


def test_fields_beyond_the_known_ones_are_ignored():
    assert decode_request(payload(8, 1, 5, "new", "newer"), 178) == ReqIds(5)


def test_the_last_field_may_lack_its_end():
    assert decode_request(b"71\x002\x009\0caps", 178) == StartApi(9, "caps")


def test_text_that_is_no_utf_8_comes_out_escaped():
    assert decode_request(b"71\x002\x009\0a\xffb\0", 178) == StartApi(9, "a\\xffb")


@pytest.mark.parametrize(
    ("data", "name", "req_id", "field"),
    [
        (payload(8, 1, "x"), "ReqIds", None, "num_ids"),
        (payload(8, 1), "ReqIds", None, "num_ids"),
        (payload(8), "ReqIds", None, "num_ids"),
        (payload(6, 2, 1), "ReqAccountUpdates", None, "acct_code"),
        (payload(62, 1, 7, "All"), "ReqAccountSummary", 7, "tags"),
        (payload(62, 1, "", "All"), "ReqAccountSummary", None, "tags"),
        (payload(62, 1, "x", "All", "t"), "ReqAccountSummary", None, "req_id"),
        (payload(94, 7, "DU1", "", "x"), "ReqPnLSingle", 7, "con_id"),
        (payload(4, 1, 5), "CancelOrder", 5, "manual_order_cancel_time"),
        (payload(9, 8, 7, "x"), "ReqContractDetails", 7, "con_id"),
    ],
)
def test_a_fault_names_the_request_its_id_and_the_field(data, name, req_id, field):
    with pytest.raises(DecodeError) as caught:
        decode_request(data, 178)

    assert (caught.value.request, caught.value.req_id) == (name, req_id)
    assert caught.value.field == field
    assert str(caught.value) == f"{name}: {field} {caught.value.text}"
