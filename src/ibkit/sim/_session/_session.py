"""One API client, from its first byte to its last. No input or output: bytes and time come in."""

from __future__ import annotations

import datetime as dt
import enum
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, final

from ibkit.sim import _wire as wire
from ibkit.sim._session._disturbances import ON_ANSWERS, ON_REQUESTS
from ibkit.sim._session._texts import stamp, text_of

if TYPE_CHECKING:
    from ibkit.sim._market import Instrument
    from ibkit.sim._session._floor import Floor
    from ibkit.sim._session._timers import Timer

LOGIN_SECONDS = 30
"""How long a connection may stay without saying who it is."""

BACKLOG = 10_000
"""Requests that may wait for their turn under the message rate before a client is dropped."""

SECOND = dt.timedelta(seconds=1)


class Stage(enum.Enum):
    """How far a client has come."""

    HELLO = "waiting for the API hello"
    LOGIN = "waiting for startApi"
    READY = "logged in"


class Running(Protocol):
    """Something a client has asked for that goes on until it is stopped."""

    def stop(self) -> None:
        """End it and free what it uses. Stopping twice does nothing."""
        ...


@final
class Session:
    """The gateway's side of one connection.

    Give it what arrives with `receive`, and send what `take_output` returns. When `closing` is
    not empty, close the connection after that; it says why.
    """

    def __init__(self, floor: Floor, peer: str, now: dt.datetime) -> None:
        self.floor: Floor = floor
        self.peer: str = peer
        self.stage: Stage = Stage.HELLO
        self.client_id: int = -1
        self.version: int = 0
        self.closing: str = ""
        """Why the connection is to be closed; empty while it goes on."""
        self.broken: bool = False
        """The connection is to be reset, not closed."""
        self.market_data_type: int = 1
        self.running: dict[tuple[str, int], Running] = {}
        """What goes on for this client, by kind (``quotes``, ``depth``, ...) and request id."""
        self.about: dict[tuple[str, int], Instrument | None] = {}
        """The instrument of each of them, where it is about one."""
        self._frames = wire.FrameReader()
        self._encoders = wire.encoders(self.version)
        self._output = bytearray()
        self._waiting: deque[bytes] = deque()
        self._recent: deque[dt.datetime] = deque()
        self._excesses = 0
        self._turn: Timer | None = None
        self._patience = floor.timers.at(now + LOGIN_SECONDS * SECOND, self._login_overdue)

    def __repr__(self) -> str:
        return f"<Session {self.peer} client {self.client_id} {self.stage.name}>"

    # -- bytes in, bytes out

    def receive(self, data: bytes, now: dt.datetime) -> None:
        """Take bytes from the client and answer what they ask."""
        if self.closing:
            return
        try:
            self._waiting.extend(self._frames.feed(data))
        except wire.ProtocolError as error:
            self._waiting.extend(error.payloads)
            self._work(now)
            self.close(str(error))
            return
        if len(self._waiting) > BACKLOG:
            self.close(f"{len(self._waiting)} requests are waiting: far above the message rate")
            return
        self._work(now)

    def take_output(self) -> bytes:
        """What is to be sent; it is forgotten here."""
        output = bytes(self._output)
        self._output.clear()
        return output

    # -- what handlers call

    def send(self, answer: wire.Answer) -> None:
        """Put one message into the output."""
        rule = None
        if self.floor.interference.active:
            rule = self.floor.interference.use(self.client_id, type(answer).__name__)
        if rule is None:
            self.put(answer)
        else:
            ON_ANSWERS[rule.effect](self, answer, rule)

    def send_all(self, answers: Sequence[wire.Answer]) -> None:
        """Put several messages into the output; nothing for none."""
        floor = self.floor
        if floor.interference.active or floor.spelling is not None or floor.trace is not None:
            for answer in answers:
                self.send(answer)
        elif answers:
            encoders = self._encoders
            self._output += b"".join([encoders[type(answer)](answer) for answer in answers])
            floor.talking[self] = None

    def put(self, answer: wire.Answer) -> None:
        """Put one message into the output, whatever faults are in force."""
        floor = self.floor
        frame = self._encoders[type(answer)](answer)
        self._output += frame if floor.spelling is None else floor.spelling.applied(frame)
        if floor.trace is not None:
            floor.trace(self, "<", answer)
        floor.talking[self] = None

    def send_frame(self, frame: bytes) -> None:
        """Put a message that is already encoded into the output."""
        if self.floor.spelling is not None:
            frame = self.floor.spelling.applied(frame)
        self._output += frame
        self.floor.talking[self] = None

    def error(self, req_id: int, code: int, text: str) -> None:
        """Send an error, or a notice with request id -1."""
        self.send(wire.ErrMsg(req_id=req_id, error_code=code, error_string=text))

    def refuse(self, req_id: int, code: int, *words: object) -> None:
        """Send the standard text of an error code, its slots filled with *words*."""
        self.error(req_id, code, text_of(code, *words))

    def start(
        self, kind: str, req_id: int, what: Running, instrument: Instrument | None = None
    ) -> None:
        """Keep something that goes on, so that a cancel or the end of the session stops it."""
        self.running[kind, req_id] = what
        self.about[kind, req_id] = instrument
        self.floor.held[kind] += 1

    def stop(self, kind: str, req_id: int) -> bool:
        """Stop something that goes on; say whether it was there."""
        what = self.running.pop((kind, req_id), None)
        if what is None:
            return False
        del self.about[kind, req_id]
        self.floor.held[kind] -= 1
        what.stop()
        return True

    def close(self, reason: str) -> None:
        """End the session; the connection is closed when the output is sent."""
        if not self.closing:
            self.closing = reason
            self._patience.cancel()
            if self._turn is not None:
                self._turn.cancel()
            self._waiting.clear()
            self.floor.talking[self] = None

    def cut(self) -> None:
        """End the session as if the wire was cut: nothing more is sent."""
        self._output.clear()
        self.close("cut")
        self.broken = True

    def end(self) -> None:
        """Stop everything that goes on. The connection is gone."""
        self.close("gone")
        for kind, req_id in list(self.running):
            self.stop(kind, req_id)

    # -- the work

    def _work(self, now: dt.datetime) -> None:
        while self._waiting and not self.closing and self._may_go_on(now):
            payload = self._waiting.popleft()
            if self.stage is Stage.HELLO:
                self._greet(payload, now)
            else:
                self._handle(payload, now)

    def _greet(self, payload: bytes, now: dt.datetime) -> None:
        try:
            hello = wire.parse_hello(payload)
        except wire.ProtocolError as error:
            self.close(str(error))
            return
        version = wire.negotiate(hello)
        if version is None:
            self.close(f"speaks versions {hello.minimum} to {hello.maximum}, not 157 to 178")
            return
        self.version = version
        self._encoders = wire.encoders(version)
        self.stage = Stage.LOGIN
        self.send_frame(wire.welcome(version, stamp(now, self.floor.scenario.zone)))

    def _handle(self, payload: bytes, now: dt.datetime) -> None:
        try:
            request = wire.decode_request(payload, self.version)
        except wire.DecodeError as error:
            self.refuse(-1 if error.req_id is None else error.req_id, 320, str(error))
            return
        if self.floor.trace is not None:
            self.floor.trace(self, ">", request)
        rule = None
        if self.floor.interference.active:
            rule = self.floor.interference.use(self.client_id, type(request).__name__)
        if rule is None:
            self.floor.handle(self, request, now)
        else:
            ON_REQUESTS[rule.effect](self, request, rule, now)

    def logged_in(self) -> None:
        """The client has said who it is."""
        self.stage = Stage.READY
        self._patience.cancel()

    def _login_overdue(self, now: dt.datetime) -> None:
        self.close(f"did not log in within {LOGIN_SECONDS} s")

    # -- the message rate (4.4)

    def _may_go_on(self, now: dt.datetime) -> bool:
        limits = self.floor.scenario.limits
        recent = self._recent
        while recent and now - recent[0] >= SECOND:
            recent.popleft()
        if len(recent) < limits.messages_per_second:
            recent.append(now)
            return True
        if limits.message_excess == "delay":
            self._wait_until(recent[0] + SECOND)
            return False
        return self._reject_excess()

    def _wait_until(self, due: dt.datetime) -> None:
        if self._turn is None:
            self._turn = self.floor.timers.at(due, self._take_turn)

    def _take_turn(self, now: dt.datetime) -> None:
        self._turn = None
        self._work(now)

    def _reject_excess(self) -> bool:
        self._excesses += 1
        self._recent.clear()
        limit = self.floor.scenario.limits.messages_per_second
        self.refuse(-1, 100, limit, limit + 1)
        if self._excesses >= 3:
            self.close("exceeded the message rate three times")
        return not self.closing
