from decimal import Decimal

import pytest

from ibkit.sim._wire import (
    ANSWERS,
    ContractData,
    ContractDetailsFields,
    ContractFields,
    ErrMsg,
    OpenOrderEnd,
    OrderStatus,
    TickPrice,
    TickString,
    encode,
)


def fields(frame):
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    assert frame.endswith(b"\0")
    return frame[4:-1].decode("ascii").split("\0")


def test_the_table_has_exactly_what_ib_async_reads(ib_async_peer):
    decoder = ib_async_peer.decoder(None, 178)

    assert {spec.id for spec in ANSWERS.values()} == set(decoder.handlers)


def test_the_table_has_all_that_ibapi_reads_at_178():
    decoder = pytest.importorskip("ibapi.decoder").Decoder
    newer = {108, 109}  # historicalDataEnd since 196, currentTimeInMillis since 197

    read = {int(number) for number in decoder.msgId2handleInfo} - newer
    assert read == {spec.id for spec in ANSWERS.values()} - {51}


def test_only_the_three_kinds_of_tick_by_tick_share_an_id():
    ids = [spec.id for spec in ANSWERS.values()]

    assert sorted(number for number in set(ids) if ids.count(number) > 1) == [99]
    assert ids.count(99) == 3


def test_a_frame_has_its_length_its_id_and_the_version_of_its_layout():
    assert fields(encode(TickPrice(7, 1, Decimal("5000.25"), Decimal(3), 1), 178)) == [
        "1",
        "6",
        "7",
        "1",
        "5000.25",
        "3",
        "1",
    ]


def test_an_answer_without_fields_is_its_id_alone():
    assert fields(encode(OpenOrderEnd(), 178)) == ["53", "1"]


@pytest.mark.parametrize(("version", "start"), [(163, ["10", "8", "7"]), (164, ["10", "7", ""])])
def test_contract_details_have_no_layout_version_since_164(version, start):
    data = ContractData(7, ContractDetailsFields(ContractFields()))

    assert fields(encode(data, version))[:3] == start


@pytest.mark.parametrize(
    ("price", "text"), [("1E+3", "1000"), ("1E-7", "0.0000001"), ("12.50", "12.50"), ("-1", "-1")]
)
def test_a_price_is_plain_digits_whatever_its_decimal(price, text):
    assert fields(encode(TickPrice(7, 1, Decimal(price), Decimal("1E+2")), 178))[4:6] == [
        text,
        "100",
    ]


def test_a_text_with_a_capital_e_is_left_as_it_is():
    assert fields(encode(TickString(7, 84, "EDGX 1E+2"), 178))[4] == "EDGX 1E+2"


def test_a_nul_in_a_text_does_not_shift_the_fields():
    nothing = Decimal(0)
    status = OrderStatus(5, "a\0b", *[nothing] * 3, 1, 0, nothing, 9, "why\0held")

    assert fields(encode(status, 178))[2] == "a b"
    assert fields(encode(status, 178))[10:] == ["why held", "0"]
    assert fields(encode(ErrMsg(7, 200, "no\0definition"), 178))[4] == "no definition"


@pytest.mark.parametrize(
    ("text", "sent"),
    [("é", "\\u00e9"), ("株", "\\u682a"), ("\U0001f600", "\\ud83d\\ude00"), ("a\\b", "a\\b")],
)
def test_text_travels_as_ascii(text, sent):
    assert fields(encode(ErrMsg(7, 200, text), 178))[4] == sent


def test_what_is_no_answer_is_not_encoded():
    with pytest.raises(KeyError):
        encode((1, 2), 178)
