"""A message on one readable line, for traces."""

from __future__ import annotations

from decimal import Decimal

_LONGEST_TEXT = 200
_SILENT: tuple[object, ...] = (None, "", ())
_NOTHING = object()


def describe(message: object) -> str:
    """Show the name of a message and its fields, without those that say nothing.

    >>> from ibkit.sim._wire import CancelOrder
    >>> describe(CancelOrder(order_id=7))
    'CancelOrder order_id=7'
    """
    fields = _fields(message)
    return f"{type(message).__name__} {fields}" if fields else type(message).__name__


def _fields(message: object) -> str:
    names: tuple[str, ...] = message._fields  # type: ignore[attr-defined] # a NamedTuple
    defaults: dict[str, object] = message._field_defaults  # type: ignore[attr-defined] # as above
    shown = []
    for name in names:
        value = getattr(message, name)
        if value not in _SILENT and value != defaults.get(name, _NOTHING):
            shown.append(f"{name}={_value(value)}")
    return " ".join(shown)


def _value(value: object) -> str:
    if hasattr(value, "_fields"):
        return f"({_fields(value)})"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Decimal):
        return str(value)
    text = repr(value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}...({len(text)})"
