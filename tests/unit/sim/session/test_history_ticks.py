import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._market import Quote, Trade
from ibkit.sim._session._history_ticks import answer_for, kind_of

NOW = dt.datetime(2026, 3, 2, 15, 0, 0, 900_000, tzinfo=dt.timezone.utc)
SECOND = int(NOW.timestamp())
TRADE = Trade(5, NOW, Decimal(10), Decimal(3), "CME")
QUOTE = Quote(5, NOW, Decimal(9), Decimal(1), Decimal(11), Decimal(2))
ONE_SIDED = QUOTE._replace(bid=None)


TEN, NINE, ELEVEN = Decimal(10), Decimal(9), Decimal(11)
LAST = wire.HistoricalTickLast(SECOND, TEN, Decimal(3), "CME")
BOTH = wire.HistoricalTickBidAsk(SECOND, NINE, ELEVEN, Decimal(1), Decimal(2))
MIDDLE = wire.HistoricalTick(SECOND, TEN, Decimal(0))


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("TRADES", wire.HistoricalTicksLast(7, (LAST,), True)),
        ("BID_ASK", wire.HistoricalTicksBidAsk(7, (BOTH,), True)),
        ("MIDPOINT", wire.HistoricalTicks(7, (MIDDLE,), True)),
    ],
)
def test_each_kind_has_its_message_and_takes_its_ticks_only(kind, answer):
    assert answer_for(7, kind, [TRADE, ONE_SIDED, QUOTE]) == answer


@pytest.mark.parametrize("what", ["ASK", "trades", ""])
def test_there_are_three_kinds(what):
    assert kind_of(what) is None
