"""The reader of placeOrder: spans of the order's fields, and between them what depends on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ibkit.sim._wire._contract_fields import ContractFields
from ibkit.sim._wire._fields import INFINITY, TagValue, read_int, read_optional_decimal
from ibkit.sim._wire._layout import columns_of
from ibkit.sim._wire._order_fields import (
    CONDITION_TYPES,
    PEG_BENCH,
    PEG_BEST,
    PEG_MID,
    ConditionFields,
    OrderFields,
)
from ibkit.sim._wire._order_messages import PlaceOrder
from ibkit.sim._wire._reading import (
    Cursor,
    FieldError,
    Reader,
    defaults_of,
    filler_of,
    read_rows,
    reader_of,
)
from ibkit.sim._wire._request_readers import read_delta_neutral, read_legs

_INDEX = {name: column.place for name, column in columns_of(OrderFields).items()}
_DEFAULTS = defaults_of(OrderFields)


class _Draft:
    """An order half read."""

    __slots__ = ("contract", "cursor", "values", "version")

    def __init__(self, cursor: Cursor, contract: ContractFields, version: int) -> None:
        self.cursor = cursor
        self.contract = contract
        self.version = version
        self.values = _DEFAULTS.copy()

    def __getitem__(self, name: str) -> Any:
        return self.values[_INDEX[name]]

    def __setitem__(self, name: str, value: Any) -> None:
        self.values[_INDEX[name]] = value


_Step = Callable[[_Draft], None]


@cache
def place_order(version: int) -> Reader:
    head = filler_of(PlaceOrder, version, "order_id", "contract")
    steps = _steps(version)

    def read(cursor: Cursor) -> PlaceOrder:
        request: list[Any] = [0, None, None]
        head(cursor, request)
        draft = _Draft(cursor, request[1], version)
        for step in steps:
            step(draft)
        return PlaceOrder(request[0], draft.contract, OrderFields._make(draft.values))

    return read


def _steps(version: int) -> list[_Step]:
    def span(first: str, last: str | None = None) -> _Step:
        fill = filler_of(OrderFields, version, first, last)
        return lambda draft: fill(draft.cursor, draft.values)

    offsets = span("mid_offset_at_whole", "mid_offset_at_half")
    return [
        span("action", "hidden"),
        _when(lambda draft: draft.contract.sec_type == "BAG", _read_combo),
        span("shares_allocation", "delta_neutral_aux_price"),
        _when(
            lambda draft: draft["delta_neutral_order_type"],
            span("delta_neutral_con_id", "delta_neutral_designated_location"),
        ),
        span("continuous_update", "scale_price_increment"),
        _when(_scales, span("scale_price_adjust_value", "scale_random_percent")),
        span("scale_table", "hedge_type"),
        _when(lambda draft: draft["hedge_type"], span("hedge_param")),
        span("opt_out_smart_routing", "not_held"),
        _read_underlying,
        span("algo_strategy"),
        _when(lambda draft: draft["algo_strategy"], _read_algo),
        span("algo_id", "randomize_price"),
        _when(
            lambda draft: draft["order_type"] in PEG_BENCH,
            span("reference_contract_id", "reference_exchange_id"),
        ),
        _read_conditions,
        span("adjusted_order_type", "manual_order_time"),
        _when(lambda draft: draft.contract.exchange == "IBKRATS", span("min_trade_qty")),
        _when(
            lambda draft: draft["order_type"] in PEG_BEST,
            span("min_compete_size", "compete_against_best_offset"),
        ),
        _when(_has_mid_offsets, offsets),
    ]


def _when(test: Callable[[_Draft], object], step: _Step) -> _Step:
    def run(draft: _Draft) -> None:
        if test(draft):
            step(draft)

    return run


def _scales(draft: _Draft) -> bool:
    increment = draft["scale_price_increment"]
    return increment is not None and increment > 0


def _has_mid_offsets(draft: _Draft) -> bool:
    if draft["order_type"] in PEG_BEST:
        return bool(draft["compete_against_best_offset"] == INFINITY)
    return draft["order_type"] in PEG_MID


def _read_combo(draft: _Draft) -> None:
    cursor, version = draft.cursor, draft.version
    draft.contract = read_legs(cursor, draft.contract, version)
    draft["order_combo_legs"] = read_rows(
        cursor, "order_combo_legs", lambda cursor: cursor.one("price", read_optional_decimal)
    )
    draft["smart_combo_routing_params"] = read_rows(
        cursor, "smart_combo_routing_params", reader_of(TagValue, version)
    )


def _read_underlying(draft: _Draft) -> None:
    draft.contract = read_delta_neutral(draft.cursor, draft.contract, draft.version)


def _read_algo(draft: _Draft) -> None:
    draft["algo_params"] = read_rows(
        draft.cursor, "algo_params", reader_of(TagValue, draft.version)
    )


def _read_conditions(draft: _Draft) -> None:
    conditions = read_rows(
        draft.cursor, "conditions", lambda cursor: _read_condition(cursor, draft.version)
    )
    draft["conditions"] = conditions
    if conditions:
        flags = filler_of(
            OrderFields, draft.version, "conditions_ignore_rth", "conditions_cancel_order"
        )
        flags(draft.cursor, draft.values)


def _read_condition(cursor: Cursor, version: int) -> ConditionFields:
    number = cursor.one("condition", read_int)
    declared = CONDITION_TYPES.get(number)
    if declared is None:
        raise FieldError("condition", f"is {number}: no such type of condition")
    condition: ConditionFields = reader_of(declared, version)(cursor)
    return condition
