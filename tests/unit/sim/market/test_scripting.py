from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim._market import Market, Quote, Trade
from ibkit.sim._market._replay import ReplayError
from ibkit.sim._market._scripting import played, set_quote

NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.timezone.utc)
STANDS = Quote(1, NOW, Decimal(10), Decimal(3), Decimal(11), Decimal(4))
LATER = NOW + dt.timedelta(seconds=1)
NOTHING = {"bid": None, "ask": None, "bid_size": None, "ask_size": None}


def test_what_is_left_out_stays() -> None:
    new = set_quote(STANDS, LATER, **{**NOTHING, "bid": "10.5", "ask_size": 7})

    assert new == Quote(1, LATER, Decimal("10.5"), Decimal(3), Decimal(11), Decimal(7))


def test_floats_become_what_they_look_like() -> None:
    assert set_quote(STANDS, LATER, **{**NOTHING, "bid": 10.1}).bid == Decimal("10.1")


def test_a_side_that_was_not_there_gets_a_size() -> None:
    empty = Quote(1, NOW, None, Decimal(0), None, Decimal(0))

    assert set_quote(empty, LATER, **{**NOTHING, "bid": 5}).bid_size > 0


def test_a_crossed_quote_or_a_size_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above the ask"):
        set_quote(STANDS, LATER, **{**NOTHING, "bid": 12})
    with pytest.raises(ValueError, match="bid_size: got -1; wanted a number of at least 0"):
        set_quote(STANDS, LATER, **{**NOTHING, "bid_size": -1})


def test_ready_ticks_are_sorted_renamed_and_moved(market: Market) -> None:
    instrument = market.named("AAPL", NOW)
    late = Trade(1, NOW - dt.timedelta(hours=1), Decimal(5), Decimal(1))
    early = Trade(1, NOW - dt.timedelta(hours=2), Decimal(6), Decimal(1))
    moved = played([late, early], instrument, NOW, naive_zone=None, shift=True)
    kept = played([late, early], instrument, NOW, naive_zone=None, shift=False)

    assert [tick.con_id for tick in moved] == [265598, 265598]
    assert [tick.time for tick in moved] == [NOW, NOW + dt.timedelta(hours=1)]
    assert [tick.time for tick in kept] == [early.time, late.time]


def test_no_ticks_are_an_error(market: Market) -> None:
    with pytest.raises(ReplayError, match="no ticks"):
        played([], market.named("AAPL", NOW), NOW, naive_zone=None, shift=True)
