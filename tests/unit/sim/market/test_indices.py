from __future__ import annotations

import pytest

from ibkit.products import PRODUCTS
from ibkit.sim._market._indices import behind, indices
from ibkit.sim._market._levels import levels


@pytest.mark.parametrize(
    ("con_id", "symbol", "exchange"),
    [
        (416904, "SPX", "CBOE"),
        (416843, "NDX", "NASDAQ"),
        (13455763, "VIX", "CBOE"),
        (11004968, "ES", "CME"),
        (825711, "DAX", "EUREX"),
    ],
)
def test_public_con_ids_are_ib_s(con_id: int, symbol: str, exchange: str) -> None:
    index = indices()[con_id].instrument

    assert (index.symbol, index.exchange, index.sec_type) == (symbol, exchange, "IND")


def test_behind_es_is_the_captured_underlying() -> None:
    assert behind(PRODUCTS["ES"]).con_id == 11004968


def test_sizes_of_one_symbol_share_their_index() -> None:
    assert behind(PRODUCTS["FDAX"]) == behind(PRODUCTS["FDXS"])
    assert behind(PRODUCTS["SI"]) == behind(PRODUCTS["SIL"])
    assert behind(PRODUCTS["VX"]) == indices()[13455763].instrument


def test_every_index_has_a_level_and_a_grid_fine_enough() -> None:
    for index in indices().values():
        level = levels()[index.level]

        assert float(index.instrument.min_tick) <= level.price * 0.005, index.level
