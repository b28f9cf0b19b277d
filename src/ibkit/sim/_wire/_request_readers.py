"""The readers of requests whose fields depend on one another (placeOrder has its own file)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ibkit.sim._wire._contract_fields import ComboLeg, ContractFields, DeltaNeutral
from ibkit.sim._wire._fields import TagValue, read_bool, read_tags
from ibkit.sim._wire._history_messages import ReqHistoricalData
from ibkit.sim._wire._market_messages import ReqMktData
from ibkit.sim._wire._reading import (
    Cursor,
    Reader,
    defaults_of,
    filler_of,
    read_rows,
    reader_of,
)

_LEG = ("con_id", "ratio", "action", "exchange")


def req_mkt_data(version: int) -> Reader:
    head = filler_of(ReqMktData, version, "req_id", "contract")
    tail = filler_of(ReqMktData, version, "generic_tick_list", "mkt_data_options")

    def read(cursor: Cursor) -> ReqMktData:
        values = defaults_of(ReqMktData)
        head(cursor, values)
        contract = read_legs(cursor, values[1], version, _LEG)
        values[1] = read_delta_neutral(cursor, contract, version)
        tail(cursor, values)
        return ReqMktData._make(values)

    return read


def req_historical_data(version: int) -> Reader:
    head = filler_of(ReqHistoricalData, version, "req_id", "format_date")
    tail = filler_of(ReqHistoricalData, version, "keep_up_to_date", "chart_options")

    def read(cursor: Cursor) -> ReqHistoricalData:
        values = defaults_of(ReqHistoricalData)
        head(cursor, values)
        values[1] = read_legs(cursor, values[1], version, _LEG)
        tail(cursor, values)
        return ReqHistoricalData._make(values)

    return read


def with_options(declared: type) -> Callable[[int], Reader]:
    """Make the reader of a request that ends in options, perhaps with their number before them.

    ib_async 2.1.0 and ibapi 9.81 send the number of options, then the options; ibapi 10.51 sends
    the options alone.
    """

    def reader(version: int) -> Reader:
        values = defaults_of(declared)
        *names, options = declared._fields  # type: ignore[attr-defined] # a NamedTuple
        head = filler_of(declared, version, names[0], names[-1])

        def read(cursor: Cursor) -> Any:
            filled = values.copy()
            head(cursor, filled)
            filled[-1] = _read_options(cursor, options)
            return declared._make(filled)  # type: ignore[attr-defined] # as above

        return read

    return reader


def read_legs(
    cursor: Cursor, contract: ContractFields, version: int, carries: tuple[str, ...] | None = None
) -> ContractFields:
    """Read the legs of a BAG; any other contract has none on the wire."""
    if contract.sec_type != "BAG":
        return contract
    legs = read_rows(cursor, "combo_legs", reader_of(ComboLeg, version, carries))
    return contract._replace(combo_legs=legs)


def read_delta_neutral(cursor: Cursor, contract: ContractFields, version: int) -> ContractFields:
    if not cursor.one("delta_neutral_contract", read_bool):
        return contract
    underlying: DeltaNeutral = reader_of(DeltaNeutral, version)(cursor)
    return contract._replace(delta_neutral_contract=underlying)


def _read_options(cursor: Cursor, name: str) -> tuple[TagValue, ...]:
    if cursor.remaining > 1:
        cursor.one(name, str)
    options: tuple[TagValue, ...] = cursor.one(name, read_tags)
    return options
