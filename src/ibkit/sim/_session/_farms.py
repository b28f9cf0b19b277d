"""IB's data farms as the gateway tells of them: which there are, and which are broken (4.3)."""

from __future__ import annotations

import re
from typing import NamedTuple, final

from ibkit.sim._checked import refusal


class FarmKind(NamedTuple):
    """The codes that tell of one kind of farm, and the subscriptions that it feeds."""

    ok: int
    broken: int
    feeds: tuple[str, ...] = ()


MARKET = FarmKind(2104, 2103, ("quotes", "bars_5s", "tick_by_tick", "depth"))
HISTORY = FarmKind(2106, 2105, ("live_bars",))
DEFINITIONS = FarmKind(2158, 2157)
_NAME = re.compile(r"[a-z]*(farm|future|opt|bond|hmds|secdef)[a-z.]*")
DATA_KINDS = MARKET.feeds + HISTORY.feeds


def kind_of(farm: str) -> FarmKind:
    """The kind of a farm, by its name: ``ushmds`` has history, ``secdefnj`` definitions."""
    if "hmds" in farm:
        return HISTORY
    return DEFINITIONS if farm.startswith("secdef") else MARKET


def farm_named(farm: object) -> str:
    """The name, if IB would call a farm so: ``usfarm``, ``eufarm``, ``usfuture``, ``euhmds``.

    Raises `ValueError`.
    """
    if not (isinstance(farm, str) and _NAME.fullmatch(farm)):
        raise refusal("farm", farm, "a farm such as 'usfarm', 'usfuture', 'ushmds' or 'secdefnj'")
    return farm


@final
class Farms:
    """The farms of one gateway, and what it would say of each now."""

    def __init__(self) -> None:
        self._is_up: dict[str, bool] = dict.fromkeys(("usfarm", "ushmds", "secdefnj"), True)
        self.quotes_are_down: bool = False
        """Whether a market data farm is broken; asked with every tick."""

    def report(self, farm: str, *, is_up: bool) -> tuple[int, str]:
        """Note the state of a farm; the code and the name that tell of it."""
        self._is_up[farm] = is_up
        self.quotes_are_down = self.is_down(MARKET)
        kind = kind_of(farm)
        return (kind.ok if is_up else kind.broken), farm

    def is_down(self, kind: FarmKind) -> bool:
        """Whether a farm of a kind is broken."""
        return any(kind_of(farm) is kind and not is_up for farm, is_up in self._is_up.items())

    def notices(self, *, in_reach: bool) -> list[tuple[int, str]]:
        """What a client hears after its log-in: of every farm, whether it is there.

        While IB is out of reach none is, and each is remembered as broken.
        """
        states = list(self._is_up.items())
        return [self.report(farm, is_up=is_up and in_reach) for farm, is_up in states]

    def mend(self) -> list[tuple[int, str]]:
        """Bring back every broken farm; what tells of it."""
        broken = [farm for farm, is_up in self._is_up.items() if not is_up]
        return [self.report(farm, is_up=True) for farm in broken]
