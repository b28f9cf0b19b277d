"""Every rule refuses what it should, naming field, value and rule; and nothing else."""

import datetime as dt

import attrs
import pytest

from ibkit.errors import PlanError
from ibkit.orders import (
    AdjustableStop,
    Day,
    Fok,
    FromFill,
    Gtc,
    Gtd,
    Ioc,
    Limit,
    LimitIfTouched,
    LimitOnClose,
    LimitOnOpen,
    Market,
    MarketIfTouched,
    MarketOnClose,
    MarketOnOpen,
    MarketToLimit,
    MidPrice,
    Opg,
    Relative,
    Stop,
    StopLimit,
    Target,
    Trail,
    TrailLimit,
    bracket,
    bracket_from_fill,
    oca,
    single,
    trailing,
)

NOON = dt.datetime(2026, 12, 18, 18, tzinfo=dt.timezone.utc)


def buy(**changes):
    return bracket("BUY", 2, **{"entry": Limit(5000), "take_profit": 5010, "stop": 4990, **changes})


def sell(**changes):
    return bracket(
        "SELL", 2, **{"entry": Limit(5000), "take_profit": 4990, "stop": 5010, **changes}
    )


@pytest.mark.parametrize(
    ("build", "field", "rule"),
    [
        # the side of the entry
        (lambda: buy(take_profit=5000), "target-1", "above the entry, 5000"),
        (lambda: buy(take_profit=4999.75), "target-1", "above the entry"),
        (lambda: buy(stop=5000), "stop-1", "below the entry"),
        (lambda: sell(take_profit=5000), "target-1", "below the entry"),
        (lambda: sell(stop=4999), "stop-1", "above the entry"),
        (lambda: buy(stop=Trail(amount=5, start=5001)), "stop-1", "below the entry"),
        (
            lambda: buy(stop=AdjustableStop(5001, adjust_at=5010, becomes=Stop(1))),
            "stop-1",
            "below",
        ),
        (lambda: buy(entry=StopLimit(5000, 5012)), "target-1", "above the entry, 5012"),
        (lambda: buy(entry=LimitIfTouched(5000, 4985)), "stop-1", "below the entry, 4985"),
        (lambda: buy(entry=Market(), take_profit=4980), "target-1", "above stop-1, 4990"),
        (lambda: sell(entry=Market(), take_profit=5020), "target-1", "below stop-1, 5010"),
        # what may be what
        (lambda: buy(take_profit=Stop(5010)), "target-1", "stop="),
        (lambda: buy(take_profit=Market()), "target-1", "a target is"),
        (lambda: buy(stop=Limit(4990)), "stop-1", "a Stop"),
        (lambda: buy(entry=AdjustableStop(1, adjust_at=2, becomes=Stop(1))), "entry", "no entry"),
        (lambda: buy(take_profit=FromFill(+10)), "target-1", "bracket_from_fill"),
        (lambda: single("BUY", 1, Limit(FromFill(1))), "entry", "bracket_from_fill"),
        # 328
        (lambda: buy(entry=Market(), stop=Trail(amount=8)), "stop-1", "328"),
        (lambda: buy(entry=Stop(5000), stop=Trail(percent=1)), "stop-1", "328"),
        (lambda: buy(entry=MarketToLimit(), take_profit=Trail(amount=8)), "target-1", "328"),
        # time in force
        (lambda: single("BUY", 1, MarketOnClose(tif=Gtc())), "entry.tif", "113"),
        (lambda: single("BUY", 1, LimitOnClose(5000, tif=Ioc())), "entry.tif", "113"),
        (lambda: single("BUY", 1, MarketOnOpen(tif=Day())), "entry.tif", "OPG"),
        (lambda: single("BUY", 1, Stop(5000), tif=Ioc()), "entry.tif", "111"),
        (lambda: single("BUY", 1, StopLimit(5000, 5001), tif=Fok()), "entry.tif", "111"),
        (lambda: single("BUY", 1, Stop(5000), tif=Opg()), "entry.tif", "111"),
        (lambda: single("BUY", 1, MidPrice(), tif=Fok()), "entry.tif", "111"),
        (lambda: buy(exit_tif=Ioc()), "target-1.tif", "111"),
        (lambda: buy(stop=Stop(4990, tif=Opg())), "stop-1.tif", "DAY, GTC, GTD"),
        (lambda: buy(take_profit=LimitOnOpen(5010)), "target-1.tif", "no time in force"),
        (
            lambda: single("BUY", 1, Limit(1), good_after=NOON, tif=Gtd(NOON)),
            "entry.good_after",
            "GTD",
        ),
        (lambda: single("BUY", 1, MidPrice(), outside_rth=True), "entry", "10210"),
        (
            lambda: buy(take_profit=None, targets=[Target(1, 5010), Target(1, 5020)], tif=Fok()),
            "tif",
            "all or nothing",
        ),
        # sizes
        (
            lambda: buy(take_profit=None, targets=[Target(3, 5010)]),
            "targets",
            "at most the size, 2",
        ),
        (lambda: buy(take_profit=None, stop=None, targets=[Target(1, 5010)]), "stop", "no exit"),
        (lambda: buy(take_profit=None, stop=None), "stop", "single"),
        (lambda: single("BUY", 0, Market()), "size", "160"),
        # names
        (lambda: buy(group_id="Not Good"), "group_id", "0-9 and a-z"),
        (lambda: buy(order_ref="caf\u00e9"), "order_ref", "printable ASCII"),
        (lambda: oca([single("BUY", 1, Market())] * 2, name="x" * 65), "name", "401"),
        (lambda: oca([single("BUY", 1, Market())], name="x"), "orders", "at least two"),
        (lambda: oca([], name="x"), "legs", "at least one"),
        (lambda: single("buy it", 1, Market()), "side", "BUY"),
        (lambda: buy(order_ref="x" * 33), "order_ref", "it may have 32 characters"),
        (
            lambda: bracket_from_fill(
                "BUY",
                5,
                targets=[Target(1, 5010.25 + n, stop=4990.25 - n) for n in range(5)],
            ),
            "order_ref",
            "fewer targets",
        ),
        # break-even
        (
            lambda: bracket(
                "BUY", 2, entry=Limit(9), targets=[Target(2, 10)], stop=8, breakeven_after=1
            ),
            "breakeven_after",
            "still left",
        ),
        (
            lambda: bracket(
                "BUY", 2, entry=Limit(9), targets=[Target(1, 10), Target(1, 11)], breakeven_after=1
            ),
            "breakeven_after",
            "still left",
        ),
        (
            lambda: bracket(
                "BUY",
                2,
                entry=Limit(9),
                targets=[Target(1, 10), Target(1, 11)],
                stop=Trail(amount=1),
                breakeven_after=1,
            ),
            "breakeven_after",
            "can be moved",
        ),
        # the provisional stop
        (lambda: buy(protect_first=4980), "protect_first", "managed"),
        (
            lambda: buy(slices="managed", protect_first=Trail(amount=1)),
            "protect_first",
            "known price",
        ),
        (lambda: buy(slices="managed", protect_first=4995), "protect_first", "not nearer"),
        (lambda: buy(slices="managed", protect_first=5001), "protect_first", "below the entry"),
        (lambda: sell(slices="managed", protect_first=5005), "protect_first", "not nearer"),
        # from the fill
        (
            lambda: bracket_from_fill("BUY", 1, take_profit=FromFill(-1)),
            "target-1",
            "above the fill",
        ),
        (lambda: bracket_from_fill("BUY", 1, stop=FromFill(ticks=1)), "stop-1", "below the fill"),
        (
            lambda: bracket_from_fill("SELL", 1, stop=FromFill(percent=-1)),
            "stop-1",
            "above the fill",
        ),
        (lambda: bracket_from_fill("SELL", 1, stop=FromFill(0)), "stop-1", "above the fill"),
        (lambda: buy(slices="together"), "slices", "separate, managed, attached"),
        (lambda: buy(targets=[Target(1, 5010)]), "targets", "either"),
        (lambda: trailing("SELL", 1, amount=1, limit_offset=1), "start", "321"),
        # what no type checker has seen
        (lambda: buy(tif="daily"), "tif", "'DAY', 'GTC'"),
        (lambda: buy(exit_tif="GTD"), "tif", "Gtd(moment)"),
        (lambda: buy(good_after="noon"), "good_after", "a datetime with a zone"),
        (lambda: buy(good_after=NOON.replace(tzinfo=None)), "good_after", "with a zone"),
        (lambda: buy(breakeven_after="one"), "breakeven_after", "a number of targets"),
        (lambda: buy(take_profit=None, targets=[5010]), "targets", "Target(size, price)"),
        (lambda: buy(order_ref=5), "order_ref", "a text"),
        (lambda: buy(account=None), "account", "a text"),
        (lambda: single("BUY", 1, 5000), "leg", "Limit(5000)"),
        (lambda: single("BUY", 1, Limit), "leg", "Limit(5000)"),
        (lambda: oca([("BUY", 1), ("SELL", 1)]), "orders", "groups of one order"),
    ],
)
def test_an_impossible_group_is_refused(build, field, rule):
    with pytest.raises(PlanError) as caught:
        build()

    assert caught.value.field == field
    assert rule in str(caught.value)


@pytest.mark.parametrize(
    "build",
    [
        lambda: buy(entry=Limit(5000), stop=Trail(amount=8)),
        lambda: buy(entry=StopLimit(5000, 5001), stop=TrailLimit(amount=8, offset=1, start=4992)),
        lambda: buy(entry=Market(), slices="managed", stop=Trail(amount=8)),
        lambda: buy(entry=Market(), take_profit=None),
        lambda: buy(entry=Stop(5000), stop=None),
        lambda: buy(entry=Limit(5000, tif=Ioc())),
        lambda: buy(entry=Limit(5000), tif=Fok()),
        lambda: buy(
            take_profit=None,
            targets=[Target(1, 5010), Target(1, 5020)],
            tif=Fok(),
            slices="attached",
        ),
        lambda: buy(take_profit=MarketOnClose(), tif=Gtc()),
        lambda: buy(take_profit=MarketIfTouched(5010)),
        lambda: buy(take_profit=Trail(amount=8, start=4992)),
        lambda: buy(entry=Relative("0.25", 5000)),
        lambda: buy(entry=MidPrice(5000)),
        lambda: single("SELL", "0.5", Limit(-37.63)),
        lambda: single("SELL", 1, AdjustableStop(4980, adjust_at=5010, becomes=Stop(5000))),
        lambda: single("BUY", 1, Market(), tif=Opg()),
        lambda: single("BUY", 1, Limit(5000, good_after=NOON), tif=Gtc()),
        lambda: bracket("BUY", 1, entry=Limit(0), take_profit=1, stop=-1),
        lambda: bracket("SELL", 1, entry=Limit("-0.5"), take_profit="-1", stop="0"),
        lambda: bracket_from_fill("BUY", 1, stop=FromFill(-1), protect_first=1),
        lambda: buy(tif="GTC", exit_tif="day"),
    ],
)
def test_a_possible_group_is_taken(build):
    assert build().legs


def test_an_error_says_what_came_and_what_would_do():
    with pytest.raises(PlanError) as caught:
        buy(stop=5001)

    assert str(caught.value) == "stop-1: got '5001'; it has to lie below the entry, 5000"


@pytest.mark.parametrize(
    ("role", "changes", "field"),
    [
        ("stop-1", {"size": 3}, "stop-1.size"),
        ("target-1", {"side": "BUY"}, "target-1.side"),
        ("stop-1", {"parent": "entry-7"}, "stop-1.parent"),
        ("stop-1", {"kind": "target"}, "legs"),
        ("stop-1", {"size": -1}, "stop-1.size"),
    ],
)
def test_a_group_put_together_by_hand_is_checked_too(role, changes, field):
    group = buy()
    legs = [attrs.evolve(leg, **changes) if leg.role == role else leg for leg in group.legs]

    with pytest.raises(PlanError) as caught:
        attrs.evolve(group, legs=legs)

    assert caught.value.field == field


def test_a_stop_larger_than_its_entry_is_refused_in_every_form():
    for form in ("attached", "managed"):
        group = buy(slices=form)
        legs = [attrs.evolve(leg, size=3) if leg.kind == "stop" else leg for leg in group.legs]
        with pytest.raises(PlanError, match="the size of the entry"):
            attrs.evolve(group, legs=legs)


def test_targets_that_do_not_add_up_are_refused():
    for form, stop, rule in (
        ("attached", 4990, "at most the size of the entry, 2"),
        ("managed", None, "or a stop for the rest"),
    ):
        group = buy(slices=form, stop=stop)
        size = 3 if stop else 1
        legs = [attrs.evolve(leg, size=size) if leg.kind == "target" else leg for leg in group.legs]
        with pytest.raises(PlanError, match=rule):
            attrs.evolve(group, legs=legs)


def test_a_partial_group_may_lack_its_entry():
    group = buy()

    rest = attrs.evolve(group, legs=group.legs[1:], partial=True)

    assert [leg.role for leg in rest.legs] == ["target-1", "stop-1"]
