import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given

from ibkit.testing.strategies import futures_chains


@given(futures_chains())
def test_a_chain_is_that_of_its_day(chain):
    assert dt.date(2016, 1, 1) <= chain.since <= dt.date(2035, 12, 31)
    assert chain[0].last_trade >= chain.since
    assert all(before.last_trade <= after.last_trade for before, after in pairwise(chain))


@given(futures_chains(["CL"], first=dt.date(2026, 1, 1), last=dt.date(2026, 1, 9)))
def test_products_and_days_may_be_chosen(chain):
    assert chain.product.root == "CL"
    assert dt.date(2026, 1, 1) <= chain.since <= dt.date(2026, 1, 9)


def test_it_shrinks_to_es_on_the_first_day(smallest):
    chain = smallest(futures_chains(), lambda _: True)

    assert (chain.product.root, chain.since) == ("ES", dt.date(2016, 1, 1))


def test_it_shrinks_to_the_first_day_that_matters(smallest):
    chain = smallest(futures_chains(), lambda chain: chain.since > dt.date(2020, 2, 28))

    assert (chain.product.root, chain.since) == ("ES", dt.date(2020, 2, 29))


def test_an_unknown_product_is_refused():
    with pytest.raises(ValueError, match="got XX"):
        futures_chains(["XX"])
