import datetime as dt
from decimal import Decimal

import pytest

from ibkit.contracts import CalendarSpread, TwoLegs, plan_roll
from ibkit.contracts._exit_rules import protect, settle, trim
from ibkit.contracts._look import SETTLE, Look, Progress
from ibkit.contracts._shown import read_shown
from ibkit.contracts._steps import CancelExit, PlaceExits, ResizeExit, SendLeg, SendSpread, Tell
from roll_broker import NOON, RollBroker
from rolling import ES, ESM, ESU, QUOTES, TODAY, attached, order, pair, position, trade

FILLED = SendSpread(size=Decimal(3), limit=Decimal(50))


class Desk:
    """A roll of 3 contracts at a broker."""

    def __init__(self, exits, way=None):
        self.broker = RollBroker(3, exits)
        self.plan = plan_roll(position(3), ES, today=TODAY, quotes=QUOTES, working=exits)
        self.progress = Progress(way=way or CalendarSpread())
        self.now = NOON

    def look(self):
        shown = read_shown(self.plan, self.broker.answers(), self.broker.market)
        return Look(plan=self.plan, shown=shown, progress=self.progress, now=self.now)

    def roll(self, size):
        if not self.broker.rolls():
            self.broker.perform(self.plan, FILLED)
        self.broker.fill(self.broker.rolls()[0], size)

    def ask(self, rule, *, perform=True):
        found = rule(self.look())
        steps = found.steps if found else ()
        for step in steps if perform else ():
            self.broker.perform(self.plan, step)
        return steps


def sizes(steps):
    return [(step.order_id, int(step.remaining)) for step in steps]


# --- protect ------------------------------------------------------------------------------


def test_nothing_is_placed_before_something_is_held():
    desk = Desk(pair(10, 3))
    desk.broker.perform(desk.plan, FILLED)

    assert desk.ask(protect) == ()


def test_what_is_filled_gets_its_exits_in_the_new_month():
    desk = Desk(pair(10, 3))
    desk.roll(1)
    (step,) = desk.ask(protect)

    assert isinstance(step, PlaceExits)
    assert (step.exits.key, step.size) == ("7010", 1)
    assert (desk.broker.stops(ESM.con_id), desk.broker.stops(ESU.con_id)) == (3, 1)
    assert desk.ask(protect) == ()


def test_what_is_filled_next_makes_them_larger():
    desk = Desk(pair(10, 3))
    desk.roll(1)
    desk.ask(protect)
    desk.ask(trim)
    desk.roll(1)

    assert sizes(desk.ask(protect)) == [(102, 2), (103, 2)]


def test_an_order_whose_sending_was_cut_off_is_placed():
    desk = Desk(pair(10, 3))
    desk.roll(3)
    (step,) = desk.ask(protect, perform=False)
    desk.broker.perform(desk.plan, step, cut_off=True)
    (rest,) = desk.ask(protect)

    assert [each.order_type for each in rest.exits.orders] == ["LMT"]
    assert rest.exits.oca("U26") == "7010~U26x3"
    assert desk.ask(protect) == ()


def test_a_change_that_was_cut_off_is_completed():
    desk = Desk(pair(10, 3))
    desk.roll(1)
    desk.ask(protect)
    desk.ask(trim)
    desk.roll(2)
    first, second = desk.ask(protect, perform=False)
    desk.broker.perform(desk.plan, first)

    assert desk.ask(protect) == (second,)


def test_a_set_that_cannot_be_split_moves_when_all_of_it_is_held():
    desk = Desk(attached(10, [1, 2]))
    desk.roll(2)

    assert desk.ask(protect) == ()
    desk.roll(1)
    (step,) = desk.ask(protect)
    assert [each.remaining for each in step.exits.orders] == [3, 1, 2]


def test_an_unprotected_position_stays_so():
    desk = Desk([])
    desk.roll(3)

    assert desk.ask(protect) == ()


def test_a_fill_that_the_position_does_not_show_yet_places_nothing():
    desk = Desk(pair(10, 3))
    before = dict(desk.broker.held)
    desk.roll(1)
    desk.broker.held = before

    assert desk.ask(protect) == ()


# --- settle -------------------------------------------------------------------------------


def test_while_both_tell_the_same_there_is_nothing_to_settle():
    desk = Desk(pair(10, 3))
    desk.roll(1)

    assert settle(desk.look()) is None


def test_a_position_that_lags_is_waited_for_and_then_believed():
    desk = Desk([])
    before = dict(desk.broker.held)
    desk.roll(1)
    desk.broker.held = before

    first = settle(desk.look())
    assert (first.steps, first.progress.odd_since, first.wake) == ((), NOON, 0.5)

    desk.progress = first.progress
    desk.now += SETTLE - dt.timedelta(seconds=1)
    assert settle(desk.look()).steps == ()

    desk.now += dt.timedelta(seconds=1)
    found = settle(desk.look())
    assert [step.text for step in found.steps] == [
        "1 was added to the position in ESM6 by other means than the roll",
        "1 left the position in ESU6 by other means than the roll",
    ]
    assert all(isinstance(step, Tell) and step.is_critical for step in found.steps)
    desk.progress = found.progress
    assert settle(desk.look()) is None


def test_a_position_that_catches_up_is_forgotten():
    desk = Desk([])
    desk.progress = Progress(way=CalendarSpread(), odd_since=NOON)
    found = settle(desk.look())

    assert (found.steps, found.progress.odd_since) == ((), None)


def test_an_exit_that_fired_is_believed_at_last():
    desk = Desk(pair(10, 3))
    desk.broker.fill(desk.broker.exits(ESM.con_id, "STP")[0], 3)
    desk.progress = settle(desk.look()).progress
    desk.now += SETTLE
    found = settle(desk.look())

    assert found.progress.gone_old == 3
    assert "3 left the position in ESM6" in found.steps[0].text


# --- trim ---------------------------------------------------------------------------------


def test_exits_of_the_old_month_are_cut_when_those_of_the_new_stand():
    desk = Desk(pair(10, 3))
    desk.roll(1)
    desk.ask(protect)

    assert sizes(desk.ask(trim)) == [(11, 2), (10, 2)]
    assert desk.ask(trim) == ()


def test_a_set_that_has_moved_is_cancelled_by_one_of_its_orders():
    desk = Desk([*pair(10, 1), *pair(12, 2, number=2)])
    desk.roll(1)
    desk.ask(protect)

    assert desk.ask(trim) == (CancelExit(order_id=11),)
    assert len(desk.broker.exits(ESM.con_id)) == 2


def test_a_set_that_cannot_be_split_is_left_alone_until_it_has_moved():
    desk = Desk(attached(10, [1, 2]))
    desk.roll(2)

    assert desk.ask(trim) == ()
    desk.roll(1)
    desk.ask(protect)
    assert desk.ask(trim) == (CancelExit(order_id=12),)


def test_a_partly_filled_exit_is_resized_to_what_remains():
    exits = pair(10, 3)
    desk = Desk(exits)
    desk.broker.fill(exits[0], 1)  # the target, at 5020
    desk.progress = Progress(way=CalendarSpread(), gone_old=Decimal(1))
    desk.roll(1)
    desk.ask(protect)

    assert sizes(desk.ask(trim)) == [(11, 1), (10, 1)]
    assert exits[0].order.totalQuantity == 2, "one is filled, one remains"


def test_exits_never_exceed_what_is_left_after_one_has_fired():
    desk = Desk([*pair(10, 1), *pair(12, 2, number=2)])
    desk.broker.fill(desk.broker.exits(ESM.con_id, "STP")[1], 2)
    desk.broker.held[ESM.con_id] = 0

    assert desk.ask(trim) == (CancelExit(order_id=11),)


def test_children_of_a_leg_that_did_not_fill_are_cut():
    desk = Desk(pair(10, 3), way=TwoLegs())
    leg = SendLeg(kind="o", size=Decimal(3), limit=Decimal(5051), exits=desk.plan.exits[0])
    desk.broker.perform(desk.plan, leg)
    (parent,) = desk.broker.rolls()
    desk.broker.fill(parent, 1)

    assert desk.ask(trim) == (), "its rest may still fill"
    parent.orderStatus.status = "Cancelled"
    assert sizes(desk.ask(trim)) == [(102, 1), (103, 1)]


def test_children_of_a_leg_that_was_closed_meanwhile_are_cancelled():
    desk = Desk(pair(10, 3), way=TwoLegs())
    leg = SendLeg(kind="o", size=Decimal(3), limit=Decimal(5051), exits=desk.plan.exits[0])
    desk.broker.perform(desk.plan, leg)
    desk.broker.rolls()[0].orderStatus.status = "Cancelled"

    assert desk.ask(trim) == (CancelExit(order_id=102),)


@pytest.mark.parametrize("linked", [True, False])
def test_targets_and_stops_are_cut_alike(linked):
    links = {"ocaGroup": "g"} if linked else {}
    target = trade(order(10, "SELL", 3, "LMT", 5020.0, ref="t", **links))
    stop = trade(order(11, "SELL", 3, "STP", 4980.0, ref="s", **links))
    desk = Desk([target, stop])
    desk.roll(1)
    desk.ask(protect)

    assert all(isinstance(step, ResizeExit) for step in desk.ask(trim))
    assert (target.order.totalQuantity, stop.order.totalQuantity) == (2, 2)


def test_of_a_set_only_what_is_larger_than_what_is_due_is_cut():
    target = trade(order(10, "SELL", 3, "LMT", 5020.0, ref="t"))
    stop = trade(order(11, "SELL", 3, "STP", 4980.0, ref="s"))
    desk = Desk([target, stop])
    desk.roll(1)
    desk.ask(protect)
    target.order.totalQuantity = 2  # somebody has cut it already

    assert sizes(desk.ask(trim)) == [(11, 2)]
