"""The names of messages as faults take them, and answers with other values."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ibkit.sim import _wire as wire

REQUESTS: dict[str, type] = {spec.message.__name__: spec.message for spec in wire.REQUESTS.values()}
ANSWERS: dict[str, type] = {message.__name__: message for message in wire.ANSWERS}


def checked_request(name: str) -> str:
    """The name, if a request is called so. Raises `ValueError`."""
    return _checked("request", name, REQUESTS)


def checked_answer(name: str) -> str:
    """The name, if an answer is called so. Raises `ValueError`."""
    return _checked("answer", name, ANSWERS)


def altered(name: str, fields: Mapping[str, object]) -> Callable[[Any], Any]:
    """Make what puts other values into the fields of an answer.

    Raises:
        ValueError: A field is not in its declaration.

    """
    paths = [(path.split("."), value) for path, value in fields.items()]
    for (first, *_), _ in paths:
        known: tuple[str, ...] = ANSWERS[name]._fields  # type: ignore[attr-defined] # a NamedTuple
        _checked(f"field of {name}", first, known)

    def change(answer: Any) -> Any:
        for path, value in paths:
            answer = _with(answer, path, value)
        return answer

    return change


def _with(message: Any, path: list[str], value: object) -> Any:
    name, *rest = path
    inner = _with(getattr(message, name), rest, value) if rest else _fitting(message, name, value)
    return message._replace(**{name: inner})


def _fitting(message: Any, name: str, value: object) -> object:
    """Numbers of the wire are Decimals; 5000.25 means what it shows."""
    old = getattr(message, name)
    if isinstance(value, (int, float)) and isinstance(old, Decimal):
        return Decimal(str(value))
    return value


def _checked(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    if name in names:
        return name
    close = difflib.get_close_matches(name, names, 3) or names
    raise ValueError(f"{what}: got {name!r}; did you mean {', '.join(close)}?")
