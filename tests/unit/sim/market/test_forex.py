from __future__ import annotations

from decimal import Decimal

from ibkit.sim._market._forex import pairs


def test_public_con_ids_are_ib_s() -> None:
    ids = {pair.local_symbol: con_id for con_id, pair in pairs().items()}

    assert ids["EUR.USD"] == 12087792
    assert ids["GBP.USD"] == 12087797
    assert ids["USD.JPY"] == 15016059
    assert len(ids) == len(pairs()) == 20


def test_a_pair_is_its_base_priced_in_its_quote() -> None:
    pair = pairs()[12087792]

    assert (pair.symbol, pair.currency, pair.exchange) == ("EUR", "USD", "IDEALPRO")
    assert pair.local_symbol == pair.trading_class == "EUR.USD"


def test_yen_pairs_have_a_coarser_grid() -> None:
    ticks = {pair.local_symbol: pair.min_tick for pair in pairs().values()}

    assert ticks["EUR.USD"] == Decimal("0.00005")
    assert ticks["USD.JPY"] == ticks["EUR.JPY"] == Decimal("0.005")
