"""What the fields of a message are called on the wire: for people who read transcripts.

The names are those of the declarations in `ibkit.sim._wire`. Where the layout of a message depends
on its content (legs, conditions, lists), only the fields before that have names.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

from ibkit.sim import _wire as wire
from ibkit.sim._wire._layout import Column, columns_at, columns_of

Way = Literal[">", "<"]
"""``>`` from the client, ``<`` from the server."""

LAST_FIXED: dict[type, str] = {
    wire.ReqMktData: "trading_class",
    wire.ReqHistoricalData: "format_date",
    wire.PlaceOrder: "hidden",
}
"""Requests whose layout depends on what stands before: the last field that is always there."""

_CONTRACT = """contract.con_id contract.symbol contract.sec_type
    contract.last_trade_date_or_contract_month contract.strike contract.right contract.multiplier
    contract.exchange contract.currency contract.local_symbol contract.trading_class"""
_TERMS = """order.action order.total_quantity order.order_type order.lmt_price order.aux_price
    order.tif order.oca_group order.account order.open_close order.origin order.order_ref"""

PATHS: dict[type, str] = {
    wire.OpenOrder: f"""order_id {_CONTRACT} {_TERMS} order.client_id order.perm_id
        order.outside_rth order.hidden order.discretionary_amt order.good_after_time
        order.shares_allocation order.fa_group order.fa_method order.fa_percentage
        order.fa_profile order.model_code order.good_till_date order.rule80a
        order.percent_offset order.settling_firm order.short_sale_slot
        order.designated_location order.exempt_code order.auction_strategy
        order.starting_price order.stock_ref_price order.delta order.stock_range_lower
        order.stock_range_upper order.display_size order.block_order order.sweep_to_fill
        order.all_or_none order.min_qty order.oca_type order.e_trade_only
        order.firm_quote_only order.nbbo_price_cap order.parent_id order.trigger_method""",
    wire.CompletedOrder: f"{_CONTRACT} {_TERMS} order.perm_id",
    wire.ContractData: """req_id details.contract.symbol details.contract.sec_type
        details.last_trade details.contract.strike details.contract.right
        details.contract.exchange details.contract.currency details.contract.local_symbol
        details.market_name details.contract.trading_class details.contract.con_id
        details.min_tick""",
    wire.BondContractData: "req_id details.contract.symbol details.contract.sec_type",
    wire.ScannerData: "req_id",
    wire.HistoricalDataUpdate: """req_id bar.bar_count bar.date bar.open bar.close bar.high
        bar.low bar.wap bar.volume""",
    wire.HistoricalTicks: "req_id",
    wire.HistoricalTicksBidAsk: "req_id",
    wire.HistoricalTicksLast: "req_id",
}
"""Answers that are not written in the order of their declaration: their first fields."""

TICK_BY_TICK: dict[type, str] = {
    wire.TickByTickAllLast: "req_id tick_type time price size mask exchange special_conditions",
    wire.TickByTickBidAsk: "req_id tick_type time bid_price ask_price bid_size ask_size mask",
    wire.TickByTickMidPoint: "req_id tick_type time mid_point",
}
"""Answers whose fields are not those of their declaration: all of them."""

TICK_BY_TICK_ID = "99"
TICK_KINDS = {
    "1": "TickByTickAllLast",
    "2": "TickByTickAllLast",
    "3": "TickByTickBidAsk",
    "4": "TickByTickMidPoint",
}
"""Three answers share an id; the kind of tick tells them apart."""


class Layout(NamedTuple):
    """What is known of the fields of one message at one server version."""

    id: str
    """Empty for what is no message of the tables."""
    version: str | None
    """What usually stands in the field after the id; ``None`` where the message has no such."""
    names: tuple[str, ...]
    """Of the fields after that, as far as they have names."""

    @property
    def first(self) -> int:
        """The index of the first field that has a name."""
        return bool(self.id) + (self.version is not None)

    def name_of(self, index: int) -> str | None:
        place = index - self.first
        return self.names[place] if 0 <= place < len(self.names) else None

    def index_of(self, name: str) -> int | None:
        return self.first + self.names.index(name) if name in self.names else None


@cache
def layout(way: Way, name: str, version: int) -> Layout:
    """What is known of a message; raises `KeyError` for a name that is none."""
    return _layouts(way, version)[name]


def name_of(way: Way, fields: tuple[str, ...] | list[str]) -> str | None:
    """The name of a message by its id; ``None`` for one that this gateway does not know."""
    number = fields[0] if fields else ""
    if way == "<" and number == TICK_BY_TICK_ID and len(fields) > 2:
        return TICK_KINDS.get(fields[2])
    return _ids(way).get(number)


@cache
def _ids(way: Way) -> dict[str, str]:
    if way == ">":
        return {str(number): spec.message.__name__ for number, spec in wire.REQUESTS.items()}
    return {str(spec.id): message.__name__ for message, spec in wire.ANSWERS.items()}


@cache
def _layouts(way: Way, version: int) -> dict[str, Layout]:
    if way == ">":
        return {
            spec.message.__name__: Layout(
                str(number), "1" if spec.has_version else None, _request_names(spec, version)
            )
            for number, spec in wire.REQUESTS.items()
        }
    return {
        message.__name__: Layout(
            str(spec.id), _answer_version(spec, version), _answer_names(message, version)
        )
        for message, spec in wire.ANSWERS.items()
    }


def _answer_version(spec: wire.AnswerSpec, version: int) -> str | None:
    numbered = spec.version is not None and version < spec.version_until
    return str(spec.version) if numbered else None


def _request_names(spec: wire.RequestSpec, version: int) -> tuple[str, ...]:
    names = _until_list(columns_at(spec.message, version), version)
    if (last := LAST_FIXED.get(spec.message)) is not None:
        del names[names.index(last) + 1 :]
    return tuple(names)


def _answer_names(message: type, version: int) -> tuple[str, ...]:
    if message in TICK_BY_TICK:
        return tuple(TICK_BY_TICK[message].split())
    if message in PATHS:
        return tuple(_named_paths(message, version))
    return tuple(_until_list(columns_at(message, version), version))


def _until_list(columns: tuple[Column, ...], version: int) -> list[str]:
    """The names of the fields before the first list; a second of a name has its owner before it."""
    names: list[str] = []
    for name, owner in _flat(columns, version):
        if name == _LIST:
            break
        names.append(f"{owner}.{name}" if name in names else name)
    return names


_LIST = ""


def _flat(columns: tuple[Column, ...], version: int, owner: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the owner of every field, and an empty name where a list begins."""
    for column in columns:
        if column.kind is not None:
            yield column.name, owner
        elif hasattr(column.hint, "_fields"):
            nested = columns_at(column.hint, version, column.carries)
            yield from _flat(nested, version, column.name)
        else:
            yield _LIST, owner


def _named_paths(message: type, version: int) -> Iterator[str]:
    for path in PATHS[message].split():
        declared: Any = message
        *parents, name = path.split(".")
        for parent in parents:
            declared = columns_of(declared)[parent].hint
        if columns_of(declared)[name].is_at(version):
            yield name
