"""Real ib_async clients on a simulated gateway, in memory and in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import Any

from ib_async import IB, Contract

from ibkit.sim import SimGateway
from ibkit.testing import plug_in

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=timezone.utc)
"""10:00 in New York."""


@asynccontextmanager
async def connected(client_id: int = 3, **options: Any) -> AsyncIterator[tuple[SimGateway, IB]]:
    """A gateway and one client that has logged in and synchronised."""
    options = {"port": None, "seed": 7, "start": MONDAY, **options}
    async with SimGateway(**options) as gateway, client(gateway, client_id) as ib:
        yield gateway, ib


@asynccontextmanager
async def client(gateway: SimGateway, client_id: int) -> AsyncIterator[IB]:
    """One more client."""
    ib = plug_in(IB(), gateway)
    await ib.connectAsync(clientId=client_id)
    try:
        yield ib
    finally:
        ib.disconnect()
        await asyncio.sleep(0.01)


def future(gateway: SimGateway, name: str = "ES") -> Contract:
    """The lead month of a product, as a client holds a resolved contract."""
    instrument = gateway.market.instrument(name)
    return Contract(
        secType=instrument.sec_type,
        conId=instrument.con_id,
        symbol=instrument.symbol,
        localSymbol=instrument.local_symbol,
        exchange=instrument.exchange,
        currency=instrument.currency,
    )


class Log:
    """The messages of a client, by number."""

    def __init__(self, ib: IB) -> None:
        self.rows: list[tuple[int, int, str]] = []
        ib.errorEvent += self._on_error

    def _on_error(self, req_id: int, code: int, text: str, contract: object) -> None:
        self.rows.append((req_id, code, text))

    @property
    def codes(self) -> list[int]:
        """The codes without the notices about farms."""
        return [code for _, code, _ in self.rows if code not in {2104, 2106, 2158}]

    def text(self, code: int) -> str:
        """The text of the first message of a code."""
        return next(text for _, c, text in self.rows if c == code)


def data(gateway: SimGateway) -> list[tuple[int, str, int]]:
    """The market-data subscriptions of all clients; every client also follows its account."""
    others = {"positions", "updates", "updates_multi"}
    return [tuple(s)[:3] for s in gateway.truth.subscriptions if s.kind not in others]
