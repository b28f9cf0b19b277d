import pytest

from ibkit.sim._transcript._exchanges import Conversation, Key
from ibkit.sim._transcript._lines import HEADER, format_line, line_of, parse
from ibkit.sim._transcript._player import Player
from ibkit.sim._transcript._recorder import fields_of

START = """0 1 < Welcome version=178 time=now
0 1 > StartApi client_id=3
0 1 < NextValidId order_id=5
"""


def player(text):
    return Player(Conversation(parse(f"{HEADER}\n{START}{text}")))


def asked(text):
    (_, line) = parse(f"{HEADER}\n0 1 < Welcome version=178 time=now\n0 1 > {text}")
    return line.fields


def played(of, text):
    """Delay and line of each reply to a request, without its head."""
    return [
        (reply.delay, reply.payload and shown(fields_of(reply.payload)))
        for reply in of.answer(asked(text)).replies
    ]


def shown(fields):
    return format_line(line_of(0, 1, "<", fields), 178).removeprefix("0.000 1 < ")


def test_a_request_gets_the_recorded_answers_under_its_own_id():
    one = player("1 1 > ReqMktData req_id=7 symbol=ES\n3 1 < TickPrice req_id=7 price=5")

    assert played(one, "ReqMktData req_id=99 symbol=ES") == [(2, "TickPrice req_id=99 price=5")]


def test_the_most_similar_request_answers_and_of_equals_each_in_its_turn():
    one = player("""1 1 > ReqContractDetails req_id=7 symbol=ES
        1 1 < ContractDetailsEnd req_id=7
        2 1 > ReqContractDetails req_id=8 symbol=NQ
        3 1 < ErrMsg req_id=8 error_code=200 error_string=first
        4 1 > ReqContractDetails req_id=9 symbol=NQ
        4 1 < ErrMsg req_id=9 error_code=200 error_string=second
    """)

    texts = [played(one, f"ReqContractDetails req_id={n} symbol=NQ")[0][1] for n in (1, 2, 3)]
    assert [text.partition("error_string=")[2].split()[0] for text in texts] == [
        "first",
        "second",
        "second",
    ]
    assert played(one, "ReqContractDetails req_id=4 symbol=ES") == [
        (0, "ContractDetailsEnd req_id=4")
    ]


def test_ids_of_orders_and_of_the_client_are_rewritten_in_all_answers():
    one = player("""1 1 > PlaceOrder order_id=5 action=BUY
        1 1 < OrderStatus order_id=5 client_id=3 perm_id=5
        1 1 > PlaceOrder order_id=6 action=SELL parent_id=5
        1 1 < OpenOrder order_id=6 parent_id=5 client_id=3
        1 1 < ExecDetails req_id=-1 order_id=6 client_id=3 exec_id=x
        1 1 < ErrMsg req_id=6 error_code=399
    """)
    one.answer(asked("StartApi client_id=8"))

    parent = played(one, "PlaceOrder order_id=105 action=BUY")
    child = played(one, "PlaceOrder order_id=106 action=SELL parent_id=105")

    assert parent == [(0, "OrderStatus order_id=105 perm_id=5 client_id=8")]
    assert [text for _, text in child] == [
        "OpenOrder order_id=106 client_id=8 parent_id=105",
        "ExecDetails req_id=-1 order_id=106 exec_id=x client_id=8",
        "ErrMsg req_id=106 error_code=399",
    ]


def test_a_modification_plays_what_followed_the_modification_of_that_order():
    one = player("""1 1 > PlaceOrder order_id=5 lmt_price=1
        1 1 < OrderStatus order_id=5 status=Submitted
        2 1 > PlaceOrder order_id=6 lmt_price=9
        2 1 < OrderStatus order_id=6 status=Inactive
        3 1 > PlaceOrder order_id=5 lmt_price=2
        3 1 < OrderStatus order_id=5 status=Filled
    """)
    one.answer(asked("PlaceOrder order_id=50 lmt_price=1"))

    (_, text), = played(one, "PlaceOrder order_id=50 lmt_price=9")  # fmt: skip

    assert "status=Filled" in text


def test_next_order_ids_are_not_rewritten():
    one = player("1 1 > ReqMktData req_id=5\n2 1 > ReqIds\n2 1 < NextValidId order_id=5")
    one.answer(asked("ReqMktData req_id=77"))

    assert played(one, "ReqIds num_ids=1") == [(0, "NextValidId order_id=5")]


def test_requests_of_one_id_are_one_topic_and_so_are_those_without():
    one = player("")

    topics = [
        one.answer(asked(text)).topic
        for text in ("ReqMktData req_id=7", "CancelMktData req_id=7", "CancelPositions")
    ]
    assert topics == [Key("req_id", "7"), Key("req_id", "7"), "ReqPositions"]


def test_a_close_by_the_server_is_played_and_one_by_the_client_is_not():
    one = player("9 1 < Closed\n9 1 > Closed")

    assert [(r.delay, r.payload) for r in one.answer(asked("StartApi client_id=3")).replies][
        1:
    ] == [(9, None)]


@pytest.mark.parametrize(
    ("text", "req_id", "code", "words"),
    [
        ("ReqMktData req_id=7", 7, 322, "the transcript has no ReqMktData"),
        ("ReqPositions", -1, 322, "the transcript has no ReqPositions"),
        ("Message 0=777", -1, 505, "Fatal Error: Unknown message id."),
    ],
)
def test_what_the_transcript_has_not_is_an_error_and_never_silence(text, req_id, code, words):
    answer = f'ErrMsg req_id={req_id} error_code={code} error_string="{words}"'

    assert played(player(""), text) == [(0, answer)]


@pytest.mark.parametrize("text", ["CancelMktData req_id=7", "ReqMarketDataType market_data_type=3"])
def test_what_has_no_answer_in_tws_has_none_here(text):
    assert played(player(""), text) == []
