"""Whether a contract's market is open, asked of IB once and remembered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from attrs import define, field
from ib_async import Contract

from ibkit._ib._requests import Requests
from ibkit.errors import IbkitError

from ._sessions import Sessions, read_sessions

_KNOWN_FOR = dt.timedelta(hours=12)
_UNKNOWN_FOR = dt.timedelta(minutes=30)

Answer = Callable[["bool | None"], None]


@define(eq=False)
class TradingHours:
    """The trading hours of contracts, by conId.

    They are asked for only when a line is silent, and once for all who ask meanwhile.
    """

    requests: Requests
    _known: dict[int, tuple[Sessions | None, dt.datetime]] = field(factory=dict, init=False)
    _asking: dict[int, list[tuple[Answer, float]]] = field(factory=dict, init=False)

    def ask(self, contract: Contract, answer: Answer, *, lasting: float = 0.0) -> None:
        """Call *answer* with True if the market has been open for so many seconds, or False.

        With ``None`` if nobody knows.
        """
        now = self.requests.health.clock()
        known = self._known.get(contract.conId)
        if known is not None and now < known[1]:
            answer(_is_open(known[0], now, lasting))
        elif contract.conId in self._asking:
            self._asking[contract.conId].append((answer, lasting))
        else:
            self._asking[contract.conId] = [(answer, lasting)]
            self.requests.health.spawn(self._fetch(contract), "trading hours of a silent stream")

    async def _fetch(self, contract: Contract) -> None:
        sessions = None
        try:
            details = await self.requests.contract_details_async(contract)
            if details:
                sessions = read_sessions(details[0].tradingHours, details[0].timeZoneId)
        except IbkitError:
            pass  # unknown, which is an answer
        finally:
            now = self.requests.health.clock()
            kept_for = _UNKNOWN_FOR if sessions is None else _KNOWN_FOR
            self._known[contract.conId] = (sessions, now + kept_for)
            for answer, lasting in self._asking.pop(contract.conId, ()):
                answer(_is_open(sessions, now, lasting))


def _is_open(sessions: Sessions | None, now: dt.datetime, lasting: float) -> bool | None:
    return None if sessions is None else sessions.is_open(now, dt.timedelta(seconds=lasting))
