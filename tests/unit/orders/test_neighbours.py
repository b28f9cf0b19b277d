"""Which groups share a position, and which of them move."""

from types import SimpleNamespace

import pytest

from ibkit.orders import Limit, OrderGroup, bracket, single
from ibkit.orders._neighbours import Neighbours, is_bracket

PLANS = {
    "bracket": bracket("BUY", 1, entry=5000, stop=4990),
    "managed": bracket("BUY", 1, entry=5000, stop=4990, slices="managed"),
    "single": single("BUY", 1, Limit(5000)),
}


class Watched:
    """A group as far as its neighbours look at it."""

    def __init__(self, group: OrderGroup) -> None:
        self.group = group
        self._book = SimpleNamespace(facts=SimpleNamespace(settled=True))

    def stir(self, *, settled: bool) -> None:
        self._book.facts.settled = settled


@pytest.fixture
def trades():
    return {name: Watched(plan) for name, plan in PLANS.items()}


@pytest.fixture
def near(trades):
    found = Neighbours()
    for trade in trades.values():
        found.add(trade)
    return found


def test_what_has_exits_is_a_bracket(trades):
    assert [name for name, trade in trades.items() if is_bracket(trade)] == ["bracket", "managed"]


def test_the_oldest_come_first(near, trades):
    near.add(trades["bracket"])

    assert list(near.groups) == list(trades.values())
    assert list(near.brackets) == [trades["bracket"], trades["managed"]]


def test_who_moves_is_remembered_until_it_rests_or_is_gone(near, trades):
    for trade in trades.values():
        trade.stir(settled=False)
        near.note(trade)
    assert near.moving == set(trades.values())

    trades["bracket"].stir(settled=True)
    near.note(trades["bracket"])
    near.discard(trades["managed"])

    assert near.moving == {trades["single"]}
    assert list(near.groups) == [trades["bracket"], trades["single"]]
    assert list(near.brackets) == [trades["bracket"]]


def test_of_one_that_is_gone_nothing_is_noted(near, trades):
    gone = trades["single"]
    near.discard(gone)
    gone.stir(settled=False)
    near.note(gone)

    assert not near.moving
    assert gone not in near.groups
