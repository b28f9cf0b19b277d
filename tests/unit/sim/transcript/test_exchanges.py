import pytest

from ibkit.sim._transcript._exchanges import Conversation, Key, key_of, load
from ibkit.sim._transcript._lines import HEADER, TranscriptError, parse

WELCOME = '0 1 < Welcome version=178 time="20260302 10:00:00 MET"\n0 1 > StartApi client_id=3\n'


def conversation(text):
    return Conversation(parse(f"{HEADER}\n{WELCOME}{text}"))


def shape(text):
    """The names of the answers by the name of their request, in order."""
    return [
        (e.request.name, [a.line.name for a in e.answers])
        for e in conversation(text).exchanges
        if e.request.name != "StartApi" or e.answers
    ]


def test_answers_with_a_request_id_belong_to_the_latest_request_of_that_id():
    text = """
        1 1 > ReqMktData req_id=7
        1 1 > ReqMktData req_id=8
        2 1 < TickPrice req_id=7
        2 1 < TickPrice req_id=8
        3 1 > CancelMktData req_id=7
        3 1 < TickSize req_id=7
    """

    assert shape(text) == [
        ("ReqMktData", ["TickPrice"]),
        ("ReqMktData", ["TickPrice"]),
        ("CancelMktData", ["TickSize"]),
    ]


def test_order_ids_and_request_ids_may_be_equal_numbers():
    text = """
        1 1 > PlaceOrder order_id=7
        1 1 > ReqMktData req_id=7
        2 1 < OpenOrder order_id=7
        2 1 < TickPrice req_id=7
        2 1 < OrderStatus order_id=7
    """

    assert shape(text) == [
        ("PlaceOrder", ["OpenOrder", "OrderStatus"]),
        ("ReqMktData", ["TickPrice"]),
    ]


def test_a_fill_nobody_asked_for_belongs_to_its_order_and_its_commission_with_it():
    text = """
        1 1 > PlaceOrder order_id=7
        1 1 > ReqExecutions req_id=8
        2 1 < ExecDetails req_id=-1 order_id=7 exec_id=a
        2 1 < ExecDetails req_id=8 order_id=5 exec_id=b
        2 1 < CommissionReport exec_id=b
        2 1 < CommissionReport exec_id=a
    """

    assert shape(text) == [
        ("PlaceOrder", ["ExecDetails", "CommissionReport"]),
        ("ReqExecutions", ["ExecDetails", "CommissionReport"]),
    ]


def test_an_error_belongs_to_a_request_or_an_order_of_its_number():
    text = """
        1 1 > PlaceOrder order_id=7
        2 1 < ErrMsg req_id=7 error_code=201
        3 1 > ReqContractDetails req_id=8
        4 1 < ErrMsg req_id=8 error_code=200
        5 1 < ErrMsg req_id=-1 error_code=2104
    """

    assert shape(text) == [
        ("StartApi", ["ErrMsg"]),
        ("PlaceOrder", ["ErrMsg"]),
        ("ReqContractDetails", ["ErrMsg"]),
    ]


def test_open_orders_belong_to_the_question_until_its_end():
    text = """
        1 1 > PlaceOrder order_id=7
        1 1 > ReqAllOpenOrders
        2 1 < OpenOrder order_id=7
        2 1 < OrderStatus order_id=7
        2 1 < OpenOrderEnd
        3 1 < OrderStatus order_id=7
    """

    assert shape(text) == [
        ("PlaceOrder", ["OrderStatus"]),
        ("ReqAllOpenOrders", ["OpenOrder", "OrderStatus", "OpenOrderEnd"]),
    ]


@pytest.mark.parametrize(
    ("request_name", "answers"),
    [
        ("ReqPositions", ["Position", "PositionEnd", "Position"]),
        ("ReqAccountUpdates", ["UpdateAccountValue", "UpdatePortfolio", "AccountDownloadEnd"]),
        ("ReqCurrentTime", ["CurrentTime"]),
        ("ReqIds", ["NextValidId"]),
        ("ReqCompletedOrders", ["CompletedOrder", "CompletedOrdersEnd"]),
        ("ReqMarketRule", ["MarketRule"]),
    ],
)
def test_answers_without_an_id_belong_to_the_latest_request_of_their_kind(request_name, answers):
    lines = "".join(f"2 1 < {name}\n" for name in answers)

    assert shape(f"1 1 > {request_name}\n{lines}") == [(request_name, answers)]


def test_what_nobody_asked_for_belongs_to_the_log_in_with_its_time():
    found = conversation("0 1 < NextValidId order_id=1\n30 1 < UpdateNewsBulletin\n40 1 < Closed")

    (log_in,) = found.exchanges
    assert [(a.delay, a.line.name) for a in log_in.answers] == [
        (0, "NextValidId"),
        (30, "UpdateNewsBulletin"),
        (40, "Closed"),
    ]


def test_delays_count_from_the_request():
    found = conversation("10 1 > ReqPositions\n12.5 1 < PositionEnd")

    assert [a.delay for a in found.of("ReqPositions")[0].answers] == [2.5]


def test_the_unasked_id_and_the_next_order_id_are_no_keys():
    (first, second, third) = parse(
        f"{HEADER}\n{WELCOME}1 1 < ErrMsg req_id=-1\n1 1 < NextValidId order_id=5\n"
        "1 1 > CancelOrder order_id=5"
    )[2:]

    assert (key_of(first, 178), key_of(second, 178)) == (None, None)
    assert key_of(third, 178) == Key("order_id", "5")


def test_each_connection_is_a_conversation_and_one_without_a_welcome_is_none():
    text = f"""{HEADER}
        0 2 > Hello versions=x
        0 3 < Welcome version=170 time=a
        0 1 < Welcome version=178 time=b
    """

    assert [(c.version, c.time) for c in load(text, "day.txt")] == [(170, "a"), (178, "b")]


def test_a_transcript_without_any_welcome_serves_nobody():
    with pytest.raises(TranscriptError, match=r"day\.txt:1: no connection"):
        load(f"{HEADER}\n0 1 > Hello versions=x\n", "day.txt")
