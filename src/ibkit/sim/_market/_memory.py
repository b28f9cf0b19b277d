"""Remembering a bounded number of results."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def remember(memory: dict[K, V], key: K, value: V, most: int) -> V:
    """Return *value* and keep it in *memory*; the oldest goes where there are *most* already."""
    if len(memory) >= most:
        del memory[next(iter(memory))]
    memory[key] = value
    return value
