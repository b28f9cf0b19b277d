"""Orders, executions and terms as a fault names them, in Python and in a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ibkit.sim import _checked as checked
from ibkit.sim._engine import Broker, OrderKey, OrderTerms

LATEST = "latest"
"""Stands for the execution id of the latest execution."""


def perm_id_of(broker: Broker, order: int | str) -> int:
    """The perm id of a live order: itself, or of the order that ``client/order`` names.

    Raises `LookupError` for a client's order that is not live, `ValueError` for another text.
    """
    if not isinstance(order, str):
        return order
    client_id, _, order_id = order.partition("/")
    if not (client_id.isdecimal() and order_id.lstrip("-").isdecimal()):
        raise ValueError(f"order: got {order!r}; wanted a perm id, or client/order such as '3/5'")
    key = OrderKey(int(client_id), int(order_id))
    for view in broker.orders():
        if view.key == key:
            return view.perm_id
    raise LookupError(f"order: got {order!r}, which is no live order of this gateway")


def exec_id_of(broker: Broker, execution: str) -> str:
    """The id of an execution: itself, or that of the latest one."""
    if checked.text("exec_id", execution) != LATEST:
        return execution
    fills = broker.executions()
    if not fills:
        raise LookupError("execution: got 'latest', and there is none today")
    return fills[-1].exec_id


def terms_of(terms: OrderTerms | Mapping[str, object]) -> OrderTerms:
    """Order terms, made from a table of their fields where they are none yet.

    Raises `ValueError` for a field that order terms do not have, or one that is missing.
    """
    if isinstance(terms, OrderTerms):
        return terms
    if not isinstance(terms, Mapping):
        raise checked.refusal("terms", terms, "OrderTerms, or a table of its fields")
    decimals = {f.name for f in attrs.fields(OrderTerms) if "Decimal" in str(f.type)}
    values: dict[str, Any] = {
        name: checked.number(name, value) if name in decimals and value is not None else value
        for name, value in terms.items()
    }
    try:
        return OrderTerms(**values)
    except TypeError as error:
        raise ValueError(f"terms: {error}") from error
