"""The groups of a desk as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import final, overload

from ibkit.errors import PlanError
from ibkit.orders._live_group import GroupTrade
from ibkit.state._tables import Row, html_table, text_table


def group_row(trade: GroupTrade) -> Row:
    """A line of the table."""
    return {
        "group": trade.group_id,
        "contract": trade.contract.localSymbol or trade.contract.symbol,
        "what": trade.group.form,
        "side": trade.side,
        "size": trade.group.size,
        "status": trade.status.name,
        "filled": trade.filled,
        "open": trade.open_size,
        "protected": trade.protected_size,
        "entry price": trade.entry_price,
        "realized": trade.realized_pnl,
        "reason": trade.reason,
    }


@final
class Groups(Sequence[GroupTrade]):
    """The groups of a desk, oldest first; printed as a table."""

    def __init__(self, trades: Iterable[GroupTrade]) -> None:
        self._trades = tuple(trades)

    @overload
    def __getitem__(self, index: int) -> GroupTrade: ...
    @overload
    def __getitem__(self, index: slice) -> Groups: ...
    @overload
    def __getitem__(self, index: str) -> GroupTrade: ...
    def __getitem__(self, index: int | slice | str) -> GroupTrade | Groups:
        """By place, a part, or by the id that stands in the log; raises `PlanError` for another."""
        if isinstance(index, str):
            return self._named(index)
        found = self._trades[index]
        return Groups(found) if isinstance(found, tuple) else found

    def _named(self, group_id: str) -> GroupTrade:
        for trade in self._trades:
            if trade.group_id == group_id:
                return trade
        known = ", ".join(trade.group_id for trade in self._trades)
        raise PlanError("group_id", group_id, f"one of {known}" if known else "no group is here")

    def __len__(self) -> int:
        return len(self._trades)

    def __iter__(self) -> Iterator[GroupTrade]:
        return iter(self._trades)

    @property
    def live(self) -> Groups:
        """Those of which something is left at the broker."""
        return Groups(trade for trade in self._trades if not trade.is_over)

    def __repr__(self) -> str:
        return text_table("groups", [group_row(trade) for trade in self._trades])

    def _repr_html_(self) -> str:
        return html_table("groups", [group_row(trade) for trade in self._trades])
