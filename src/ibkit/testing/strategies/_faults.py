"""Schedules of faults for `FaultDesk.schedule`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ibkit.sim import At
from ibkit.sim._schedule import ANSWERS, CUT_AT, KINDS, NOTICES, REPEATED, REQUESTS, ZONES

Arguments = SearchStrategy[dict[str, Any]]

_few = st.integers(1, 3)
_tenths = st.integers(1, 50).map(lambda tenths: tenths / 10)
_answers = st.sampled_from(ANSWERS)
_repeated = st.sampled_from(REPEATED)
_requests = st.sampled_from(REQUESTS)


def _with(**arguments: SearchStrategy[Any]) -> Arguments:
    return st.fixed_dictionaries(arguments)


FAULTS: dict[str, Arguments] = {
    "cut": _with(),
    "lose_connectivity": _with(times=_few),
    "lose_data": _with(),
    "farm_down": _with(),
    "nightly_reset": _with(),
    "restart": _with(ids_back_by=st.integers(0, 3)),
    "refuse_connections": _with(times=_few),
    "stay_silent": _with(),
    "cut_at": _with(request=st.sampled_from(CUT_AT), after=st.booleans()),
    "split_packets": _with(size=st.integers(1, 9)),
    "compete": _with(),
    "ignore": _with(request=_requests),
    "withhold": _with(answer=_answers),
    "double": _with(answer=_repeated, times=_few),
    "delay": _with(answer=_repeated, seconds=_tenths),
    "delay_request": _with(
        request=st.sampled_from(["ReqMktData", "CancelMktData", "CancelOrder", "ReqPositions"]),
        seconds=_tenths,
    ),
    "answer_once": _with(request=st.just("ReqCurrentTime")),
    "refuse": _with(
        request=st.sampled_from(["ReqHistoricalData", "ReqContractDetails", "ReqMktData"]),
        code=st.sampled_from([162, 321, 354]),
        text=st.just("by chance"),
    ),
    "notice_next_order": _with(code=st.sampled_from(NOTICES)),
    "reject_next_order": _with(reason=st.just("by chance"), error_first=st.booleans()),
    "refuse_next_modify": _with(code=st.sampled_from([104, 110, 10326]), text=st.just("by chance")),
    "race_cancel": _with(),
    "reset_depth": _with(),
    "blank_unset": _with(),
    "write_times": _with(zone=st.sampled_from(ZONES)),
}
"""What is drawn for each fault, the simplest faults first: schedules shrink towards them."""

MENDING: dict[str, Arguments] = {
    "lose_connectivity": _with(data_lost=st.booleans()),
    "farm_down": _with(dead=st.booleans()),
    "nightly_reset": _with(data_lost=st.booleans()),
    "split_packets": _with(size=st.just(0)),
    "blank_unset": _with(on=st.just(value=False)),
    "write_times": _with(zone=st.none()),
}
"""What mends it after a while."""


def fault_schedules(
    faults: Sequence[str] | None = None,
    *,
    within: float = 60.0,
    min_size: int = 0,
    max_size: int = 4,
) -> SearchStrategy[list[At]]:
    """Draw what goes wrong and when, for `gateway.faults.schedule(...)`.

    What a fault takes away for a while (connectivity, a farm, whole packets) a later line gives
    back within 20 seconds. Shrinks to few faults that come at once.

    Args:
        faults: The names of the faults to choose from, the simplest first; by default every one
            that needs no order to be named.
        within: The faults come within so many seconds.
        min_size: The fewest faults.
        max_size: The most.

    Raises:
        ValueError: A name that is none of these.

    >>> from hypothesis import find
    >>> find(fault_schedules(["cut", "farm_down"]), lambda lines: len(lines) == 3)
    [At(seconds=0.0, fault='cut', arguments={}), At(seconds=0.0, fault='farm_down', arguments={}), \
At(seconds=1.0, fault='farm_up', arguments={'dead': False})]
    """
    names = tuple(FAULTS if faults is None else faults)
    if unknown := [name for name in names if name not in FAULTS]:
        raise ValueError(f"faults: got {', '.join(unknown)}; known are {', '.join(FAULTS)}")
    if not 0 <= within < float("inf"):
        raise ValueError(f"within: got {within!r}; wanted seconds, at least 0")
    episodes = st.lists(_episodes(names, within), min_size=min_size, max_size=max_size)
    return episodes.map(_in_order)


def _in_order(episodes: list[list[At]]) -> list[At]:
    lines = [line for episode in episodes for line in episode]
    return sorted(lines, key=lambda line: line.seconds)


@st.composite
def _episodes(draw: DrawFn, names: tuple[str, ...], within: float) -> list[At]:
    """A fault, and what mends it."""
    name = draw(st.sampled_from(names))
    moment = draw(st.integers(0, int(within * 10))) / 10
    lines = [At(moment, name, draw(FAULTS[name]))]
    if (mender := KINDS[name].mended_by) is not None:
        later = moment + draw(st.integers(1, 20))
        lines.append(At(later, mender, draw(MENDING[name])))
    return lines
