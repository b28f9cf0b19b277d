import struct

import pytest

from ibkit.sim._wire import (
    FrameReader,
    Hello,
    ProtocolError,
    frame,
    negotiate,
    parse_hello,
    welcome,
)

MEBIBYTE = 1 << 20


def opened(data=b""):
    reader = FrameReader()

    assert reader.feed(b"API\0") == []
    return reader, reader.feed(data)


def test_the_first_payload_is_the_hello():
    assert FrameReader().feed(b"API\0" + frame(b"v157..178")) == [b"v157..178"]


def test_frames_come_out_in_order_and_an_empty_one_too():
    _, payloads = opened(frame(b"v1..2") + frame(b"") + frame(b"71\x002\x009\0\0"))

    assert payloads == [b"v1..2", b"", b"71\x002\x009\0\0"]


def test_bytes_may_come_one_at_a_time():
    reader = FrameReader()
    data = b"API\0" + frame(b"v157..178") + frame(b"8\x001\x001\0") + frame(b"49\x001\0")

    payloads = [payload for byte in data for payload in reader.feed(bytes([byte]))]

    assert payloads == [b"v157..178", b"8\x001\x001\0", b"49\x001\0"]


def test_a_frame_of_a_mebibyte_is_allowed():
    reader, payloads = opened(frame(b"x" * MEBIBYTE)[:-1])

    assert payloads == []
    assert reader.feed(b"x") == [b"x" * MEBIBYTE]


@pytest.mark.parametrize(
    ("length", "shown"),
    [(MEBIBYTE + 1, "1048577"), (2**31 - 1, "2147483647"), (-1, "-1"), (-(2**31), "-2147483648")],
)
def test_a_length_out_of_bounds_is_refused_before_its_bytes_come(length, shown):
    reader, _ = opened(frame(b"v157..178"))

    with pytest.raises(ProtocolError, match=f"announces {shown} bytes"):
        reader.feed(struct.pack(">i", length))


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"APX", b"API\1", b"api"])
def test_garbage_before_the_handshake_is_refused_and_shown(data):
    with pytest.raises(ProtocolError) as caught:
        FrameReader().feed(data)

    assert repr(data[:8])[:-1] in caught.value.text
    assert "API" in caught.value.text


def test_garbage_is_refused_at_its_first_byte():
    reader = FrameReader()

    assert reader.feed(b"AP") == []
    with pytest.raises(ProtocolError):
        reader.feed(b"x")


def test_long_garbage_is_shown_in_short():
    with pytest.raises(ProtocolError, match="and 976 bytes more"):
        FrameReader().feed(b"x" * 1000)


def test_what_was_complete_before_a_fault_is_not_lost():
    reader, _ = opened()

    with pytest.raises(ProtocolError) as caught:
        reader.feed(frame(b"v157..178") + frame(b"one") + b"\xff" * 4)

    assert caught.value.payloads == (b"v157..178", b"one")


def test_after_a_fault_nothing_is_understood_any_more():
    reader, _ = opened()
    with pytest.raises(ProtocolError):
        reader.feed(b"\xff" * 4)

    with pytest.raises(ProtocolError) as caught:
        reader.feed(frame(b"49\x001\0"))

    assert caught.value.payloads == ()


def test_a_long_frame_may_come_in_many_pieces():
    reader, _ = opened(frame(b"v157..178"))
    data = frame(b"x" * 50_000) + frame(b"y")

    payloads = [p for at in range(0, len(data), 7) for p in reader.feed(data[at : at + 7])]

    assert payloads == [b"x" * 50_000, b"y"]


@pytest.mark.parametrize(
    ("payload", "hello"),
    [
        (b"v157..178", Hello(157, 178, "")),
        (b"v100..226", Hello(100, 226, "")),
        (b"v157..178 +PACEAPI", Hello(157, 178, "+PACEAPI")),
        (b"v176", Hello(176, 176, "")),
        (b"v9..5", Hello(9, 5, "")),
    ],
)
def test_a_hello_names_versions(payload, hello):
    assert parse_hello(payload) == hello


@pytest.mark.parametrize(
    "payload",
    [b"", b"157..178", b"v", b"v..", b"va..b", b"v157..", b"v-1..2", b"v157..178\0", b"v1..2 \xff"],
)
def test_a_hello_without_versions_is_refused(payload):
    with pytest.raises(ProtocolError, match=r"not versions as in v157\.\.178"):
        parse_hello(payload)


@pytest.mark.parametrize(
    ("hello", "version"),
    [
        (Hello(157, 178, ""), 178),  # ib_async
        (Hello(157, 176, ""), 176),  # ib_insync
        (Hello(100, 226, ""), 178),  # ibapi
        (Hello(100, 157, ""), 157),
        (Hello(160, 160, ""), 160),
        (Hello(100, 156, ""), None),
        (Hello(179, 226, ""), None),
        (Hello(178, 157, ""), None),
    ],
)
def test_the_highest_version_that_both_know_is_spoken(hello, version):
    assert negotiate(hello) == version


def test_a_gateway_may_know_fewer_versions():
    assert negotiate(Hello(157, 178, ""), highest=163) == 163
    assert negotiate(Hello(157, 160, ""), lowest=161) is None


def test_the_clients_themselves_open_as_expected(ib_async_peer):
    client = ib_async_peer.client
    versions = b"v%d..%d" % (client.MinClientVersion, client.MaxClientVersion)

    assert negotiate(parse_hello(versions)) == 178


def test_the_welcome_has_exactly_a_version_and_a_time():
    _, (payload,) = opened(welcome(178, "20250620 10:15:00 Central Standard Time"))

    assert payload == b"178\x0020250620 10:15:00 Central Standard Time\0"
