import itertools
import struct

import pytest
from hypothesis import given, strategies as st

from ibkit.sim._transcript._lines import line_of
from ibkit.sim._transcript._recorder import ConnectionRecorder, Scrubber, fields_of, payload_of


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


FROM_CLIENT = b"API\0" + frame(b"v157..178") + frame(b"71\x002\x003\0\0") + frame(b"61\x001\0")
FROM_SERVER = (
    frame(b"178\x0020260302 10:00:00 MET\0") + frame(b"9\x001\x0042\0") + frame(b"62\x001\0")
)
LINES = [
    "0.000 4 > Hello versions=v157..178",
    '0.000 4 < Welcome version=178 time="20260302 10:00:00 MET"',
    "0.000 4 > StartApi 1=2 client_id=3",
    "0.000 4 > ReqPositions",
    "0.000 4 < NextValidId order_id=42",
    "0.000 4 < PositionEnd",
]


def recorded(*chunks):
    recorder = ConnectionRecorder(4)
    return [line for way, data in chunks for line in recorder.bytes_passed(way, data, 0)]


def cut(data, places):
    edges = [0, *sorted(places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(
    st.lists(st.integers(0, len(FROM_CLIENT)), max_size=8),
    st.lists(st.integers(0, len(FROM_SERVER)), max_size=8),
)
def test_chunks_are_no_boundaries_of_messages(one, other):
    client = [(">", data) for data in cut(FROM_CLIENT, one)]
    server = [("<", data) for data in cut(FROM_SERVER, other)]

    assert recorded(*client, *server) == LINES


def test_what_a_client_says_before_it_is_welcomed_follows_the_welcome():
    recorder = ConnectionRecorder(4)

    early = recorder.bytes_passed(">", FROM_CLIENT, 0)
    later = recorder.bytes_passed("<", FROM_SERVER[:30], 0.5)

    assert [line.split()[3] for line in early] == ["Hello"]
    assert [line.split()[3] for line in later] == ["Welcome", "StartApi", "ReqPositions"]


@pytest.mark.parametrize(
    "garbage", [b"GET / HTTP/1.1\r\n\r\n", b"API\0\xff\xff\xff\xff", b"\0" * 64]
)
def test_what_is_no_protocol_is_left_out(garbage):
    recorder = ConnectionRecorder(1)

    assert recorder.bytes_passed(">", garbage, 0) == []
    assert recorder.bytes_passed(">", frame(b"61\x001\0") * 3, 0) == []


def test_who_has_closed_is_written_down():
    assert ConnectionRecorder(2).closed("<", 1) == ["1.000 2 < Closed"]


@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)
)
def test_fields_go_into_payloads_and_come_back(fields):
    assert fields_of(payload_of(tuple(fields))) == tuple(fields)


@given(st.binary(max_size=60))
def test_any_bytes_come_back_at_the_latest_after_the_first_time(payload):
    once = payload_of(fields_of(payload))

    assert once.rstrip(b"\0") == payload.rstrip(b"\0")
    assert payload_of(fields_of(once)) == once


# -- account numbers


def scrubbed(scrubber, *fields):
    return scrubber.scrub(line_of(0, 1, "<", fields)).fields


def test_an_account_is_the_same_made_up_one_everywhere():
    scrubber = Scrubber()

    listed = scrubbed(scrubber, "15", "1", "U1234567,U7654321,")
    value = scrubbed(scrubber, "6", "2", "AccountCode", "U7654321", "", "U7654321")
    text = scrubbed(scrubber, "4", "2", "-1", "321", "no account U1234567, sorry", "")

    assert listed[2] == "DU9000001,DU9000002,"
    assert value[3:] == ("DU9000002", "", "DU9000002")
    assert text[4] == "no account DU9000001, sorry"


@pytest.mark.parametrize("account", ["U1234567", "DU123456", "DUM123456", "F7654321", "DFH123456"])
def test_what_looks_like_an_account_goes_before_it_is_listed(account):
    assert scrubbed(Scrubber(), "6", "2", "AccountCode", account)[3] == "DU9000001"


def test_a_listed_account_goes_whatever_it_looks_like():
    scrubber = Scrubber()
    scrubbed(scrubber, "15", "1", "family,")

    assert scrubbed(scrubber, "6", "2", "Owner", "of family")[3] == "of DU9000001"


@pytest.mark.parametrize("text", ["ESU6", "USD", "DU1", "1234567", "PUT U 123"])
def test_other_texts_stay(text):
    assert scrubbed(Scrubber(), "6", "2", text, text)[2:] == (text, text)


def test_a_recorder_scrubs_on_request():
    recorder = ConnectionRecorder(1, Scrubber())
    recorder.bytes_passed("<", FROM_SERVER, 0)

    (line,) = recorder.bytes_passed("<", frame(b"15\x001\0U1234567\0"), 0)

    assert line == "0.000 1 < ManagedAccounts accounts_list=DU9000001"
