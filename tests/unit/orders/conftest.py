"""Short ways to say what is known of a group."""

from decimal import Decimal

import attrs
import pytest

from ibkit.orders import LegFacts, LegStatus, Limit, Target, bracket, first_facts


def _leg(base: LegFacts, state: str) -> LegFacts:
    """Read ``"working 2"``, ``"filled"``, ``"cancelled filled=1"`` and so on."""
    word, *more = state.split()
    status = LegStatus[word.upper()]
    values = {"status": status}
    if status is LegStatus.FILLED:
        values["filled"] = base.size
    if status in {LegStatus.WORKING, LegStatus.HELD, LegStatus.CANCELLING}:
        values["remaining"] = base.size
    for item in more:
        name, _, value = item.rpartition("=")
        if name in {"", "filled", "remaining"}:
            values[name or "remaining"] = Decimal(value)
        elif name == "resent":
            values[name] = int(value)
        elif name in {"refused", "reason", "linked"}:
            values[name] = value
        else:
            values[name] = value == "yes"
    return attrs.evolve(base, **values)


@pytest.fixture
def facts():
    """Make facts of a long bracket at 100 with targets from 110 up and a stop at 90.

    ``facts("separate", [1, 2], rest=1, entry_1="filled", stop_1="rejected")``
    """

    def make(form, sizes, *, rest=0, protected=False, stop=True, states=None, **legs):
        group = bracket(
            "BUY",
            sum(sizes) + rest,
            entry=Limit(100),
            targets=[Target(size, 110 + place) for place, size in enumerate(sizes)],
            stop=90 if stop else None,
            slices=form,
            protect_first=80 if protected else None,
            group_id="k3f9",
        )
        base = first_facts(group)
        known = {name.replace("_", "-"): state for name, state in legs.items()}
        made = tuple(
            _leg(leg, known.pop(leg.role)) if leg.role in known else leg for leg in base.legs
        )
        assert not known, f"no such order: {known}"
        return attrs.evolve(base, legs=made, **(states or {}))

    return make
