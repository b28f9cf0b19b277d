"""What a transcript answers to a client that nobody recorded.

A request gets the answers that the most similar request of its kind got, after the same delays,
with the client's own ids in them. A cancel, or a request under the same id again, ends what is
still to come of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, final

from ibkit.sim import _wire as wire
from ibkit.sim._transcript._exchanges import LOG_IN, NO_ORDER, Conversation, Exchange, Key, key_of
from ibkit.sim._transcript._lines import CLOSED, UNNAMED, Line, layout_of, line_of
from ibkit.sim._transcript._recorder import payload_of

UNANSWERED = ("SetServerLogLevel", "ReqMarketDataType")
"""Requests that TWS takes without an answer."""
ENDS = {"CancelPositions": "ReqPositions", "CancelNewsBulletins": "ReqNewsBulletins"}
"""Cancels without an id -> what they end."""
UNKNOWN_ID, MISSING = 505, 322

Topic = Key | str
"""What goes on under one id, or under one name."""


class Reply(NamedTuple):
    """A payload to send *delay* seconds from now; ``None`` closes the connection."""

    delay: float
    payload: bytes | None


class Turn(NamedTuple):
    """What follows a request. What is still to come of an earlier turn of the topic does not."""

    topic: Topic
    replies: tuple[Reply, ...]


@final
class Player:
    """Answers one connection from one conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._version = conversation.version
        self._used: set[int] = set()
        self._ids: dict[Key, str] = {}
        """Recorded ids -> those of the client at hand."""
        self._client_ids: dict[str, str] = {}

    def answer(self, fields: tuple[str, ...]) -> Turn:
        """What follows the request with these *fields*."""
        asked = line_of(0.0, 0, ">", fields)
        key = key_of(asked, self._version)
        exchange = self._most_similar(asked, key)
        replies = self._without(asked, key) if exchange is None else self._play(exchange, asked)
        return Turn(key or ENDS.get(asked.name, asked.name), tuple(replies))

    # -- which exchange

    def _most_similar(self, asked: Line, key: Key | None) -> Exchange | None:
        """Of those that have most in common with a request, the first unused one, or the last."""
        candidates = self._conversation.of(asked.name)
        if not candidates or asked.name == UNNAMED:
            return None
        likeness = [self._likeness(one, asked, key) for one in candidates]
        alike = [
            one for one, same in zip(candidates, likeness, strict=True) if same == max(likeness)
        ]
        chosen = next((one for one in alike if id(one) not in self._used), alike[-1])
        self._used.add(id(chosen))
        return chosen

    def _likeness(self, one: Exchange, asked: Line, key: Key | None) -> tuple[bool, int]:
        """Whether it is about the same order or request, and how many fields are equal."""
        mine = key is not None and one.key is not None and self._ids.get(one.key) == key.number
        return mine, sum(map(str.__eq__, one.request.fields, asked.fields))

    # -- what is sent

    def _play(self, exchange: Exchange, asked: Line) -> Iterator[Reply]:
        key = key_of(asked, self._version)
        if exchange.key is not None and key is not None:
            self._ids[exchange.key] = key.number
        if asked.name == LOG_IN:
            recorded = exchange.request.field("client_id", self._version)
            self._client_ids[recorded or ""] = asked.field("client_id", self._version) or ""
        for delay, line in exchange.answers:
            if line.name == CLOSED:
                yield Reply(delay, None)
            else:
                yield Reply(delay, payload_of(self._rewritten(line, exchange)))

    def _rewritten(self, line: Line, exchange: Exchange) -> tuple[str, ...]:
        """The fields of an answer with the ids of the client at hand."""
        fields = list(line.fields)
        known = layout_of("<", line.name, self._version)
        for name in ("req_id", "order_id", "parent_id", "client_id"):
            place = known.index_of(name)
            if place is not None and place < len(fields) and line.name not in NO_ORDER:
                fields[place] = self._id(name, fields[place], exchange)
        return tuple(fields)

    def _id(self, name: str, number: str, exchange: Exchange) -> str:
        if name == "client_id":
            return self._client_ids.get(number, number)
        own = exchange.key
        if name == "req_id" and own is not None and own.number == number:
            return self._ids[own]
        kind = "req_id" if name == "req_id" else "order_id"
        return self._ids.get(Key(kind, number), number)

    def _without(self, asked: Line, key: Key | None) -> Iterator[Reply]:
        """What a request of a kind gets that the transcript has not: an error, never silence."""
        if asked.name in UNANSWERED or asked.name.startswith("Cancel"):
            return
        text, code = f"the transcript has no {asked.name}", MISSING
        if asked.name == UNNAMED:
            text, code = "Fatal Error: Unknown message id.", UNKNOWN_ID
        req_id = int(key.number) if key is not None and key.number.isdecimal() else -1
        frame = wire.encode(wire.ErrMsg(req_id, code, text), self._version)
        yield Reply(0.0, frame[4:])
