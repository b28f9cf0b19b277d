"""The data farms of IB, as TWS reports them.

After a farm was away and came back (2103, then 2104) TWS reports data as flowing, and some lines
stay dead for hours (what-users-suffer A2): whoever holds a line watches `FarmChanged`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from attrs import define, field, frozen


class FarmKind(Enum):
    """What a farm is for."""

    MARKET = "market data"
    HISTORY = "historical data"
    SECURITY = "security definitions"


class FarmState(Enum):
    """How a farm is."""

    OK = "ok"
    BROKEN = "broken"
    CONNECTING = "connecting"
    IDLE = "idle"
    """Available on demand."""


AVAILABLE = frozenset({FarmState.OK, FarmState.IDLE})


@frozen(kw_only=True)
class Farm:
    """One data farm."""

    name: str
    kind: FarmKind
    state: FarmState
    since: datetime
    broken_since: datetime | None = None
    """When it was lost, until it is back."""


@frozen(kw_only=True)
class FarmChanged:
    """A farm changed its state."""

    old: Farm | None
    new: Farm
    epoch: int

    @property
    def came_back(self) -> bool:
        """Whether data of this farm have a hole, and may stay dead."""
        back = self.new.state in AVAILABLE
        return back and self.old is not None and self.old.broken_since is not None


# gateway-behaviour 4.3
_MEANING: Mapping[int, tuple[FarmKind, FarmState]] = {
    2103: (FarmKind.MARKET, FarmState.BROKEN),
    2104: (FarmKind.MARKET, FarmState.OK),
    2105: (FarmKind.HISTORY, FarmState.BROKEN),
    2106: (FarmKind.HISTORY, FarmState.OK),
    2107: (FarmKind.HISTORY, FarmState.IDLE),
    2108: (FarmKind.MARKET, FarmState.IDLE),
    2119: (FarmKind.MARKET, FarmState.CONNECTING),
    2120: (FarmKind.HISTORY, FarmState.CONNECTING),
    2157: (FarmKind.SECURITY, FarmState.BROKEN),
    2158: (FarmKind.SECURITY, FarmState.OK),
    2159: (FarmKind.SECURITY, FarmState.IDLE),
    2160: (FarmKind.SECURITY, FarmState.CONNECTING),
}
FARM_CODES = frozenset(_MEANING)
_MOST_FARMS = 100


def farm_name(text: str) -> str:
    """
    Read the name at the end, whatever the language of the text.

    >>> farm_name("Market data farm connection is OK:usfarm.nj")
    'usfarm.nj'
    >>> farm_name("... is inactive but should be available upon demand.ushmds")
    'ushmds'
    """
    tail = text.rsplit(":", 1)[-1] if ":" in text else re.split(r"\s|(?<=demand)\.", text)[-1]
    return tail.strip()


@define(eq=False, repr=False)
class Farms:
    """What is known of the farms in this session."""

    _farms: dict[tuple[FarmKind, str], Farm] = field(factory=dict, init=False)

    def by_name(self) -> Mapping[str, Farm]:
        """The farms by name."""
        return {farm.name: farm for farm in self._farms.values()}

    def all_away(self) -> bool:
        """Whether TWS named farms, and none of them is there."""
        return bool(self._farms) and not any(
            farm.state in AVAILABLE for farm in self._farms.values()
        )

    def clear(self) -> None:
        """Forget all: a new session tells anew."""
        self._farms.clear()

    def heard(self, code: int, text: str, now: datetime, epoch: int) -> FarmChanged | None:
        """Take a message; tell what it changed."""
        kind, state = _MEANING[code]
        name = farm_name(text)
        old = self._farms.get((kind, name))
        if (old is not None and old.state is state) or len(self._farms) >= _MOST_FARMS:
            return None
        new = Farm(
            name=name, kind=kind, state=state, since=now, broken_since=_broken(old, state, now)
        )
        self._farms[kind, name] = new
        return FarmChanged(old=old, new=new, epoch=epoch)


def _broken(old: Farm | None, state: FarmState, now: datetime) -> datetime | None:
    if state in AVAILABLE:
        return None
    before = old.broken_since if old is not None else None
    return before or (now if state is FarmState.BROKEN else None)
