"""Other ways to write times and unset numbers, as gateways of other settings and versions do."""

from __future__ import annotations

import datetime as dt
import re
from typing import final
from zoneinfo import ZoneInfoNotFoundError

from attrs import frozen

from ibkit.sim import _wire as wire
from ibkit.sim._session._texts import utc_stamp, zone

_TIME = re.compile(
    r"(?:(?<=\0)|^)([0-9]{8}) {1,2}([0-9:]{8})(?: ([A-Za-z][A-Za-z0-9_/+ -]*))?(?=\0)"
)
_UNSET = re.compile(r"(?<=\0)(?:1\.7976931348623157E308|2147483647)(?=\0)")
_PREFIX = 4


@final
@frozen(kw_only=True)
class Spelling:
    """How a gateway writes what has several forms.

    Args:
        blank_unset: Unset numbers are empty fields instead of the largest number of their type.
        zone: What stands behind a time in the place of its zone: another name (``JST``, ``MET``),
            nothing (an empty text), or ``-`` for UTC in the form ``20260302-15:00:00``. ``None``
            leaves times as they are. The moment is the same only for ``-``.
    """

    blank_unset: bool = False
    zone: str | None = None

    def applied(self, frame: bytes) -> bytes:
        """A frame in this spelling."""
        text = frame[_PREFIX:].decode("latin-1")
        if self.blank_unset:
            text = _UNSET.sub("", text)
        if self.zone is not None:
            text = _TIME.sub(self._time, text)
        return wire.frame(text.encode("latin-1"))

    def _time(self, found: re.Match[str]) -> str:
        day, time, name = found.groups()
        if self.zone == "-":
            return _in_utc(day, time, name) or found[0]
        return f"{day} {time} {self.zone}".rstrip()


def _in_utc(day: str, time: str, name: str | None) -> str | None:
    """``None`` for a time whose zone is not known."""
    try:
        naive = dt.datetime.strptime(f"{day} {time}", "%Y%m%d %H:%M:%S")  # noqa: DTZ007
        return utc_stamp(naive.replace(tzinfo=zone(name or "")))
    except (ValueError, ZoneInfoNotFoundError):
        return None
