import datetime as dt
from decimal import Decimal

import pytest
from attrs import evolve

from ibkit.contracts import (
    BeforeLastTrade,
    ChainExhausted,
    FuturesChain,
    PriceGrid,
    RollStage,
    RollTrail,
    UnknownContract,
    plan_roll,
)
from rolling import (
    ES,
    ESM,
    ESU,
    QUOTES,
    TODAY,
    TwoSides,
    chain_of,
    listing_of,
    order,
    pair,
    position,
    trade,
)

DAY = dt.timedelta(days=1)


def plan(size=3, **more):
    return plan_roll(position(size), ES, **{"today": TODAY, "quotes": QUOTES, **more})


def test_nothing_is_planned_before_the_roll_day():
    assert plan(today=TODAY - DAY) is None
    assert plan(today=TODAY).stage is RollStage.DUE


def test_a_flat_position_is_not_rolled():
    assert plan(0) is None
    assert plan(0, early=True) is None


def test_a_month_that_is_not_left_yet_is_planned_on_request():
    early = plan(today=TODAY - DAY, early=True)

    assert early.stage is RollStage.NOT_DUE
    assert str(early.new) == "ESU6"


def test_a_position_further_out_is_not_due():
    assert plan_roll(position(3, ESU), ES, today=TODAY, quotes=QUOTES) is None


def test_it_goes_to_the_front_past_months_that_were_left_too():
    late = plan_roll(position(3), ES, today=dt.date(2026, 9, 14), quotes=QUOTES)

    assert str(late.new) == "ESZ6"


def test_long_and_short_are_rolled_by_opposite_orders_in_the_same_spread():
    assert (plan(3).size, plan(3).action, plan(3).is_long) == (3, "BUY", True)
    assert (plan(-3).size, plan(-3).action, plan(-3).is_long) == (-3, "SELL", False)
    assert plan(-3).left == 3


def test_exits_are_listed_with_their_prices_in_the_new_month():
    found = plan(working=pair(10, 3))
    stop, target = found.exits[0].orders

    assert found.shift == 50
    assert [(one.field, one.value) for one in found.numbers(stop)] == [("auxPrice", 5030)]
    assert [(one.field, one.value) for one in found.numbers(target)] == [("lmtPrice", 5070)]


def test_prices_go_on_the_grid_that_is_given():
    found = plan(working=pair(10, 3), grid=PriceGrid([(0, 20)]))

    assert [str(found.numbers(each)[0].value) for each in found.exits[0].orders] == ["5040", "5080"]


def test_near_the_deadline_the_price_of_the_market_is_taken():
    found = plan(today=dt.date(2026, 6, 17))

    assert found.stage is RollStage.FORCED
    assert (str(found.force_day), str(found.deadline)) == ("2026-06-17", "2026-06-18")
    assert plan(today=dt.date(2026, 6, 15), force_days=3).stage is RollStage.FORCED


def test_a_delivered_product_is_forced_before_ib_closes_it():
    gold = chain_of("GC", "2026-06", "2026-08")
    long = plan_roll(position(1, gold[0]), gold, today=dt.date(2026, 5, 26))
    short = plan_roll(position(-1, gold[0]), gold, today=dt.date(2026, 5, 26))

    assert (str(long.deadline), long.stage) == ("2026-05-27", RollStage.FORCED)
    assert (str(short.deadline), short.stage) == ("2026-06-24", RollStage.DUE)


def test_deadlines_are_warned_of():
    gold = chain_of("GC", "2026-06", "2026-08")
    near = plan_roll(position(1, gold[0]), gold, today=dt.date(2026, 5, 26))
    past = plan_roll(position(1, gold[0]), gold, today=dt.date(2026, 5, 28))

    assert near.warnings == ("IB's close-out of GCM6 is on 2026-05-27",)
    assert past.warnings == (
        "IB's close-out of GCM6 was on 2026-05-27: IB may close the position without notice",
    )
    assert plan(today=dt.date(2026, 6, 11)).warnings == ()
    assert plan(today=dt.date(2026, 6, 15)).warnings == ("the last trade of ESM6 is on 2026-06-18",)


def test_a_wide_market_is_warned_of_where_exits_move_by_its_middle():
    wide = {**QUOTES, ESU.con_id: TwoSides(5040, 5080)}

    (warning,) = plan(working=pair(10, 3), quotes=wide).warnings
    assert warning.startswith("the market of the spread is wide, 39.75 / 80")
    assert plan(quotes=wide).warnings == (), "nothing moves by it"
    assert plan(working=pair(10, 3)).warnings == ()


def test_a_close_out_that_nobody_knows_is_warned_of():
    gas = chain_of("TF", "2026-07", "2026-08")
    found = plan_roll(
        position(1, gas[0]), gas, today=dt.date(2026, 6, 26), rule=BeforeLastTrade(5), early=True
    )

    assert "nobody knows IB's close-out day" in found.warnings[0]


def test_a_contract_that_is_not_in_the_chain_is_refused():
    with pytest.raises(UnknownContract, match="it is not in <FuturesChain ES"):
        plan_roll(position(1, listing_of("NQ", "2026-06")), ES, today=TODAY)


def test_after_the_last_month_there_is_nowhere_to_go():
    with pytest.raises(ChainExhausted):
        plan_roll(position(1, ES[-1]), ES, today=dt.date(2027, 3, 12))


def test_a_roll_under_way_is_planned_whatever_the_day():
    trail = RollTrail(
        old=ESM.con_id, new=ESU.con_id, is_long=True, sold=Decimal(1), bought=Decimal(1)
    )
    found = plan_roll(position(2), ES, today=TODAY - DAY, quotes=QUOTES, trail=trail)

    assert (found.size, found.left, found.stage) == (3, 2, RollStage.PART_DONE)


def test_a_roll_under_way_to_a_month_that_is_not_in_the_chain_is_refused():
    trail = RollTrail(old=ESM.con_id, new=77, is_long=True, sold=Decimal(1), bought=Decimal(1))

    with pytest.raises(UnknownContract, match=r"77.*it is not in <FuturesChain ES"):
        plan_roll(position(2), ES, today=TODAY, quotes=QUOTES, trail=trail)


def test_a_roll_whose_position_has_gone_over_is_done_when_its_exits_have():
    trail = RollTrail(
        old=ESM.con_id, new=ESU.con_id, is_long=True, sold=Decimal(3), bought=Decimal(3)
    )

    assert plan(0, trail=trail).stage is RollStage.DONE
    assert plan(0, trail=trail, working=pair(10, 3)).stage is RollStage.PART_DONE


def test_an_order_of_the_roll_that_works_makes_it_passive():
    ref = RollTrail(old=ESM.con_id, new=ESU.con_id, is_long=True).ref("s")
    spread = trade(order(30, "BUY", 3, "LMT", 50.0, ref=ref), ESU)

    assert plan(working=[spread]).stage is RollStage.PASSIVE


def test_a_plan_can_be_printed():
    found = plan(working=pair(10, 3), streams=["quotes of ESM6"])

    assert str(found).splitlines() == [
        "roll +3 ESM6 -> ESU6 (DU1000001)",
        "exit            size    type  set   now   on ESU6",
        "ik/k3f9:s1:s1:  SELL 3  STP   7010  4980  5030",
        "ik/k3f9:t1:s1:  SELL 3  LMT   7010  5020  5070",
        "stage: due",
        "days: roll 2026-06-11, market price 2026-06-17, deadline 2026-06-18",
        "spread (ESU6 - ESM6): 49.75 / 50.25",
        "stream follows: quotes of ESM6",
    ]
    assert repr(found) == "<RollPlan +3 ESM6 -> ESU6: due>"
    assert "<td>5030</td>" in found._repr_html_()


def test_a_plan_says_what_it_does_not_know():
    shown = str(plan(working=pair(10, 3), quotes={}))

    assert "spread (ESU6 - ESM6): not known" in shown
    assert "in the way: SELL 3 STP 4980" in shown


def test_a_month_without_a_price_step_needs_a_grid():
    chain = chain_of("ES", "2026-06")
    bare = FuturesChain(product=ES.product, listings=[chain[0], evolve(ESU, min_tick=None)])
    with pytest.raises(UnknownContract, match="pass grid="):
        plan_roll(position(1), bare, today=TODAY)
