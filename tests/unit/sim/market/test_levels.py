from __future__ import annotations

from ibkit.products import PRODUCTS
from ibkit.sim._market._forex import pairs
from ibkit.sim._market._levels import is_quick, levels
from ibkit.sim._market._stocks import stocks


def test_every_product_with_a_last_trade_rule_has_a_level() -> None:
    missing = [each.root for each in PRODUCTS if each.last_trade_rule and each.root not in levels()]

    assert missing == []


def test_every_share_and_pair_has_a_level() -> None:
    names = [each.symbol for each in stocks().values()]
    names += [each.local_symbol for each in pairs().values()]

    assert [name for name in names if name not in levels()] == []


def test_levels_are_plausible() -> None:
    for name, level in levels().items():
        assert level.price > 0, name
        assert 0 < level.volatility < 0.1, name
        assert abs(level.carry) < 0.03, name
        assert level.walk in levels(), name
        assert levels()[level.walk].volatility == level.volatility, name


def test_sizes_of_one_thing_share_a_walk_and_a_price() -> None:
    for small, big in (("MES", "ES"), ("MGC", "GC"), ("M6E", "6E"), ("FDXS", "FDAX")):
        assert levels()[small].walk == levels()[big].walk
        assert levels()[small].price == levels()[big].price


def test_an_inverse_leans_the_other_way() -> None:
    yen, dollar = levels()["6J"], levels()["USD.JPY"]

    assert yen.inverse
    assert not dollar.inverse
    assert yen.carry == -dollar.carry
    assert abs(yen.price * dollar.price - 1) < 0.01


def test_some_walks_are_quick() -> None:
    assert is_quick("ES")
    assert not is_quick("ZC")
