"""The views of one connection: positions, portfolio, orders, fills, account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, final

from ib_async import IB, Contract
from typing_extensions import override

from ibkit._ib import _compat as compat
from ibkit._ib._arguments import con_id_of, text, whole
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent
from ibkit._ib._link import Link
from ibkit.errors import PlanError

from ._accounts import chosen_account
from ._contracts import Contracts
from ._fill import TrueFill, exact
from ._freshness import READ_ONLY
from ._holdings import (
    Holding,
    PortfolioRow,
    holding,
    holding_row,
    portfolio_row,
    portfolio_table_row,
)
from ._ledger import OrderLedger
from ._money import AccountRow, Figure, Money, account_row, account_rows, account_table_row
from ._order import TrueOrder
from ._tables import Row
from ._view import View, ViewChange

ZERO = Decimal(0)


@final
class Positions(View[int, Holding]):
    """
    What is held, by conId. ``view[contract]`` works too; one without a conId is a `PlanError`.

    A position that is closed is not in the view: `total` tells 0 for it.
    """

    def __init__(
        self,
        ib: IB,
        link: Link,
        account: str,
        changed_of: Callable[[str], SafeEvent[ViewChange[int, Holding]]],
        contracts: Contracts | None = None,
    ) -> None:
        changed, of_all = changed_of(account), changed_of("")
        super().__init__("positions", link, self._holdings, holding_row, changed, of_all)
        self._ib, self._account, self._changed_of = ib, account, changed_of
        self._contracts = contracts or Contracts(link)

    def _of(self, account: str, con_id: int) -> Decimal:
        held = compat.position(self._ib, account, con_id)
        return exact(held.position) if held else ZERO

    def _holdings(self) -> Mapping[int, Holding]:
        account = chosen_account(self._ib, self._account)
        held = self._ib.positions(account)
        return {p.contract.conId: holding(p, self._contracts.best(p.contract)) for p in held}

    @override
    def __getitem__(self, key: int | Contract) -> Holding:
        self.require_known()
        account = chosen_account(self._ib, self._account)
        held = compat.position(self._ib, account, con_id_of(key))
        if held is None:
            raise KeyError(key)
        return holding(held, self._contracts.best(held.contract))

    async def contract_async(self, key: int | Contract) -> Contract:
        """
        The contract of a position as it can be ordered: with its exchange.

        TWS is asked once; from then on the view shows it so, too. Raises as requests do.
        """
        return await self._contracts.of_async(self[key].contract)

    contract: Final = blocking(contract_async)

    def of(self, account: str) -> Positions:
        """The same view of another account."""
        return Positions(self._ib, self._link, account, self._changed_of, self._contracts)

    def total(self, contract: int | Contract) -> Decimal:
        """The size held over all accounts; 0 when there is none."""
        self.require_known()
        con_id = con_id_of(contract)
        return sum((self._of(account, con_id) for account in self._ib.managedAccounts()), ZERO)

    def flat(self, contract: int | Contract) -> bool:
        """Whether nothing of a contract is held in any account."""
        return self.total(contract) == 0


@final
class Portfolio(View[int, PortfolioRow]):
    """Positions with their value and P&L, by conId; TWS tells them for one account at a time."""

    def __init__(
        self,
        ib: IB,
        link: Link,
        account: str,
        changed: SafeEvent[ViewChange[int, PortfolioRow]],
        contracts: Contracts | None = None,
    ) -> None:
        super().__init__("portfolio", link, self._items, portfolio_table_row, changed)
        self._ib, self._account = ib, account
        self._contracts = contracts or Contracts(link)

    def _items(self) -> Mapping[int, PortfolioRow]:
        account = chosen_account(self._ib, self._account)
        items = self._ib.portfolio(account)
        return {i.contract.conId: portfolio_row(i, self._contracts.best(i.contract)) for i in items}

    @override
    def __getitem__(self, key: int | Contract) -> PortfolioRow:
        self.require_known()
        account = chosen_account(self._ib, self._account)
        item = compat.portfolio_item(self._ib, account, con_id_of(key))
        if item is None:
            raise KeyError(key)
        return portfolio_row(item, self._contracts.best(item.contract))

    async def contract_async(self, key: int | Contract) -> Contract:
        """The contract of a row as it can be ordered, as `Positions.contract_async` tells it."""
        return await self._contracts.of_async(self[key].contract)

    contract: Final = blocking(contract_async)


def order_row(order: TrueOrder) -> Row:
    """A line of the orders table."""
    return {
        "contract": order.contract.localSymbol or order.contract.symbol,
        "side": order.order.action,
        "size": order.size,
        "type": order.order.orderType,
        "status": (order.status or "sent") + ("" if order.certain else " ?"),
        "filled": order.filled,
        "held": order.why_held,
        "reason": order.reason,
        "ref": order.order_ref,
    }


@final
class Orders(View[int, TrueOrder]):
    """
    Every order of the session by its permId, with its true status.

    An order that TWS has not answered yet has no permId: it is in `all`, not in the mapping.
    """

    reads_through = False

    def __init__(
        self, ledger: OrderLedger, link: Link, changed: SafeEvent[ViewChange[int, TrueOrder]]
    ) -> None:
        super().__init__("orders", link, self._by_perm_id, order_row, changed)
        self._ledger = ledger

    @override
    def _unreadable(self) -> str:
        return super()._unreadable() or (READ_ONLY if self._link.readonly else "")

    def _by_perm_id(self) -> Mapping[int, TrueOrder]:
        return {order.perm_id: order for order in self._ledger.all() if order.perm_id}

    @override
    def __getitem__(self, key: int) -> TrueOrder:
        self.require_known()
        order = self._ledger.by_perm_id(whole(key, "perm_id", 0))
        if order is None:
            raise KeyError(key)
        return order

    @property
    def all(self) -> tuple[TrueOrder, ...]:
        """Every order, those without a permId too, in the order in which they were heard of."""
        self.require_known()
        return self._ledger.all()

    @property
    def open(self) -> tuple[TrueOrder, ...]:
        """Those that may still trade, or of which it is not known."""
        return tuple(order for order in self.all if not order.is_done)

    def with_ref(self, order_ref: str) -> tuple[TrueOrder, ...]:
        """Those that carry a reference."""
        wanted = text(order_ref, "order_ref")
        return tuple(order for order in self.all if order.order_ref == wanted)


def fill_row(fill: TrueFill) -> Row:
    """A line of the fills table."""
    return {
        "time": f"{fill.time:%H:%M:%S}",
        "contract": fill.contract.localSymbol or fill.contract.symbol,
        "side": fill.side,
        "size": fill.size,
        "price": fill.price,
        "commission": fill.commission,
        "realized": fill.realized_pnl,
        "ref": fill.order_ref,
    }


@final
class Fills(View[str, TrueFill]):
    """Every execution by its id (that of its latest correction), oldest first."""

    reads_through = False

    def __init__(
        self, ledger: OrderLedger, link: Link, changed: SafeEvent[ViewChange[str, TrueFill]]
    ) -> None:
        super().__init__("fills", link, self._by_exec_id, fill_row, changed)
        self._ledger = ledger

    def _by_exec_id(self) -> Mapping[str, TrueFill]:
        return {fill.exec_id: fill for fill in self._ledger.fills.all()}

    @override
    def __getitem__(self, key: str) -> TrueFill:
        self.require_known()
        fill = self._ledger.fills.get(text(key, "exec_id"))
        if fill is None or fill.exec_id != key:
            raise KeyError(key)
        return fill

    def of(self, perm_id: int) -> tuple[TrueFill, ...]:
        """The fills of one order."""
        self.require_known()
        return self._ledger.fills.of(whole(perm_id, "perm_id", 0))


@final
class AccountView(View[tuple[str, str], AccountRow]):
    """
    The figures of one account by tag and currency.

    ``view["NetLiquidation"]`` does without the currency: it is the row of the one that TWS tells
    first. `figure` tells the value alone, and `cash` the cash per currency. TWS tells them every
    three minutes and when a position changes.
    """

    def __init__(
        self,
        ib: IB,
        link: Link,
        account: str,
        changed: SafeEvent[ViewChange[tuple[str, str], AccountRow]],
    ) -> None:
        super().__init__("account", link, self._rows, account_table_row, changed)
        self._ib, self._account = ib, account

    def _rows(self) -> Mapping[tuple[str, str], AccountRow]:
        return account_rows(self._ib.accountValues(chosen_account(self._ib, self._account)))

    @override
    def __getitem__(self, key: str | tuple[str, str]) -> AccountRow:
        self.require_known()
        account = chosen_account(self._ib, self._account)
        value = (
            compat.account_tag(self._ib, account, key)
            if isinstance(key, str)
            else compat.account_value(self._ib, account, *_tag_and_currency(key))
        )
        if value is None:
            raise KeyError(key)
        return account_row(value)

    def figure(self, tag: str, currency: str | None = None) -> Figure:
        """
        The value of a tag, in a currency or wherever it is told first.

        Raises `KeyError` for a tag that TWS does not tell.
        """
        return self[tag if currency is None else (tag, currency)].value

    def money(self, tag: str) -> Money | None:
        """A tag that is an amount; ``None`` where TWS sends no number."""
        value = self.figure(tag)
        return value if isinstance(value, Money) else None

    @property
    def net_liquidation(self) -> Money | None:
        """What the account is worth."""
        return self.money("NetLiquidation")

    @property
    def available_funds(self) -> Money | None:
        """What can be used for new positions."""
        return self.money("AvailableFunds")

    @property
    def cash(self) -> Mapping[str, Decimal]:
        """Cash by currency."""
        return {
            currency: row.value.amount
            for (tag, currency), row in self._known().items()
            if tag == "TotalCashBalance" and currency != "BASE" and isinstance(row.value, Money)
        }


def _tag_and_currency(key: object) -> tuple[str, str]:
    if isinstance(key, tuple) and len(key) == 2:
        return key[0], key[1]
    raise PlanError("tag", key, "a tag such as 'NetLiquidation', or a tag and a currency")
