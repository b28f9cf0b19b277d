"""How chains, schedules and plans look in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from ._chain import FuturesChain
    from ._schedule import RollSchedule

NOTHING = "-"


def cell(value: object) -> str:
    """Write a value for a table; a dash where there is none."""
    return NOTHING if value is None or value == "" else str(value)


def plain(value: Decimal) -> str:
    """Write a number without needless zeros.

    >>> plain(Decimal("4980.0")), plain(Decimal("5E+3")), plain(Decimal("-0.25"))
    ('4980', '5000', '-0.25')
    """
    return f"{value.normalize():f}"


def _rows(rows: Iterable[Iterable[object]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(cell, row)) for row in rows)


@frozen(kw_only=True)
class Table:
    """A title, a header, rows, and lines that stand below."""

    title: str
    header: Sequence[str]
    rows: tuple[tuple[str, ...], ...] = field(converter=_rows)
    notes: Sequence[str] = ()


def text(table: Table) -> str:
    """Draw a table in plain text."""
    lines = [tuple(table.header), *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([table.title, *drawn, *table.notes])


def html(table: Table) -> str:
    """Draw a table for a notebook."""
    head = "".join(f"<th>{escape(word)}</th>" for word in table.header)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(word)}</td>' for word in row)}</tr>" for row in table.rows
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return (
        f"<table><caption>{escape(table.title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{notes}"
    )


_CHAIN = ("month", "symbol", "conId", "last trade", "first notice", "close-out", "roll")


def chain_table(chain: FuturesChain) -> Table:
    """The months of a chain and their dates."""
    held = set(chain.active)
    return Table(
        title=f"{chain.product.root}: {chain.product.name}, {chain.product.exchange}",
        header=_CHAIN,
        rows=(
            (
                each.month,
                each.local_symbol,
                each.con_id or None,
                each.last_trade,
                "unknown" if "first notice" in each.unknown else each.first_notice,
                "unknown"
                if "close out" in each.unknown
                else each.close_out and each.close_out.long,
                chain.leave_day(each)
                if each in held and "first notice" not in each.unknown
                else None,
            )
            for each in chain
        ),
    )


def schedule_table(schedule: RollSchedule) -> Table:
    """Who is front from when to when."""
    return Table(
        title=f"{schedule.product.root} by {schedule.rule}",
        header=("front", "month", "from", "to"),
        rows=((each.listing, each.listing.month, each.start, each.end) for each in schedule),
    )
