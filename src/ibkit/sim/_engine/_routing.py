"""Stock orders that name an exchange instead of SMART: what a gateway says of them (10311)."""

from __future__ import annotations

from typing import final

from ibkit.sim._engine._check import Answer, Draft


@final
class Routing:
    """Who has been told already. What 10311 does is not settled, hence a switch (9, point 6)."""

    __slots__ = ("_held", "_warned")

    def __init__(self) -> None:
        self._warned: set[tuple[int, str]] = set()
        self._held: set[tuple[int, int]] = set()

    def warning(self, client_id: int, sec_type: str, exchange: str) -> Answer | None:
        """Warn a client of an exchange once."""
        if not _is_direct(sec_type, exchange) or (client_id, exchange) in self._warned:
            return None
        self._warned.add((client_id, exchange))
        return _answer(exchange)

    def hold(self, draft: Draft) -> Answer | None:
        """Hold an order back until it is sent again."""
        instrument, key = draft.instrument, (draft.key.client_id, draft.key.order_id)
        if instrument is None or not _is_direct(instrument.sec_type, draft.exchange):
            return None
        if key in self._held:
            self._held.remove(key)
            return None
        self._held.add(key)
        return _answer(draft.exchange)


def _is_direct(sec_type: str, exchange: str) -> bool:
    return sec_type == "STK" and exchange != "SMART"


def _answer(exchange: str) -> Answer:
    return Answer(
        10311,
        f"This order will be directly routed to {exchange}. Direct routed orders may result in "
        "higher trade fees.",
    )
