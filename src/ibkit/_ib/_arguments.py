"""What users write as arguments: taken where one thing can be meant, or refused by name.

Everything here runs before anything is sent.
"""

from __future__ import annotations

import datetime as dt
import inspect
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, TypeVar

from attrs import Attribute
from ib_async import Contract

from ibkit.errors import PlanError

W = TypeVar("W", bound=str)

_CONTRACT = "a Contract of ib_async; desk.contracts.front_month_async('ES') finds one"


def contract_of(value: object, name: str = "contract") -> Contract:
    """Give a contract back, and refuse anything else.

    >>> contract_of("ES")
    Traceback (most recent call last):
    ...
    ibkit.errors.PlanError: contract: got 'ES'; a Contract of ib_async; \
desk.contracts.front_month_async('ES') finds one
    """
    if isinstance(value, Contract):
        return value
    inside = isinstance(getattr(value, "contract", None), Contract)
    raise PlanError(name, value, "its .contract" if inside else _CONTRACT)


def con_id_of(value: object, name: str = "contract") -> int:
    """A contract stands for its conId. One that has none, and any other thing, is refused.

    >>> con_id_of(Contract(symbol="ES"))
    Traceback (most recent call last):
    ...
    ibkit.errors.PlanError: contract: got Contract(symbol='ES'); a conId, or a Contract that has \
one: desk.contracts.resolve_async finds it
    """
    con_id: object = value.conId if isinstance(value, Contract) else value
    number = con_id if type(con_id) is int else _index(con_id)
    if number is None or number <= 0:
        inside = isinstance(getattr(value, "contract", None), Contract)
        allowed = "a conId, or a Contract that has one: desk.contracts.resolve_async finds it"
        raise PlanError(name, value, "its .contract" if inside else allowed)
    return number


def seconds(value: object, name: str = "timeout") -> float:
    """A time to wait for an answer: a number of seconds, more than 0.

    >>> seconds("10")
    Traceback (most recent call last):
    ...
    ibkit.errors.PlanError: timeout: got '10'; a number of seconds, more than 0
    """
    number = _number(value)
    if number is None or not number > 0:
        raise PlanError(name, value, "a number of seconds, more than 0")
    return number


def wait_seconds(value: object, name: str = "timeout") -> float | None:
    """A time to wait for a change: 0 looks once, None waits without end."""
    if value is None:
        return None
    number = _number(value)
    if number is None or not number >= 0:
        raise PlanError(name, value, "a number of seconds, 0 to look once, None to wait for ever")
    return number


def text(value: object, name: str) -> str:
    """A text, and nothing else."""
    if isinstance(value, str):
        return value
    raise PlanError(name, value, "a text")


def whole(value: object, name: str, least: int, most: int | None = None) -> int:
    """A whole number within its bounds.

    >>> whole(Decimal(5), "rows", 1, 60)
    Traceback (most recent call last):
    ...
    ibkit.errors.PlanError: rows: got Decimal('5'); a whole number from 1 to 60
    """
    number = _index(value)
    if number is None or number < least or (most is not None and number > most):
        reach = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise PlanError(name, value, f"a whole number {reach}")
    return number


def day_of(value: object, name: str) -> dt.date:
    """A date. A time is none: which date it has depends on where one is.

    >>> day_of("2026-03-02", "on")
    Traceback (most recent call last):
    ...
    ibkit.errors.PlanError: on: got '2026-03-02'; a datetime.date
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    time = isinstance(value, dt.datetime)
    raise PlanError(
        name, value, "a datetime.date, such as its .date()" if time else "a datetime.date"
    )


def flag(value: object, name: str) -> bool:
    """True or False; a text such as "no" would count as True."""
    if isinstance(value, bool):
        return value
    raise PlanError(name, value, "True or False")


def word(value: object, name: str, words: Iterable[W]) -> W:
    """The one of these words that is meant, in any case and however its parts are joined.

    >>> word("bid ask", "what", ("TRADES", "BID_ASK")), word("bid_ask", "kind", ("Last", "BidAsk"))
    ('BID_ASK', 'BidAsk')
    """
    known = {_bare(one): one for one in words}
    found = known.get(_bare(value)) if isinstance(value, str) else None
    if found is None:
        raise PlanError(name, value, f"one of {', '.join(known.values())}")
    return found


def plain_function(value: object, name: str, of: str) -> None:
    """Refuse what cannot be called, and coroutine functions: what those give always counts as true.

    >>> plain_function("bid", "where", "value")
    Traceback (most recent call last):
    ...
    ibkit.errors.PlanError: where: got 'bid'; a function of the value that tells True or False, \
no coroutine
    """
    if not callable(value) or inspect.iscoroutinefunction(value):
        allowed = f"a function of the {of} that tells True or False, no coroutine"
        raise PlanError(name, value, allowed)


def is_whole(
    least: int, most: int | None = None
) -> Callable[[object, Attribute[Any], object], None]:
    """Validate a field of an attrs class as `whole` does."""

    def check(_: object, field: Attribute[Any], value: object) -> None:
        whole(value, field.name, least, most)

    return check


def is_flag(_: object, field: Attribute[Any], value: object) -> None:
    """Validate a field of an attrs class as `flag` does."""
    flag(value, field.name)


def is_seconds(_: object, field: Attribute[Any], value: object) -> None:
    """Validate a field of an attrs class as `seconds` does."""
    seconds(value, field.name)


def instance(value: object, name: str, kind: type, example: str) -> None:
    """Refuse what is not of a kind; the class itself is not either."""
    if not isinstance(value, kind):
        raise PlanError(name, value, example)


def by_unit(text: object, units: Mapping[str, str]) -> tuple[int, str] | None:
    """Read a number and a unit, such as ``5 mins`` or ``5min``; None if it is neither.

    >>> by_unit(" 5min", {"min": "mins"})
    (5, 'mins')
    """
    if not isinstance(text, str):
        return None
    bare = text.strip()
    unit = bare.lstrip("0123456789")
    digits = bare[: len(bare) - len(unit)]
    unit = units.get(unit.strip(), "")
    return (int(digits), unit) if digits and unit else None


def _bare(text: str) -> str:
    return text.strip().replace("_", "").replace("-", "").replace(" ", "").lower()


def _index(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # it says so by raising
    except TypeError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        return None
    number = float(value)
    return None if math.isnan(number) else number
