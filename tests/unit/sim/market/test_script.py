from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ibkit.sim._market import _script
from ibkit.sim._market._path import moment_of
from ibkit.sim._market._script import ScriptTape, Spliced
from ibkit.sim._market._tape import piece_of
from ibkit.sim._market._ticks import Quote, Trade

NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.timezone.utc)
START = moment_of(NOW)


def trade(seconds: int, price: int = 1) -> Trade:
    return Trade(1, NOW + dt.timedelta(seconds=seconds), Decimal(price), Decimal(1))


def quote(seconds: int, bid: int) -> Quote:
    time = NOW + dt.timedelta(seconds=seconds)
    return Quote(1, time, Decimal(bid), Decimal(1), Decimal(bid + 1), Decimal(1))


def test_a_script_says_what_was_written() -> None:
    ticks = [quote(0, 5), trade(1), trade(3, 7), quote(4, 6)]
    tape = ScriptTape(ticks)

    assert tape.ticks(START, START + 4000) == ticks[:3]
    assert tape.window(START, START + 1001) == (ticks[:2], START + 1001)
    assert tape.quote_at(START + 3999) == ticks[0]
    assert tape.quote_at(START - 1) is None
    assert tape.last_at(START + 9000) == ticks[2]
    assert tape.next_after(START + 1000) == START + 3000
    assert tape.next_after(START + 4000) is None
    assert tape.piece("TRADES", START, START + 9000) == piece_of("TRADES", ticks)


def test_the_record_of_a_script_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(_script, "_MOST", 10)
    tape = ScriptTape()
    for second in range(25):
        tape.add(trade(second))
    kept = tape.ticks(START, START + 60_000)

    assert len(kept) <= 10
    assert kept[-1] == trade(24)


def test_from_a_moment_on_the_other_tape_speaks() -> None:
    spliced = Spliced(ScriptTape([quote(0, 5), trade(1, 1), trade(5, 2)]))
    spliced.put(START + 3000, ScriptTape([trade(4, 9)]))

    assert spliced.ticks(START, START + 9000) == [quote(0, 5), trade(1, 1), trade(4, 9)]
    assert spliced.last_at(START + 3500) == trade(1, 1)
    assert spliced.last_at(START + 4000) == trade(4, 9)
    assert spliced.quote_at(START + 9000) == quote(0, 5)
    assert spliced.piece("TRADES", START, START + 9000).high == 9
    assert spliced.next_after(START + 1000) == START + 4000
    assert spliced.next_after(START + 4000) is None
    assert spliced.scripted_from == START + 3000


def test_what_would_have_begun_later_is_dropped() -> None:
    spliced = Spliced(ScriptTape([trade(0)]))
    spliced.put(START + 5000, ScriptTape([trade(6, 2)]))
    last = ScriptTape([trade(2, 3)])
    spliced.put(START + 2000, last)

    assert spliced.current is last
    assert spliced.ticks(START, START + 9000) == [trade(0), trade(2, 3)]
