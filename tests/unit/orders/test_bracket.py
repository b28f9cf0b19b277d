import pytest

from ibkit.errors import PlanError
from ibkit.orders import (
    Day,
    FromFill,
    Gtc,
    Ioc,
    Limit,
    Market,
    MarketOnOpen,
    Opg,
    Stop,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
)


def shape(group):
    return [(leg.role, leg.side, int(leg.size), leg.parent) for leg in group.legs]


def test_one_target_and_one_stop():
    group = bracket("BUY", 3, entry=Limit(5000), take_profit=5010, stop=4990)

    assert shape(group) == [
        ("entry", "BUY", 3, ""),
        ("target-1", "SELL", 3, "entry"),
        ("stop-1", "SELL", 3, "entry"),
    ]


@pytest.mark.parametrize(
    ("size", "sizes"), [(1, [1]), (2, [1, 1]), (3, [1, 2]), (5, [2, 3]), (7, [3, 4])]
)
def test_the_two_target_recipe_for_any_size(size, sizes):
    targets = [Target(n, 5010 + 10 * place) for place, n in enumerate(sizes)]
    group = bracket("BUY", size, entry=Limit(5000), targets=targets, stop=4980)

    for number, n in enumerate(sizes, start=1):
        entry = group.entries[number - 1]
        assert entry.size == n
        assert group[f"target-{number}"].size == n
        assert group[f"stop-{number}"].size == n
        assert group[f"stop-{number}"].parent == entry.role


def test_separate_is_a_complete_bracket_per_target_and_one_for_the_rest():
    group = bracket("SELL", 4, entry=5000, targets=[Target(1, 4990), Target(2, 4980)], stop=5010)

    assert shape(group) == [
        ("entry-1", "SELL", 1, ""),
        ("target-1", "BUY", 1, "entry-1"),
        ("stop-1", "BUY", 1, "entry-1"),
        ("entry-2", "SELL", 2, ""),
        ("target-2", "BUY", 2, "entry-2"),
        ("stop-2", "BUY", 2, "entry-2"),
        ("entry-3", "SELL", 1, ""),
        ("stop-3", "BUY", 1, "entry-3"),
    ]


def test_attached_is_one_entry_with_one_stop_for_all():
    group = bracket(
        "BUY",
        3,
        entry=5000,
        targets=[Target(1, 5010), Target(1, 5020)],
        stop=4990,
        slices="attached",
    )

    assert shape(group) == [
        ("entry", "BUY", 3, ""),
        ("target-1", "SELL", 1, "entry"),
        ("target-2", "SELL", 1, "entry"),
        ("stop-1", "SELL", 3, "entry"),
    ]


def test_managed_sends_the_exits_when_the_entry_fills():
    group = bracket(
        "BUY", 2, entry=Market(), targets=[Target(1, 5010), Target(1, Trail(amount=8))], stop=4990,
        slices="managed", protect_first=4980,
    )  # fmt: skip

    assert shape(group)[:2] == [("entry", "BUY", 2, ""), ("guard", "SELL", 2, "entry")]
    assert [leg.role for leg in group.legs if leg.deferred] == [
        "target-1",
        "stop-1",
        "target-2",
        "stop-2",
    ]


def test_a_target_may_have_a_stop_of_its_own():
    targets = [Target(1, 5010, stop=4995), Target(1, 5020)]
    group = bracket("BUY", 2, entry=5000, targets=targets, stop=4990)

    assert [leg.leg for leg in group.stops] == [Stop(4995), Stop(4990)]
    with pytest.raises(PlanError, match="one stop for all"):
        bracket("BUY", 2, entry=5000, targets=targets, stop=4990, slices="attached")


def test_exits_live_as_long_as_the_entry_unless_told_otherwise():
    def tifs(**changes):
        group = bracket("BUY", 1, entry=changes.pop("entry", 5000), stop=4990, **changes)
        return [leg.tif for leg in group.legs]

    assert tifs() == [Day(), Day()]
    assert tifs(tif=Gtc()) == [Gtc(), Gtc()]
    assert tifs(exit_tif=Gtc()) == [Day(), Gtc()]
    assert tifs(tif="GTC") == [Gtc(), Gtc()]
    assert tifs(exit_tif="GTC") == [Day(), Gtc()]
    assert tifs(tif=Ioc()) == [Ioc(), Day()]
    assert tifs(tif="IOC") == [Ioc(), Day()]
    assert tifs(entry=Limit(5000, tif="IOC"), tif="GTC") == [Ioc(), Day()]
    assert tifs(entry=Limit(5000, tif=Ioc()), tif=Gtc()) == [Ioc(), Day()]


def test_a_leg_speaks_for_itself():
    group = bracket(
        "BUY", 1, entry=5000, take_profit=Limit(5010, tif=Gtc()), outside_rth=True,
        stop=Stop(4990, outside_rth=False, trigger_method=2),
    )  # fmt: skip

    assert group["target-1"].tif == Gtc()
    assert group["target-1"].leg == Limit(5010)
    assert [leg.outside_rth for leg in group.legs] == [True, True, False]
    assert group["stop-1"].trigger_method == 2


def test_a_market_order_at_the_open_is_one_thing_however_it_is_said():
    one = bracket("BUY", 1, entry=Market(tif=Opg()), stop=4990)
    two = bracket("BUY", 1, entry=MarketOnOpen(), stop=4990)

    assert one == two
    assert one["stop-1"].tif == Day()


def test_from_the_fill_is_a_managed_bracket():
    assert bracket_from_fill("BUY", 1, take_profit=FromFill(10), stop=4990) == bracket(
        "BUY", 1, entry=Market(), take_profit=FromFill(10), stop=4990, slices="managed"
    )


def test_either_one_target_or_several():
    with pytest.raises(PlanError, match="either"):
        bracket("BUY", 1, entry=5000, take_profit=5010, targets=[Target(1, 5010)])


def test_what_the_user_gave_is_not_touched():
    targets = [Target(1, 5010)]
    entry = Limit(5000, tif=Gtc())
    bracket("BUY", 2, entry=entry, targets=targets, stop=4990)

    assert targets == [Target(1, 5010)]
    assert entry == Limit(5000, tif=Gtc())
