r"""Frames: a big-endian length of four bytes, then that many bytes of payload.

A connection opens with ``API\0`` from the client, then one frame with the versions it speaks
(``v157..178``, perhaps options after a blank). The server answers with one frame, its version and
the time; from then on every frame is a message: fields that each end in a NUL.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import NamedTuple

SIGNATURE = b"API\0"
MAX_FRAME = 1 << 20
LOWEST_VERSION = 157
HIGHEST_VERSION = 178

_LENGTH = Struct(">i")
prefix = Struct(">I").pack
"""The length of a payload, as it stands before it."""
_HELLO = re.compile(rb"v([0-9]{1,9})(?:\.\.([0-9]{1,9}))?(?: ([\x20-\x7e]*))?").fullmatch


class ProtocolError(Exception):
    """The bytes are not the protocol; nothing after them can be understood.

    Attributes:
        text: What came, and what was expected.
        payloads: The complete payloads before the fault in the same chunk of bytes.

    """

    def __init__(self, text: str, payloads: tuple[bytes, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.payloads = payloads


class Hello(NamedTuple):
    """The versions a client speaks, and its options (``+PACEAPI``)."""

    minimum: int
    maximum: int
    options: str


def frame(payload: bytes) -> bytes:
    r"""Put the length before a payload.

    >>> frame(b"49\x001\x00")
    b'\x00\x00\x00\x0549\x001\x00'
    """
    return prefix(len(payload)) + payload


def parse_hello(payload: bytes) -> Hello:
    """Read the first payload of a connection.

    >>> parse_hello(b"v157..178 +PACEAPI")
    Hello(minimum=157, maximum=178, options='+PACEAPI')

    Raises:
        ProtocolError: It names no versions.

    """
    match = _HELLO(payload)
    if match is None:
        raise ProtocolError(f"the first frame is {_shown(payload)}, not versions as in v157..178")
    lowest, highest, options = match.groups(default=b"")
    return Hello(int(lowest), int(highest or lowest), options.decode("ascii"))


def negotiate(
    hello: Hello, lowest: int = LOWEST_VERSION, highest: int = HIGHEST_VERSION
) -> int | None:
    """Choose the highest version that both sides know; ``None`` when there is none.

    >>> negotiate(Hello(100, 226, ""))
    178
    """
    version = min(hello.maximum, highest)
    return version if version >= max(hello.minimum, lowest) else None


def welcome(version: int, time: str) -> bytes:
    """Build the frame that answers the hello: ``20250620 10:15:00 Central Standard Time``."""
    return frame(f"{version}\0{time}\0".encode("ascii", "replace"))


class FrameReader:
    r"""Cuts what one client sends into payloads, the first of which is its hello.

    >>> reader = FrameReader()
    >>> reader.feed(b"API\x00\x00\x00\x00\x09v157.")
    []
    >>> reader.feed(b".178\x00\x00")
    [b'v157..178']
    """

    __slots__ = ("_buffer", "_fault", "_signed")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._signed = False
        self._fault: str | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return the payloads that are complete now.

        Raises:
            ProtocolError: Garbage before the handshake, a negative length, a frame above 1 MiB.
                From then on every call raises it.

        """
        self._buffer += data
        payloads: list[bytes] = []
        if self._fault is None and (self._signed or self._read_signature()):
            self._read_frames(payloads)
        if self._fault is not None:
            self._buffer.clear()
            raise ProtocolError(self._fault, tuple(payloads))
        return payloads

    def _read_signature(self) -> bool:
        start = bytes(self._buffer[: len(SIGNATURE)])
        if not SIGNATURE.startswith(start):
            self._fault = f"the connection opens with {_shown(self._buffer)}, not with API\\0"
        elif start == SIGNATURE:
            del self._buffer[: len(SIGNATURE)]
            self._signed = True
        return self._signed

    def _read_frames(self, payloads: list[bytes]) -> None:
        buffer, position = self._buffer, 0
        while len(buffer) - position >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, position)
            if not 0 <= length <= MAX_FRAME:
                self._fault = f"a frame announces {length} bytes; 0 to {MAX_FRAME} are allowed"
                break
            end = position + _LENGTH.size + length
            if end > len(buffer):
                break
            payloads.append(bytes(buffer[position + _LENGTH.size : end]))
            position = end
        del buffer[:position]


def _shown(data: bytes | bytearray) -> str:
    start = repr(bytes(data[:24]))
    return f"{start} and {len(data) - 24} bytes more" if len(data) > 24 else start
