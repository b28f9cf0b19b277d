import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from ibkit.contracts import CalendarSpread, RollStage, TwoLegs, plan_roll
from ibkit.contracts._exits import shares
from ibkit.contracts._look import Look, Progress
from ibkit.contracts._order_rules import (
    done,
    even_out,
    halted,
    legs_of,
    send,
    too_large,
    trouble,
    working,
)
from ibkit.contracts._shown import RollOrder, Shown
from ibkit.contracts._steps import Finish, Halt, Reprice, SendLeg, SendSpread, Tell, Withdraw
from roll_broker import NOON
from rolling import ES, QUOTES, TODAY, attached, pair, position

PLAN = plan_roll(position(3), ES, today=TODAY, quotes=QUOTES, working=pair(10, 3))
MARKET = PLAN.market
SPREAD = RollOrder(30, 1, "s", Decimal(3), Decimal("50.00"))
CLOSE = RollOrder(31, 1, "c", Decimal(1), Decimal("4999.50"))


def look(*rolls, way=None, plan=PLAN, seconds=0, progress=None, **shown):
    amounts = {"held_old": 3, "held_new": 0, "sold": 0, "bought": 0} | shown
    market = amounts.pop("market", MARKET)
    shares = amounts.pop("shares", ())
    return Look(
        plan=plan,
        shown=Shown(
            rolls=rolls, market=market, shares=shares,
            **{name: Decimal(value) for name, value in amounts.items()},
        ),
        progress=progress or Progress(way=way or CalendarSpread(), since=NOON),
        now=NOON + dt.timedelta(seconds=seconds),
    )  # fmt: skip


# --- what went wrong ------------------------------------------------------------------------


def test_a_sound_roll_has_no_trouble():
    assert trouble(look(SPREAD)) is None


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        ({"held_old": -2, "held_new": 2}, "ESM6 is 2 on the other side: an exit filled together"),
        ({"held_old": 3, "held_new": -1}, "ESU6 is 1 on the other side: an exit filled there"),
    ],
)
def test_what_is_on_the_wrong_side_halts_the_roll(shown, reason):
    (halt,) = trouble(look(**shown)).steps
    (withdraw,) = trouble(look(SPREAD, **shown)).steps

    assert halt.reason.startswith(reason)
    assert (withdraw.order_id, withdraw.why) == (30, halt.reason)


def test_two_orders_of_one_roll_are_withdrawn():
    found = trouble(look(SPREAD, CLOSE))

    assert [step.order_id for step in found.steps] == [30, 31]
    assert "2 orders of this roll work at once" in found.steps[0].why


def test_an_order_for_more_than_is_held_is_withdrawn():
    (step,) = too_large(look(SPREAD, held_old=2)).steps

    assert step == Withdraw(order_id=30, why="only 2 of ESM6 is still held")
    assert too_large(look(SPREAD, held_old=3)) is None


def test_a_leg_that_opens_is_never_too_large_for_the_old_month():
    opening = SPREAD._replace(kind="o")

    assert too_large(look(opening, held_old=0)) is None


# --- sending ----------------------------------------------------------------------------------


def test_what_is_left_is_sent_as_a_spread():
    found = send(look())

    assert found.steps == (SendSpread(size=Decimal(3), limit=Decimal("50.00")),)
    assert (found.progress.since, found.progress.attempt) == (NOON, 1)


def test_when_forced_the_market_is_crossed_at_once():
    forced = evolve(PLAN, stage=RollStage.FORCED)

    assert send(look(plan=forced)).steps[0].limit == Decimal("50.25")


def test_nothing_is_sent_when_nothing_is_left():
    assert send(look(held_old=0)) is None


def test_without_a_market_it_waits_and_then_halts():
    fresh = Progress(way=CalendarSpread(timeout=60))
    first = send(look(market=None, progress=fresh))
    second = send(look(market=None, progress=first.progress, seconds=59))
    third = send(look(market=None, progress=first.progress, seconds=60))

    assert isinstance(first.steps[0], Tell)
    assert second.steps == ()
    assert third.steps == (Halt(reason=first.steps[0].text),)


@pytest.mark.parametrize(("first", "kind"), [("open", "o"), ("close", "c")])
def test_legs_are_sent_in_the_order_that_was_asked_for(first, kind):
    (leg,) = send(look(way=TwoLegs(first=first))).steps

    assert (leg.kind, leg.size) == (kind, 3)


def test_what_was_opened_already_is_not_opened_again():
    (leg,) = send(look(way=TwoLegs(), bought=2, held_new=2)).steps

    assert (leg.kind, leg.size) == ("o", 1)


def test_legs_are_made_even_whatever_way_was_asked_for():
    (close,) = even_out(look(bought=2, held_new=2)).steps
    (open_,) = even_out(look(sold=2, held_old=1)).steps

    assert (close.kind, close.size) == ("c", 2)
    assert (open_.kind, open_.size) == ("o", 2)
    assert even_out(look(sold=1, bought=1, held_old=2, held_new=1)) is None


def test_a_leg_without_a_market_waits_too():
    fresh = Progress(way=CalendarSpread())
    found = even_out(look(bought=2, held_new=2, market=None, progress=fresh))

    assert isinstance(found.steps[0], Tell)


def test_no_more_is_closed_than_is_held():
    """The stop took the rest."""
    assert even_out(look(bought=3, held_new=3, held_old=1)).steps[0].size == 1
    assert even_out(look(bought=3, held_new=3, held_old=0)) is None


def test_the_first_leg_comes_first():
    opens, closes = TwoLegs(first="open"), TwoLegs(first="close")

    assert even_out(look(way=opens, bought=1, held_new=1)) is None
    assert even_out(look(way=opens, bought=3, held_new=3)).steps[0].kind == "c"
    assert even_out(look(way=closes, sold=1, held_old=2)) is None
    assert even_out(look(way=closes, sold=3, held_old=0)).steps[0].kind == "o"


def test_the_second_leg_may_pay_more():
    way = TwoLegs(first="open", ticks=1, second_ticks=8)

    assert send(look(way=way)).steps[0].limit == Decimal("5050.50")
    assert even_out(look(way=way, bought=3, held_new=3)).steps[0].limit == Decimal("4998.00")


# --- waiting ----------------------------------------------------------------------------------


def test_an_order_is_left_to_work_until_its_time_is_up():
    found = working(look(SPREAD, way=CalendarSpread(timeout=60), seconds=10))

    assert (found.steps, found.wake) == ((), 50)
    assert working(look()) is None


def test_an_order_that_is_found_after_a_restart_begins_its_time_anew():
    found = working(look(SPREAD, progress=Progress(way=CalendarSpread(timeout=60))))

    assert (found.progress.since, found.wake) == (NOON, 60)


def test_time_is_up_and_the_market_is_crossed():
    found = working(look(SPREAD, way=CalendarSpread(timeout=60), seconds=60))

    assert found.steps == (Reprice(order_id=30, limit=Decimal("50.25")),)
    assert found.progress.crossing


def test_crossing_never_goes_beyond_the_worst():
    way = CalendarSpread(timeout=60, worst="50.00")
    found = working(look(SPREAD, way=way, seconds=60))

    assert found.steps == (), "it stands there already"
    assert found.progress.attempt == 1


def test_after_the_last_attempt_it_is_stopped_with_the_reason():
    progress = Progress(way=CalendarSpread(attempts=3), since=NOON, attempt=4, crossing=True)
    found = working(look(SPREAD, progress=progress, seconds=60))

    assert found.steps == (Withdraw(order_id=30, why="nothing more filled within 60 s at 50"),)
    assert working(look(SPREAD, progress=found.progress)).steps[0].order_id == 30
    assert halted(look(progress=found.progress)).steps == (Halt(reason=found.progress.halt),)


def test_it_may_be_told_to_stop_instead():
    found = working(look(SPREAD, way=CalendarSpread(then="stop"), seconds=60))

    assert isinstance(found.steps[0], Withdraw)
    assert found.progress.halt


def test_a_market_that_is_gone_stops_it():
    found = working(look(SPREAD, market=None, seconds=60))

    assert found.progress.halt == "a side of the market is missing"


def test_it_may_go_on_in_legs():
    legs = TwoLegs(first="close")
    progress = Progress(way=CalendarSpread(then=legs), since=NOON, gone_old=Decimal(1))
    found = working(look(SPREAD, progress=progress, seconds=60))

    assert "the rest is traded in legs" in found.steps[0].why
    assert found.progress == Progress(way=legs, gone_old=Decimal(1))


def test_a_leg_that_does_not_fill_is_told_and_priced_anew():
    progress = Progress(way=TwoLegs(timeout=10, attempts=2), since=NOON, attempt=1)
    found = working(look(CLOSE, progress=progress, seconds=10))
    last = working(look(CLOSE, progress=evolve(found.progress, since=NOON), seconds=10))

    told, repriced = found.steps
    assert told.text == "the leg in ESM6 did not fill within 10 s; priced anew"
    assert repriced == Reprice(order_id=31, limit=Decimal("4998.00"))
    assert last.progress.halt == "the leg did not fill: after 2 attempts"


def test_a_leg_left_over_from_another_way_is_traded_as_usual():
    assert legs_of(CalendarSpread()) == TwoLegs()
    assert legs_of(CalendarSpread(then=TwoLegs(ticks=5))) == TwoLegs(ticks=5)


def test_a_roll_that_was_not_stopped_is_not_halted():
    assert halted(look()) is None


def test_in_the_end_there_is_nothing_to_do():
    assert done(look()).steps == (Finish(),)


# --- legs and exits ---------------------------------------------------------------------------


def leg_for(exits, size=3, **more):
    plan = plan_roll(position(3), ES, today=TODAY, quotes=QUOTES, working=exits)
    row = shares(plan.exits, ())
    (leg,) = send(look(way=TwoLegs(), plan=plan, shares=row, held_old=size, **more)).steps
    return leg


def test_a_leg_that_opens_takes_one_set_of_exits():
    leg = leg_for([*pair(10, 1), *pair(12, 2, number=2)])

    assert isinstance(leg, SendLeg)
    assert (leg.exits.key, leg.size) == ("7010", 1)


def test_a_set_larger_than_the_leg_is_split():
    leg = leg_for(pair(10, 3), size=2)

    assert (leg.exits.key, leg.size) == ("7010", 2)


def test_a_set_that_cannot_be_split_goes_with_a_leg_of_its_size_only():
    assert leg_for(attached(10, [1, 2]), size=3).exits.key == "7010"
    assert leg_for(attached(10, [1, 2]), size=2).exits is None
