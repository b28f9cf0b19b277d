"""A frozen picture of everything at one moment, its differences, and its JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from ibkit._ib._arguments import instance
from ibkit.errors import PlanError

from ._fill import TrueFill
from ._holdings import Holding, PortfolioRow
from ._money import AccountRow, Money
from ._order import TrueOrder

Value = str | bool | None
Record = Mapping[str, Value]


def _text(value: object) -> Value:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, Money):
        return f"{value.amount:f} {value.currency}"
    return str(value)


def _record(**fields: object) -> Record:
    return {name: _text(value) for name, value in fields.items()}


@frozen(kw_only=True)
class Difference:
    """One entry that is not the same in two snapshots; ``None`` where it is not there."""

    part: str
    """``positions``, ``portfolio``, ``orders``, ``fills`` or ``account``."""
    key: str
    before: Record | None
    after: Record | None

    def __str__(self) -> str:
        before, after = self.before or {}, self.after or {}
        names = [n for n in {**before, **after} if before.get(n) != after.get(n)]
        changed = ", ".join(f"{n}: {before.get(n)} -> {after.get(n)}" for n in names)
        return f"{self.part} {self.key}: {changed}"


@frozen(kw_only=True)
class Snapshot:
    """
    Positions, orders, fills and money at one moment, as plain text values by key.

    Numbers are decimal texts, so that JSON keeps them exact.
    """

    time: dt.datetime
    parts: Mapping[str, Mapping[str, Record]]

    @classmethod
    def of(
        cls,
        *,
        time: dt.datetime,
        positions: Iterable[Holding],
        portfolio: Iterable[PortfolioRow],
        orders: Iterable[TrueOrder],
        fills: Iterable[TrueFill],
        account: Iterable[AccountRow],
    ) -> Snapshot:
        """Take a picture of what the views hold."""
        return cls(
            time=time,
            parts={
                "positions": {f"{h.account}/{h.contract.conId}": _holding(h) for h in positions},
                "portfolio": {f"{r.account}/{r.contract.conId}": _worth(r) for r in portfolio},
                "orders": {_order_key(o): _order(o) for o in orders},
                "fills": {f.exec_id: _fill(f) for f in fills},
                "account": {
                    f"{r.tag}/{r.currency}".rstrip("/"): _record(value=r.value) for r in account
                },
            },
        )

    def to_json(self) -> str:
        """The snapshot as JSON; `from_json` gives an equal one back."""
        return json.dumps({"time": self.time.isoformat(), "parts": self.parts}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Snapshot:
        """Read what `to_json` wrote; anything else is a `PlanError`."""
        try:
            content: dict[str, Any] = json.loads(text)
            return cls(time=dt.datetime.fromisoformat(content["time"]), parts=content["parts"])
        except (TypeError, ValueError, KeyError):
            raise PlanError("text", text, "what Snapshot.to_json wrote") from None


def diff(before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
    """What is not the same in two snapshots, part by part, in the order of the keys."""
    for name, value in (("before", before), ("after", after)):
        instance(value, name, Snapshot, "a Snapshot, such as desk.state.snapshot()")
    return tuple(
        difference
        for part, new in after.parts.items()
        for difference in _differences(part, before.parts.get(part, {}), new)
    )


def _differences(
    part: str, old: Mapping[str, Record], new: Mapping[str, Record]
) -> Iterator[Difference]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield Difference(part=part, key=key, before=old.get(key), after=new.get(key))


def _holding(held: Holding) -> Record:
    return _record(
        contract=held.contract.localSymbol or held.contract.symbol,
        size=held.size,
        average_cost=held.average_cost,
    )


def _worth(row: PortfolioRow) -> Record:
    return _record(
        market_price=row.market_price,
        market_value=row.market_value,
        unrealized_pnl=row.unrealized_pnl,
        realized_pnl=row.realized_pnl,
    )


def _order_key(order: TrueOrder) -> str:
    return str(order.perm_id) if order.perm_id else f"{order.client_id}/{order.order_id}"


def _order(order: TrueOrder) -> Record:
    return _record(
        contract=order.contract.localSymbol or order.contract.symbol,
        action=order.order.action,
        size=order.size,
        type=order.order.orderType,
        limit=_price(order.order.lmtPrice),
        trigger=_price(order.order.auxPrice),
        status=order.status,
        certain=order.certain,
        filled=order.filled,
        ref=order.order_ref,
    )


def _price(value: object) -> Decimal | None:
    number = Decimal(str(value or 0))
    return number if 0 < abs(number) < Decimal("1e300") else None


def _fill(fill: TrueFill) -> Record:
    return _record(
        side=fill.side,
        size=fill.size,
        price=fill.price,
        time=fill.time,
        commission=fill.commission,
        realized_pnl=fill.realized_pnl,
        ref=fill.order_ref,
    )
