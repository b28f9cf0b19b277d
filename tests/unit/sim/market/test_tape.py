from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ibkit.sim._market._tape import Piece, joined, piece_of, side_of
from ibkit.sim._market._ticks import Quote, Trade

NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.timezone.utc)


def trade(price: str, size: int) -> Trade:
    return Trade(1, NOW, Decimal(price), Decimal(size))


def quote(bid: str | None, ask: str | None) -> Quote:
    sides = [None if side is None else Decimal(side) for side in (bid, ask)]
    return Quote(1, NOW, sides[0], Decimal(1), sides[1], Decimal(1))


def piece(*prices: int, size: int = 0, trades: int = 0) -> Piece:
    return Piece(*map(Decimal, prices), Decimal(size), trades)


def test_trades_aggregate_to_a_piece() -> None:
    ticks = [trade("2", 1), quote("1", "9"), trade("4", 2), trade("1", 3), trade("3", 4)]

    assert piece_of("TRADES", ticks) == piece(2, 4, 1, 3, size=10, trades=4)


@pytest.mark.parametrize(
    ("what", "expected"),
    [("BID", piece(1, 2, 1, 2)), ("ASK", piece(3, 8, 3, 8)), ("MIDPOINT", piece(2, 5, 2, 5))],
)
def test_quotes_aggregate_by_side(what, expected: Piece) -> None:
    assert piece_of(what, [quote("1", "3"), trade("7", 1), quote("2", "8")]) == expected


def test_nothing_aggregates_to_nothing() -> None:
    assert piece_of("TRADES", [quote("1", "3")]) is None
    assert piece_of("BID", [quote(None, "3")]) is None
    assert joined([None, None]) is None


def test_pieces_join_in_order() -> None:
    first, second = piece(2, 4, 1, 3, size=10, trades=4), piece(5, 6, 5, 6, size=1, trades=1)

    assert joined([None, first, None, second]) == piece(2, 6, 1, 6, size=11, trades=5)
    assert joined([first]) == first


def test_a_side_that_is_not_there_has_no_price() -> None:
    assert side_of("ASK", quote("1", None)) is None
    assert side_of("MIDPOINT", quote("1", None)) is None
    assert side_of("TRADES", quote("1", "2")) is None
