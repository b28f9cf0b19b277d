"""Coroutines that were made and never awaited."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

_SIGN = r"coroutine '.*' was never awaited"

ADVICE = (
    "It never ran. In a coroutine function write `await` before the call; in blocking code call "
    "the method of the same name without `Async` or `_async`."
)


@contextmanager
def forgotten_awaits() -> Iterator[list[str]]:
    """Collect what Python says of forgotten coroutines; other warnings go their way.

    Each text ends with the line where the coroutine was made.
    """
    found: list[str] = []
    depth = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(max(depth, 1))
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("always", _SIGN, RuntimeWarning)
            warnings.showwarning = _listener(found, warnings.showwarning)
            yield found
    finally:
        sys.set_coroutine_origin_tracking_depth(depth)


def _listener(found: list[str], show: Any) -> Any:
    def hear(message: Warning | str, category: type[Warning], *where: Any) -> None:
        if issubclass(category, RuntimeWarning) and re.match(_SIGN, str(message)):
            found.append(str(message).rstrip())
        else:
            show(message, category, *where)

    return hear


def accusation(found: Iterable[str]) -> list[str]:
    """Return what to tell the author of the test of each."""
    return [f"forgotten await: {text}\n{ADVICE}" for text in found]
