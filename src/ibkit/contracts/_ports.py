"""What a roller needs of others: an order desk, and where markets and streams are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Literal, Protocol

from ib_async import Contract, Order, Trade

from ibkit.errors import IbkitError

from ._market import TwoSided


class RollsOrders(Protocol):
    """The orders of one roll, while nobody else touches those on its contracts.

    Orders are plain `ib_async.Order` objects with ids, links and `orderRef` filled in. What acts
    returns when TWS has answered, and raises `OrderRejected`, `FateUnknown`, `NotConnected`.
    """

    @property
    def client_id(self) -> int:
        """The client whose orders these are."""
        ...

    async def orders_async(self) -> list[Trade]:
        """Every order that is known, with the terms that TWS has shown last."""
        ...

    async def changed_async(self, timeout: float) -> None:
        """Wait until something has changed since the last look, or for so many seconds."""
        ...

    async def settled_async(self, timeout: float = 60.0) -> None:
        """Wait until it is certain what TWS has of each order."""
        ...

    def reserve_ids(self, count: int) -> int:
        """The first of *count* consecutive order ids."""
        ...

    async def send_async(self, contract: Contract, orders: Sequence[Order]) -> None:
        """Send new orders on one contract, in this order."""
        ...

    async def change_async(
        self, order_id: int, *, remaining: Decimal | None = None, limit: Decimal | None = None
    ) -> None:
        """Change how much of a working order remains, or its limit, and nothing else of it."""
        ...

    async def cancel_async(self, order_id: int) -> None:
        """Cancel a working order. One that has ended meanwhile is no error."""
        ...


class PlacesOrders(Protocol):
    """What a roller needs of an order desk. `ibkit.orders.OrderDesk` has it."""

    async def all_orders_async(self) -> list[Trade]:
        """Every order that is known, of every client, with the terms TWS has shown last."""
        ...

    def rolling(
        self,
        old: Contract,
        new: Contract,
        *,
        account: str,
        side: Literal["BUY", "SELL"],
        size: Decimal,
        shift: Decimal | None = None,
        price: Decimal | None = None,
    ) -> AbstractAsyncContextManager[RollsOrders]:
        """Leave the orders on both contracts to the roll while this is entered."""
        ...


class MarketStream(Protocol):
    """The market of one contract, kept current until it is closed."""

    @property
    def latest(self) -> TwoSided | None:
        """The market now; None while it is not known."""
        ...

    def close(self) -> object:
        """End it."""
        ...


class TellsMarkets(Protocol):
    """Where a roller learns prices. `ibkit.streams.StreamManager` has it."""

    def quotes(self, contract: Contract, *, priority: int = 0, name: str = "") -> MarketStream:
        """Open the market of a contract."""
        ...

    async def snapshot_async(
        self, *contracts: Contract, return_errors: Literal[True]
    ) -> Mapping[int, TwoSided | IbkitError]:
        """One look at the market of each contract, by conId; an error where there is none."""
        ...

    def names_on(self, con_id: int) -> Sequence[str]:
        """Name the streams on a contract, for the plan."""
        ...

    def follow(self, old: int, new: Contract) -> Sequence[str]:
        """Take the streams on a contract (by conId) to another; their names."""
        ...
