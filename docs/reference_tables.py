"""Writes the tables of the reference from the tables of the library: codes, products, states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from sphinx.application import Sphinx

from ibkit import CODES
from ibkit._ib._link_table import TABLE
from ibkit.contracts._decide import draw_rules
from ibkit.contracts._stages import draw_stages
from ibkit.orders import draw_lifecycle, draw_repair
from ibkit.products import PRODUCTS, Product

GENERATED = Path(__file__).parent / "_generated" / "tables"

DO = {
    "FO": "a new order is refused",
    "FC": "a live order ends",
    "MR": "a modification is refused, the order stays",
    "CR": "a cancel is refused, the order stays",
    "FR": "a request is refused or ended",
    "W": "a warning",
    "S": "the connection",
    "L": "made by the client library",
    "DOUBT": "only TWS can tell what is true",
}


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown."""
    cells = list(head)
    lines = [cells, ["---"] * len(cells), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    for sign in "|<*`{":  # what Markdown would read as its own
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def codes() -> str:
    """Every code of TWS that is known, with what it means and what to do."""
    rows = ((number, _effect(code.effect), code.meaning, code.remedy) for number, code in _codes())
    legend = "".join(f"* **{name}**: {words}\n" for name, words in DO.items())
    return f"{legend}\n{table(('code', 'effect', 'meaning', 'what to do'), rows)}"


def _codes() -> Iterator[tuple[int, object]]:
    for number in sorted(CODES):
        yield number, CODES[number]


def _effect(effect: object) -> str:
    return " ".join(name for name in DO if getattr(type(effect), name) in effect)  # type: ignore[operator]


def products() -> str:
    """Every product, by exchange."""
    by_exchange = sorted(PRODUCTS, key=lambda one: (one.exchange, one.asset_class, one.root))
    return "".join(
        f"## {exchange}\n\n:::{{div}} wide-table\n{table(HEAD, map(_row, some))}:::\n\n"
        for exchange, some in groupby(by_exchange, key=lambda one: one.exchange)
    )


HEAD = (
    "root",
    "name",
    "IB symbol",
    "class",
    "multiplier",
    "tick",
    "listed",
    "held",
    "settled",
    "left",
)


def _row(one: Product) -> tuple[object, ...]:
    worth = None if one.multiplier is None else f"{one.multiplier.normalize():f} {one.currency}"
    left = f"{one.roll.days} days before {one.roll.before}"
    return (
        one.root, one.name, one.symbol, one.trading_class, worth, one.min_tick,
        _months(one.listed_months), _months(one.active_months), one.settlement, left,
    )  # fmt: skip


def _months(letters: str) -> str:
    return "all" if len(letters) == 12 else letters


def link() -> str:
    """Every way from one state of a connection to another."""
    rows = (
        (old.value, signal.value, step.state.value, ", ".join(a.value for a in step.actions))
        for old, ways in TABLE.items()
        for signal, step in ways.items()
    )
    return table(("in", "when", "to", "and"), rows)


PAGES = {
    "link": link,
    "codes": codes,
    "products": products,
    "lifecycle": draw_lifecycle,
    "repair": draw_repair,
    "roll_stages": draw_stages,
    "roll_rules": draw_rules,
}


def write_tables(_: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        GENERATED.joinpath(f"{name}.md").write_text(make(), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write_tables)
    return {"parallel_read_safe": True}
