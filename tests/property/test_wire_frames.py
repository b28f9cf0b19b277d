"""Bytes may come in any pieces, and may be anything."""

import itertools

from hypothesis import example, given, strategies as st

from ibkit.sim._wire import (
    REQUESTS,
    DecodeError,
    FrameReader,
    ProtocolError,
    UnknownRequest,
    decode_request,
    frame,
)

VERSIONS = st.integers(157, 178)
JUNK = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "7", "BAG", "PEG BEST", "Infinity", "NaN", "1e308", "a=b;"]
    ),
    st.integers(-(10**12), 10**12).map(str),
    st.floats().map(str),
    st.text(st.characters(exclude_characters="\0"), max_size=8),
)


def read_all(pieces):
    """Feed pieces; give all payloads, and what the fault says if there is one."""
    reader, payloads = FrameReader(), []
    try:
        for piece in pieces:
            payloads += reader.feed(piece)
    except ProtocolError as fault:
        return [*payloads, *fault.payloads], fault.text
    return payloads, None


def cut(data, places):
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def outcome(payload, version):
    """Give the request or its fault; whatever else is raised fails the test."""
    try:
        return decode_request(payload, version)
    except DecodeError as fault:
        return fault


@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.integers(0, 10**6), max_size=12))
def test_payloads_are_the_same_however_the_bytes_are_cut(payloads, places):
    data = b"API\0" + b"".join(map(frame, payloads))

    assert read_all(cut(data, places)) == (payloads, None)
    assert read_all(bytes([byte]) for byte in data) == (payloads, None)


@given(
    st.lists(st.binary(max_size=9), max_size=4),
    st.integers(-(2**31), -1),
    st.lists(st.integers(0, 99)),
)
def test_a_fault_is_the_same_however_the_bytes_are_cut(payloads, length, places):
    data = (
        b"API\0" + b"".join(map(frame, payloads)) + length.to_bytes(4, "big", signed=True) + b"xy"
    )

    read = read_all(cut(data, places))

    assert read == read_all([data]) == read_all(bytes([byte]) for byte in data)
    assert read[0] == payloads
    assert str(length) in read[1]


@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_any_bytes_give_payloads_or_the_protocol_error(pieces, is_signed):
    payloads, _ = read_all([b"API\0", *pieces] if is_signed else pieces)

    assert all(isinstance(payload, bytes) for payload in payloads)


@given(st.binary(max_size=200), VERSIONS)
def test_any_payload_is_a_request_or_a_decode_error(payload, version):
    known = {spec.message for spec in REQUESTS.values()}

    assert type(outcome(payload, version)) in known | {UnknownRequest, DecodeError}


@given(st.sampled_from(sorted(REQUESTS)), st.lists(JUNK, max_size=150), VERSIONS)
@example(3, ["5"] * 150, 178)
@example(3, ["BAG"] * 150, 178)
def test_a_known_request_of_any_fields_is_that_request_or_a_decode_error(number, fields, version):
    payload = "".join(f"{field}\0" for field in [number, *fields]).encode("utf-8", "surrogatepass")

    result = outcome(payload, version)

    message = REQUESTS[number].message
    if isinstance(result, DecodeError):
        assert (result.request, bool(result.field)) == (message.__name__, True)
        assert len(str(result)) < 300
    else:
        assert type(result) is message
