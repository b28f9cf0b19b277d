import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from ibkit.contracts import RollStage
from ibkit.contracts._stages import STAGE_RULES, STAGE_WAYS, RollState, draw_stages, stage_of

HELD = RollState(
    today=dt.date(2026, 6, 10),
    roll_day=dt.date(2026, 6, 11),
    force_day=dt.date(2026, 6, 17),
    left=Decimal(3),
)
DUE = evolve(HELD, today=dt.date(2026, 6, 11))


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (HELD, RollStage.NOT_DUE),
        (DUE, RollStage.DUE),
        (evolve(HELD, today=dt.date(2026, 6, 17)), RollStage.FORCED),
        (evolve(DUE, working=True), RollStage.PASSIVE),
        (evolve(DUE, working=True, rolled=Decimal(1), left=Decimal(2)), RollStage.PART_DONE),
        (evolve(DUE, rolled=Decimal(3), left=Decimal(0), exits_left=2), RollStage.PART_DONE),
        (evolve(DUE, left=Decimal(0), uneven=True), RollStage.PART_DONE),
        (evolve(DUE, rolled=Decimal(3), left=Decimal(0)), RollStage.DONE),
        (evolve(DUE, trouble="on the wrong side"), RollStage.STUCK),
        (evolve(DUE, left=Decimal(0)), RollStage.NOT_DUE),
    ],
)
def test_the_first_row_that_holds_names_the_stage(state, stage):
    assert stage_of(state) is stage


def test_every_stage_has_a_row_and_ways_on():
    assert {rule.stage for rule in STAGE_RULES} == set(RollStage) == set(STAGE_WAYS)
    assert all(before not in afters for before, afters in STAGE_WAYS.items())


def test_what_is_part_done_never_becomes_due_again():
    assert set(STAGE_WAYS[RollStage.PART_DONE]) == {RollStage.DONE, RollStage.STUCK}


def test_the_tables_are_drawn_from_the_code():
    drawn = draw_stages()

    assert "| forced | the deadline is near: the price of the market is taken |" in drawn
    assert "| due | passive | the order is sent |" in drawn
