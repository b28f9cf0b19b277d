from __future__ import annotations

from collections import Counter

import pytest

from ibkit.sim._market._stocks import stocks


def test_there_are_some_forty_shares() -> None:
    assert 40 <= len(stocks()) <= 50
    assert all(con_id == share.con_id for con_id, share in stocks().items())


@pytest.mark.parametrize(
    ("symbol", "con_id"), [("AAPL", 265598), ("MSFT", 272093), ("SPY", 756733), ("IBM", 8314)]
)
def test_public_con_ids_are_ib_s(symbol: str, con_id: int) -> None:
    assert stocks()[con_id].symbol == symbol


def test_rules_and_exchanges_are_parallel() -> None:
    for share in stocks().values():
        assert len(share.market_rules) == len(share.valid_exchanges)
        assert share.exchange == share.primary_exchange in share.valid_exchanges
        assert "SMART" in share.valid_exchanges


def test_a_few_are_listed_twice() -> None:
    twice = [
        symbol
        for symbol, count in Counter(s.symbol for s in stocks().values()).items()
        if count > 1
    ]

    assert sorted(twice) == ["AMD", "INTC"]
