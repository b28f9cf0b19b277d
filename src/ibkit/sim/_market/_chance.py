"""Chance as a function of a seed: splitmix64, used as a hash, so that any draw is reachable."""

from __future__ import annotations

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mix(key: int) -> int:
    """Return 64 well mixed bits for *key* (one step of splitmix64)."""
    bits = (key + _GOLDEN) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _MASK
    return bits ^ (bits >> 31)


def blend(key: int, *parts: int) -> int:
    """Return the key that belongs to *parts* under *key*."""
    for part in parts:
        key = mix(key ^ mix(part))
    return key


def key_of(text: str) -> int:
    """Return a key for *text*, the same in every process (unlike `hash`)."""
    key = len(text)
    for byte in text.encode():
        key = mix(key ^ byte)
    return key


def unit(bits: int) -> float:
    """Return a number in [0, 1) made of the upper 53 of 64 *bits*."""
    return (bits >> 11) * 2.0**-53


def bell(bits: int) -> float:
    """Return a draw close to the normal distribution: four 16-bit pieces added up."""
    total = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    return (total / 65536 - 2) * 3**0.5


def apportion(total: int, weights: list[int]) -> list[int]:
    """Cut *total* in whole parts in proportion to *weights*; the parts add up to it."""
    whole = sum(weights)
    parts, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = total * seen // whole
        parts.append(upto - given)
        given = upto
    return parts
