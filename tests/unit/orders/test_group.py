import datetime as dt
from decimal import Decimal

import pytest
from attrs.exceptions import FrozenInstanceError

from ibkit.errors import PlanError
from ibkit.orders import Gtc, Limit, Market, Oca, Stop, Target, bracket, oca, single

GROUP = bracket(
    "SELL", 3, entry=Limit(5000), targets=[Target(1, 4990), Target(1, 4980)], stop=Stop(5010),
    order_ref="mine",
)  # fmt: skip


def test_a_group_knows_its_parts():
    assert [leg.role for leg in GROUP.entries] == ["entry-1", "entry-2", "entry-3"]
    assert [leg.role for leg in GROUP.targets] == ["target-1", "target-2"]
    assert [leg.role for leg in GROUP.stops] == ["stop-1", "stop-2", "stop-3"]
    assert len(GROUP.exits) == 5
    assert (GROUP.side, GROUP.size, GROUP.slices) == ("SELL", 3, 3)
    assert GROUP.guard is None


def test_an_order_is_found_by_its_role():
    assert GROUP["stop-2"].leg == Stop(5010)
    with pytest.raises(KeyError, match="no stop-9 in this group; it has entry-1"):
        GROUP["stop-9"]


def test_the_size_of_an_oca_group_is_its_largest_order():
    assert oca([single("BUY", 1, Market()), single("BUY", 4, Market())], name="x").size == 4


def test_groups_are_values():
    same = bracket(
        "sell", "3.0", entry=Limit("5000.00"), stop=5010, order_ref="mine",
        targets=[Target(Decimal(1), 4990.0), Target(1, Limit(4980))],
    )  # fmt: skip

    assert same == GROUP
    assert hash(same) == hash(GROUP)
    assert same != GROUP.evolve(order_ref="yours")
    with pytest.raises(FrozenInstanceError):
        GROUP.account = "DU1"


def test_evolving_changes_what_is_named_and_nothing_else():
    changed = GROUP.evolve(
        account="DU1", group_id="k3f9", breakeven_after=1, oca_type=Oca.REDUCE_NON_BLOCK
    )

    assert changed.oca_type is Oca.REDUCE_NON_BLOCK
    assert (changed.account, changed.group_id, changed.breakeven_after) == ("DU1", "k3f9", 1)
    assert changed.legs == GROUP.legs
    assert changed.order_ref == "mine"
    assert GROUP.account == ""


def test_evolving_a_leg_checks_the_group_again():
    moved = GROUP.evolve(legs={"stop-2": Stop(5005, tif=Gtc())})

    assert moved["stop-2"].leg == Stop(5005)
    assert moved["stop-2"].tif == Gtc()
    assert moved["stop-2"].parent == "entry-2"
    assert moved["stop-1"] == GROUP["stop-1"]
    with pytest.raises(PlanError, match="above the entry"):
        GROUP.evolve(legs={"stop-2": Stop(4999)})
    with pytest.raises(PlanError, match="one of entry-1"):
        GROUP.evolve(legs={"stop-7": Stop(5005)})


def test_a_leg_that_is_changed_waits_as_long_as_before():
    noon = dt.datetime(2026, 12, 18, 18, tzinfo=dt.timezone.utc)
    group = bracket("BUY", 1, entry=5000, stop=4990, good_after=noon)
    later = noon + dt.timedelta(hours=1)

    assert group.evolve(legs={"entry": Limit(4999)})["entry"].good_after == noon
    assert group.evolve(legs={"entry": Limit(4999, good_after=later)})["entry"].good_after == later
