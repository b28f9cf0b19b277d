from decimal import Decimal

from attrs import evolve
from ib_async import CommissionReport, Contract, Execution, Fill

from ibkit.contracts import plan_roll
from ibkit.contracts._shown import Answers, read_shown, trails
from roll_broker import NOON, RollBroker
from rolling import ACCOUNT, ES, ESM, ESU, QUOTES, TODAY, order, pair, position, trade

SPREAD = f"ir/{ESM.con_id}-{ESU.con_id}:L2:s"
BAG = Contract(secType="BAG", conId=28812380)


def fill(exec_id, contract, shares, ref=SPREAD, perm_id=9030, account=ACCOUNT):
    execution = Execution(
        execId=exec_id, acctNumber=account, shares=shares, permId=perm_id, orderRef=ref
    )
    return Fill(contract, execution, CommissionReport(), NOON)


def spread(filled=0.0, **more):
    return trade(order(30, "BUY", 3, "LMT", 50.0, ref=SPREAD, **more), BAG, filled=filled)


def moved(**answers):
    (trail,) = trails(Answers(account=ACCOUNT, **answers))
    return int(trail.sold), int(trail.bought)


def test_a_trail_is_read_from_the_orders_alone():
    (trail,) = trails(Answers(account=ACCOUNT, working=[spread(filled=1.0)]))

    assert (trail.old, trail.new, trail.is_long) == (ESM.con_id, ESU.con_id, True)
    assert (trail.before, trail.sold, trail.bought, trail.working) == (2, 1, 1, 1)


def test_a_completed_order_tells_what_it_filled():
    done = spread(filledQuantity=3.0)
    done.orderStatus.status = "Filled"

    assert moved(done=[done]) == (3, 3)


def test_executions_of_the_combo_or_of_its_legs_tell_and_are_not_added_up():
    legs = [fill("a.1.01", ESM.contract, 2), fill("a.2.01", ESU.contract, 2)]

    assert moved(fills=legs) == (2, 2)
    assert moved(fills=[fill("a.0.01", BAG, 2)]) == (2, 2)
    assert moved(fills=[fill("a.0.01", BAG, 2), *legs], working=[spread(filled=2.0)]) == (2, 2)


def test_a_message_that_is_late_does_not_hide_what_another_has_told():
    assert moved(working=[spread(filled=2.0)], fills=[fill("a.0.01", BAG, 1)]) == (2, 2)
    assert moved(working=[spread(filled=1.0)], fills=[fill("a.0.01", BAG, 2)]) == (2, 2)


def test_of_a_correction_the_last_counts():
    assert moved(fills=[fill("a.0.01", BAG, 3), fill("a.0.02", BAG, 2)]) == (2, 2)


def test_orders_of_one_roll_are_added_up():
    first, second = fill("a.0.01", BAG, 1), fill("b.0.01", BAG, 1, perm_id=9031)

    assert moved(fills=[first, second]) == (2, 2)


def test_a_leg_moves_one_side_only():
    out, in_ = SPREAD.replace(":s", ":c"), SPREAD.replace(":s", ":o")

    assert moved(fills=[fill("a.1.01", ESM.contract, 2, out)]) == (2, 0)
    assert moved(fills=[fill("a.1.01", ESU.contract, 2, in_)]) == (0, 2)


def test_other_accounts_and_other_orders_leave_no_trail():
    strangers = [fill("a.1.01", BAG, 2, account="DU2"), fill("b.1.01", BAG, 2, ref="mine")]
    elsewhere = spread()
    elsewhere.order.account = "DU2"

    assert trails(Answers(account=ACCOUNT, fills=strangers, working=[elsewhere])) == ()


def shown(size, exits=(), **more):
    broker = RollBroker(size, list(exits))
    plan = plan_roll(position(size), ES, today=TODAY, quotes=QUOTES, working=exits)
    return read_shown(plan, evolve(broker.answers(), **more), broker.market)


def test_sizes_have_the_direction_of_the_roll():
    assert shown(3).held_old == 3
    assert shown(-3).held_old == 3


def test_what_was_held_before_in_the_new_month_does_not_count():
    plan = plan_roll(position(3), ES, today=TODAY, quotes=QUOTES)
    plan = evolve(plan, trail=evolve(plan.trail, before=Decimal(2)))
    answers = Answers(account=ACCOUNT, positions=[position(3), position(4, ESU)])

    assert read_shown(plan, answers, None).held_new == 2


def test_positions_of_another_account_do_not_count():
    stranger = position(9)._replace(account="DU2")

    assert shown(3, positions=[position(3), stranger]).held_old == 3


def test_the_exits_of_the_position_are_found_and_entries_are_not():
    entry = trade(order(40, "BUY", 1, "LMT", 4900.0))
    (share,) = shown(3, [*pair(10, 3), entry]).shares

    assert share.old.key == "7010"


def test_orders_of_the_roll_are_no_exits():
    found = shown(-3, [trade(order(30, "BUY", 3, "LMT", 50.0, ref=SPREAD.replace("L2", "S0")))])

    assert [(each.kind, each.remaining, each.limit) for each in found.rolls] == [("s", 3, 50)]
    assert found.shares == ()


def test_exits_on_the_new_month_that_are_not_of_this_roll_stay_out_of_it():
    stranger = trade(order(50, "SELL", 1, "STP", 5000.0, ref="mine", ocaGroup="g"), ESU)

    assert len(shown(3, [*pair(10, 3), stranger]).shares) == 1


def test_children_of_a_leg_are_exits_of_this_roll_even_if_the_plan_forgot_them():
    leg = trade(order(30, "BUY", 1, "LMT", 5051.0, ref=SPREAD.replace(":s", ":o")), ESU)
    child = trade(order(31, "SELL", 1, "STP", 5030.0, ref="x", parentId=30, ocaGroup="9030"), ESU)
    (share,) = shown(3, [leg, child]).shares

    assert (share.old, share.in_new) == (None, 1)
