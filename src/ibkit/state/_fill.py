"""Executions: the union of all that was heard, corrections replaced, commissions kept apart."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal
from typing import final

from attrs import evolve, frozen
from ib_async import CommissionReport, Contract, Execution

UNSET = 1.7976931348623157e308
LARGE = 10**15


def exact(value: float) -> Decimal:
    """A number of ib_async as it was written: 3.0 contracts are 3.

    >>> exact(3.0), exact(0.1)
    (Decimal('3'), Decimal('0.1'))
    """
    if -LARGE < value < LARGE and value == (whole := int(value)):
        return Decimal(whole)
    return Decimal(str(value))


def known(value: float | None) -> Decimal | None:
    """A number, or ``None`` where TWS means *unset*."""
    # neither comparison is true of a number that is not one
    return exact(value) if value is not None and -UNSET < value < UNSET else None


@frozen(kw_only=True)
class TrueFill:
    """One execution as it stands after all corrections."""

    exec_id: str
    contract: Contract
    account: str
    order_id: int
    client_id: int
    perm_id: int
    order_ref: str
    side: str
    """``BOT`` or ``SLD``."""
    size: Decimal
    """In contracts or shares; 0 for a trade that was taken back."""
    price: Decimal
    time: dt.datetime
    """When the exchange says it traded; timezone-aware."""
    exchange: str
    cumulative: Decimal
    """What the order had filled with this execution, as TWS said."""
    commission: Decimal | None = None
    """``None`` until the report has come, which is not the same as 0."""
    currency: str = ""
    realized_pnl: Decimal | None = None
    """Of this trade, net of commissions; ``None`` when it opened, or is not known yet."""
    recovered: bool = False
    """It was asked for after a reconnect and not heard as it happened."""

    @property
    def signed_size(self) -> Decimal:
        """The change of the position: negative for a sale."""
        return self.size if self.side == "BOT" else -self.size


@frozen(kw_only=True)
class FillChange:
    """A fill was added, corrected, or its commission has come."""

    before: TrueFill | None
    after: TrueFill


def trade_of(exec_id: str) -> tuple[str, int]:
    """The trade and the correction number of an execution id (``...01.02`` corrects ``...01.01``).

    >>> trade_of("0000e1a7.69e23a2f.01.02")
    ('0000e1a7.69e23a2f.01', 2)
    """
    trade, _, number = exec_id.rpartition(".")
    return (trade, int(number)) if trade and number.isdigit() else (exec_id, 0)


@final
class FillBook:
    """All executions of the session by trade, each at its highest correction."""

    def __init__(self) -> None:
        self._fills: dict[str, TrueFill] = {}
        self._of_order: dict[int, list[str]] = {}
        """The trades of each permId."""
        self._orphans: dict[str, CommissionReport] = {}

    def __len__(self) -> int:
        return len(self._fills)

    def all(self) -> tuple[TrueFill, ...]:
        """Every fill, in the order in which they were first heard of."""
        return tuple(self._fills.values())

    def get(self, exec_id: str) -> TrueFill | None:
        """The fill of an execution id, as corrected since."""
        return self._fills.get(trade_of(exec_id)[0])

    def of(self, perm_id: int) -> tuple[TrueFill, ...]:
        """The fills of one order."""
        return tuple(self._fills[trade] for trade in self._of_order.get(perm_id, ()))

    def execution(
        self, contract: Contract, execution: Execution, *, recovered: bool
    ) -> FillChange | None:
        """Take an execution; ``None`` when it says nothing new."""
        trade, number = trade_of(execution.execId)
        before = self._fills.get(trade)
        if before is None:
            self._of_order.setdefault(execution.permId, []).append(trade)
        elif trade_of(before.exec_id)[1] >= number:
            return None
        after = _fill(contract, execution, recovered=recovered)
        if before is not None:
            after = evolve(
                after,
                commission=before.commission,
                currency=before.currency,
                realized_pnl=before.realized_pnl,
            )
        self._fills[trade] = after
        report = self._orphans.pop(execution.execId, None)
        if report is not None:
            after = self._with(after, report)
        return FillChange(before=before, after=after)

    def commission(self, report: CommissionReport) -> FillChange | None:
        """Take a commission; it is kept until its execution comes (traps B10)."""
        before = self.get(report.execId)
        if before is None:
            # a copy: ib_async writes 0 over what is unset in its own (wrapper.py 847-852)
            self._orphans[report.execId] = copy.copy(report)
            return None
        after = self._with(before, report)
        return None if _charge(after) == _charge(before) else FillChange(before=before, after=after)

    def _with(self, fill: TrueFill, report: CommissionReport) -> TrueFill:
        after = _reported(fill, report)
        self._fills[trade_of(fill.exec_id)[0]] = after
        return after


def _charge(fill: TrueFill) -> tuple[object, ...]:
    return fill.commission, fill.currency, fill.realized_pnl


def _reported(fill: TrueFill, report: CommissionReport) -> TrueFill:
    """Name every field: `attrs.evolve` takes twice as long, and this runs for each fill."""
    return TrueFill(
        exec_id=fill.exec_id,
        contract=fill.contract,
        account=fill.account,
        order_id=fill.order_id,
        client_id=fill.client_id,
        perm_id=fill.perm_id,
        order_ref=fill.order_ref,
        side=fill.side,
        size=fill.size,
        price=fill.price,
        time=fill.time,
        exchange=fill.exchange,
        cumulative=fill.cumulative,
        commission=known(report.commission),
        currency=report.currency,
        realized_pnl=known(report.realizedPNL),
        recovered=fill.recovered,
    )


def _fill(contract: Contract, execution: Execution, *, recovered: bool) -> TrueFill:
    return TrueFill(
        exec_id=execution.execId,
        contract=contract,
        account=execution.acctNumber,
        order_id=execution.orderId,
        client_id=execution.clientId,
        perm_id=execution.permId,
        order_ref=execution.orderRef,
        side=execution.side,
        size=exact(execution.shares),
        price=exact(execution.price),
        time=execution.time,
        exchange=execution.exchange,
        cumulative=exact(execution.cumQty),
        recovered=recovered,
    )
