"""The names of messages as faults take them, and answers with other values."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, get_type_hints

from ibkit.sim import _wire as wire
from ibkit.sim._checked import instance, refusal, whole

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
    table = "a table of the names of fields and their values"
    if not instance("fields", fields, Mapping, table) or not all(map(_is_text, fields)):
        raise refusal("fields", fields, table)
    paths = [(path.split("."), value) for path, value in fields.items()]
    for path, value in paths:
        if _declared(name, path) is int:
            whole(".".join(path), value, least=None)

    def change(answer: Any) -> Any:
        for path, value in paths:
            answer = _with(answer, path, value)
        return answer

    return change


def _is_text(name: object) -> bool:
    return isinstance(name, str)


def _declared(name: str, path: list[str]) -> object:
    """The type of a field, inside of others too. Raises `ValueError` for one that is not there."""
    kind: Any = ANSWERS[name]
    for part in path:
        _checked(f"field of {name}", part, getattr(kind, "_fields", ()))
        kind = get_type_hints(kind)[part]
    return kind


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
    close = difflib.get_close_matches(str(name), names, 3) or names or ["none: it has no fields"]
    raise ValueError(f"{what}: got {name!r}; did you mean {', '.join(close)}?")
