from decimal import Decimal

import attrs
import pytest

from ibkit.orders import LegFacts, LegStatus, Limit, bracket, first_facts
from ibkit.orders._facts import LIVE, LOST

TWO = Decimal(2)
STOP = LegFacts(role="stop-1", kind="stop", number=1, size=TWO, remaining=TWO)


@pytest.mark.parametrize(
    ("changes", "works", "coming"),
    [
        ({"status": LegStatus.WORKING}, 2, 0),
        ({"status": LegStatus.WORKING, "active": False}, 0, 0),
        ({"status": LegStatus.WORKING, "in_flight": True}, 2, 2),
        ({"status": LegStatus.SENT, "remaining": Decimal(0)}, 0, 2),
        ({"status": LegStatus.SENT, "filled": Decimal(1), "remaining": Decimal(0)}, 0, 1),
        ({"status": LegStatus.CANCELLING}, 0, 0),
        ({"status": LegStatus.HELD}, 0, 0),
        ({"status": LegStatus.PLANNED}, 0, 0),
        ({"status": LegStatus.REJECTED, "in_flight": True}, 0, 0),
    ],
)
def test_what_works_and_what_may_soon(changes, works, coming):
    leg = attrs.evolve(STOP, **changes)

    assert (leg.works, leg.coming) == (works, coming)


def test_a_status_is_live_lost_or_neither():
    assert not LIVE & LOST
    assert set(LegStatus) - LIVE - LOST == {LegStatus.PLANNED, LegStatus.FILLED}


def test_the_first_facts_are_the_plan():
    facts = first_facts(bracket("BUY", 2, entry=Limit(5000), stop=4990, group_id="k3f9"))

    assert [(leg.role, leg.size, leg.status) for leg in facts.legs] == [
        ("entry", 2, LegStatus.PLANNED),
        ("stop-1", 2, LegStatus.PLANNED),
    ]
    assert (facts.group_id, facts.form) == ("k3f9", "separate")
    assert facts.leg("stop-1").kind == "stop"
    assert facts.leg("stop-2") is None
