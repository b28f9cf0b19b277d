import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest

from ibkit.cli import main
from ibkit.cli._watch import rows
from ibkit.streams import Gap, Quote, Resumed, Started

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


def stream(latest=None, gap=None, events=(), holders=("a",)):
    return SimpleNamespace(latest=latest, gap=gap, events=events, holders=holders)


def test_a_row_tells_the_quote_its_age_who_holds_the_line_and_its_gaps():
    quote = Quote(
        con_id=1,
        arrived=NOW - dt.timedelta(seconds=7),
        bid=Decimal("5000.25"),
        bid_size=Decimal(3),
    )
    gap = Gap(NOW, "connection lost")
    cut = stream(None, gap, [Started(NOW), gap, Resumed(gap, NOW), gap])
    board = [("ESZ6", stream(quote, holders="ab")), ("NQZ6", stream()), ("CLF7", cut)]

    assert rows(board, NOW) == [
        ("ESZ6", "5,000.25", "3", "-", "-", "-", "7 s", "held by 2", "0", ""),
        ("NQZ6", "-", "-", "-", "-", "-", "-", "held by 1", "0", "waiting"),
        ("CLF7", "-", "-", "-", "-", "-", "-", "held by 1", "2", "gap: connection lost"),
    ]


@pytest.mark.tcp
def test_a_watch_shows_quotes_of_every_product_and_ends(capsys):
    assert main(["watch", "ES", "GC", "--seconds", "1.2"]) == 0
    out = capsys.readouterr().out

    assert out.count("ES") >= 2
    assert out.count("GC") >= 2
