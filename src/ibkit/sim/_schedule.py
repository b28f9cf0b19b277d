"""Schedules of faults: lines that say when, which and how; and schedules by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar, final

from ibkit.sim import _checked as checked
from ibkit.sim._market._chance import blend, key_of, unit

T = TypeVar("T")


class At(NamedTuple):
    """One line of a schedule: *seconds* from now, a method of `FaultDesk`, its arguments.

    >>> At(1.5, "cut", {"client_id": 3})
    At(seconds=1.5, fault='cut', arguments={'client_id': 3})
    """

    seconds: float
    fault: str
    arguments: Mapping[str, object] = {}


@final
class _Draw:
    """Chance as a function of a key: the same key, the same draws."""

    def __init__(self, key: int) -> None:
        self._key, self._count = key, 0

    def unit(self) -> float:
        self._count += 1
        return unit(blend(self._key, self._count))

    def whole(self, low: int, high: int) -> int:
        return low + int(self.unit() * (high - low + 1))

    def seconds(self, low: float, high: float) -> float:
        return round(low + self.unit() * (high - low), 3)

    def choice(self, of: Sequence[T]) -> T:
        return of[self.whole(0, len(of) - 1)]

    def flag(self) -> bool:
        return self.unit() < 0.5


Arguments = dict[str, object]
REQUESTS = (
    "ReqPositions",
    "ReqOpenOrders",
    "ReqExecutions",
    "ReqContractDetails",
    "ReqMktData",
    "ReqHistoricalData",
    "ReqAccountUpdates",
)
CUT_AT = (*REQUESTS, "PlaceOrder", "CancelOrder", "StartApi")
ANSWERS = (
    "PositionEnd",
    "OpenOrderEnd",
    "ExecDetailsEnd",
    "ContractDetailsEnd",
    "OrderStatus",
    "CommissionReport",
    "NextValidId",
)
REPEATED = ("OrderStatus", "OpenOrder", "ExecDetails", "CommissionReport", "TickPrice", "Position")
ZONES = ("JST", "MET", "", "-")
NOTICES = (10349, 10311, 399, 2109)


def _always(**arguments: object) -> Callable[[_Draw], Arguments]:
    def draw(_: _Draw) -> Arguments:
        return arguments

    return draw


class _Kind(NamedTuple):
    """How a fault is drawn, and what mends it after a while."""

    arguments: Callable[[_Draw], Arguments] = _always()
    mended_by: str | None = None
    mending: Callable[[_Draw], Arguments] = _always()


KINDS: dict[str, _Kind] = {
    "cut": _Kind(),
    "cut_at": _Kind(lambda d: {"request": d.choice(CUT_AT), "after": d.flag()}),
    "refuse_connections": _Kind(lambda d: {"times": d.whole(1, 3)}),
    "stay_silent": _Kind(),
    "restart": _Kind(lambda d: {"ids_back_by": d.whole(0, 3)}),
    "split_packets": _Kind(lambda d: {"size": d.whole(1, 9)}, "split_packets", _always(size=0)),
    "lose_connectivity": _Kind(
        lambda d: {"times": d.whole(1, 3)}, "restore", lambda d: {"data_lost": d.flag()}
    ),
    "lose_data": _Kind(),
    "farm_down": _Kind(mended_by="farm_up", mending=lambda d: {"dead": d.flag()}),
    "nightly_reset": _Kind(mended_by="restore", mending=lambda d: {"data_lost": d.flag()}),
    "compete": _Kind(),
    "ignore": _Kind(lambda d: {"request": d.choice(REQUESTS)}),
    "withhold": _Kind(lambda d: {"answer": d.choice(ANSWERS)}),
    "double": _Kind(lambda d: {"answer": d.choice(REPEATED), "times": d.whole(1, 3)}),
    "delay": _Kind(lambda d: {"answer": d.choice(REPEATED), "seconds": d.seconds(0.1, 5.0)}),
    "delay_request": _Kind(
        lambda d: {
            "request": d.choice(("ReqMktData", "CancelMktData", "CancelOrder", "ReqPositions")),
            "seconds": d.seconds(0.1, 2.0),
        }
    ),
    "answer_once": _Kind(_always(request="ReqCurrentTime")),
    "refuse": _Kind(
        lambda d: {
            "request": d.choice(("ReqHistoricalData", "ReqContractDetails", "ReqMktData")),
            "code": d.choice((162, 321, 354)),
            "text": "by chance",
        }
    ),
    "notice_next_order": _Kind(lambda d: {"code": d.choice(NOTICES)}),
    "reject_next_order": _Kind(lambda d: {"reason": "by chance", "error_first": d.flag()}),
    "refuse_next_modify": _Kind(
        lambda d: {"code": d.choice((104, 110, 10326)), "text": "by chance"}
    ),
    "race_cancel": _Kind(),
    "reset_depth": _Kind(),
    "blank_unset": _Kind(mended_by="blank_unset", mending=_always(on=False)),
    "write_times": _Kind(lambda d: {"zone": d.choice(ZONES)}, "write_times", _always(zone=None)),
}
"""The faults that chance may choose: all that need no order to be named."""


def random_schedule(
    seed: int,
    seconds: float,
    faults: Iterable[str] | None = None,
    *,
    every: float = 30.0,
) -> list[At]:
    """Draw a schedule of faults for `FaultDesk.schedule`.

    The same arguments give the same schedule, on every machine. What a fault breaks for a while
    (connectivity, a farm, whole packets) is mended by a later line, at the latest at the end.
    ``print`` shows a schedule as Python that makes it again.

    Args:
        seed: Makes the draws.
        seconds: The length of the schedule.
        faults: The names of the faults to choose from; by default every one that needs no order
            to be named.
        every: One fault in so many seconds, on average.

    Raises:
        ValueError: A name is not among those that chance may choose; or a length below 0.

    Example:
        >>> for line in random_schedule(7, 60, ["cut", "farm_down"]):
        ...     print(line)
        At(seconds=25.576, fault='cut', arguments={})
    """
    checked.whole("seed", seed, least=None)
    names = tuple(KINDS if faults is None else faults)
    _check(names, seconds, every)
    draw = _Draw(blend(key_of("faults"), seed))
    lines: list[At] = []
    moment = draw.seconds(0.5 * every, 1.5 * every) if names else seconds
    while moment < seconds:
        lines += _fault(draw, draw.choice(names), moment, seconds)
        moment = round(moment + draw.seconds(0.5 * every, 1.5 * every), 3)
    return sorted(lines, key=lambda line: line.seconds)


def _fault(draw: _Draw, name: str, moment: float, end: float) -> list[At]:
    kind = KINDS[name]
    lines = [At(moment, name, kind.arguments(draw))]
    if kind.mended_by is not None:
        later = min(end, round(moment + draw.seconds(1.0, 20.0), 3))
        lines.append(At(later, kind.mended_by, kind.mending(draw)))
    return lines


def _check(names: Sequence[str], seconds: float, every: float) -> None:
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise ValueError(
            f"faults: got {', '.join(unknown)}; chance may choose from {', '.join(KINDS)}"
        )
    checked.seconds("seconds", seconds)
    checked.above_zero("every", every)
