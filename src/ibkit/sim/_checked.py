"""What a user of the simulator says, checked where it is said.

Each refusal is a `ValueError` that names the argument, what was given and what would do.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from numbers import Real
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs


def refusal(name: str, value: object, wanted: str) -> ValueError:
    """What to raise."""
    return ValueError(f"{name}: got {value!r}; wanted {wanted}")


def whole(name: str, value: object, *, least: int | None = 0) -> int:
    """A whole number; any at all if *least* is ``None``."""
    wanted = "a whole number" if least is None else f"a whole number of at least {least}"
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # it says so itself
    except TypeError:
        raise refusal(name, value, wanted) from None
    if isinstance(value, bool) or (least is not None and number < least):
        raise refusal(name, value, wanted)
    return number


def number(name: str, value: object) -> Decimal:
    """A finite number, as a Decimal of what it shows."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        exact = Decimal("nan")
    if not exact.is_finite() or isinstance(value, bool):
        raise refusal(name, value, "a number")
    return exact


def exact(name: str, value: Decimal) -> Decimal:
    """A finite number that is a Decimal already, as a rule."""
    return value if type(value) is Decimal else number(name, value)


def size(name: str, value: object) -> Decimal:
    """A number that is not below 0."""
    if (exact := number(name, value)) < 0:
        raise refusal(name, value, "a number of at least 0")
    return exact


def above_zero(name: str, value: object) -> Decimal:
    """A number above 0."""
    if (exact := number(name, value)) <= 0:
        raise refusal(name, value, "a number above 0")
    return exact


def _real(value: object) -> float:
    """What a number is, ``nan`` for what is none."""
    is_number = isinstance(value, (Real, Decimal)) and not isinstance(value, bool)
    return float(value) if is_number else float("nan")  # type: ignore[arg-type]  # a number


def seconds(name: str, value: object) -> float:
    """A length of time in seconds, less than a thousand years."""
    if not 0 <= (real := _real(value)) < 3e10:
        raise refusal(name, value, "seconds, at least 0")
    return real


def delay(name: str, value: object) -> dt.timedelta:
    """A length of time that is said in seconds."""
    return dt.timedelta(seconds=seconds(name, value))


def speed(name: str, value: object) -> float:
    """How fast time goes."""
    if not 0 < (real := _real(value)) < float("inf"):
        raise refusal(name, value, "a speed above 0")
    return real


YEARS = range(2000, 2101)
"""What the simulated world knows contracts of."""


def moment(name: str, value: object) -> dt.datetime:
    """A moment of the simulated world, with its time zone."""
    wanted = "a datetime with a time zone, as tzinfo=datetime.timezone.utc, from 2000 to 2100"
    if not isinstance(value, dt.datetime) or value.utcoffset() is None or value.year not in YEARS:
        raise refusal(name, value, wanted)
    return value


def port(name: str, value: object) -> int | None:
    """A port to listen on; ``None`` for no port at all."""
    wanted = "a port from 1 to 65535, 0 for a free one, or None"
    if value is not None and not (type(value) is int and 0 <= value <= 65535):
        raise refusal(name, value, wanted)
    return value


def word(name: str, value: object, words: Iterable[object]) -> Any:
    """One of some words."""
    known = list(words)
    if not isinstance(value, str) or value not in known:
        raise refusal(name, value, " or ".join(map(repr, known)))
    return value


def text(name: str, value: object) -> str:
    """A text."""
    checked: str = instance(name, value, str, "a text")
    return checked


def flag(name: str, value: object) -> bool:
    """Yes or no."""
    checked: bool = instance(name, value, bool, "True or False")
    return checked


def instance(name: str, value: object, kind: type, wanted: str = "") -> Any:
    """An object of a class."""
    if not isinstance(value, kind):
        raise refusal(name, value, wanted or f"one of class {kind.__name__}")
    return value


def lasting(name: str, value: object) -> dt.timedelta:
    """A length of time that is not below 0."""
    if not isinstance(value, dt.timedelta) or value < dt.timedelta(0):
        raise refusal(name, value, "a timedelta of at least 0")
    return value


# -- values of classes whose fields say what they take

_KINDS: dict[object, Callable[[str, object], object]] = {
    bool: flag,
    int: whole,
    Decimal: number,
    str: text,
    dt.timedelta: lasting,
}


def fitting(name: str, value: object, hint: Any) -> Any:
    """The value as a field of a type wants it: a list as a tuple, 0.1 as ``Decimal("0.1")``."""
    if get_origin(hint) is Literal:
        return word(name, value, get_args(hint))
    if get_origin(hint) is tuple:
        each, _ = get_args(hint)
        return tuple(fitting(name, one, each) for one in _listed(name, value))
    if get_origin(hint) is dict:
        of = instance(name, value, Mapping, "a table")
        return {key: fitting(f"{name}[{key!r}]", one, get_args(hint)[1]) for key, one in of.items()}
    if NoneType in get_args(hint):
        return None if value is None else fitting(name, value, get_args(hint)[0])
    return _KINDS[hint](name, value) if hint in _KINDS else instance(name, value, hint)


def _listed(name: str, value: object) -> Iterable[object]:
    if not isinstance(value, (list, tuple)):
        raise refusal(name, value, "a tuple")
    return value


def by_type(kind: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Let every field of a class convert and check what it is given, by its type."""
    hints = get_type_hints(kind)
    return [field.evolve(converter=_converter(field, hints[field.name])) for field in fields]


def _converter(field: attrs.Attribute[Any], hint: Any) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return fitting(field.name, value, hint)

    convert.__annotations__ = {"value": field.type}  # attrs shows it in the signature
    return convert


def is_above_zero(_: object, at: attrs.Attribute[Any], value: Decimal) -> None:
    """A validator for a field with a number that is not 0 either."""
    above_zero(at.name, value)


def does(*methods: str) -> Callable[[object, attrs.Attribute[Any], object], None]:
    """A validator for a field with an object that has some methods."""

    def check(_: object, at: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, type) or not all(hasattr(value, method) for method in methods):
            raise refusal(at.name, value, f"an object with {' and '.join(methods)}")

    return check


def changed(value: Any) -> str:
    """The `repr` of a value of such a class: what differs from its defaults."""
    given = (
        f"{field.name}={mine!r}"
        for field in attrs.fields(type(value))
        if (mine := getattr(value, field.name)) != _default(field)
    )
    return f"{type(value).__name__}({', '.join(given)})"


def _default(field: attrs.Attribute[Any]) -> object:
    make: Callable[[], object] | None = getattr(field.default, "factory", None)
    return field.default if make is None else make()
