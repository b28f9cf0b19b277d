import datetime as dt

import pytest

from ibkit.contracts import (
    BeforeLastTrade,
    ChainExhausted,
    ContractMonth,
    FuturesChain,
    UnknownContract,
    product,
)
from ibkit.errors import PlanError
from ibkit.products import MalformedMonth
from rolling import ES, ESM, ESU, chain_of, listing_of

ROLL_DAY = dt.date(2026, 6, 11)


def names(listings):
    return [str(each) for each in listings]


def test_months_are_sorted_by_their_last_trade_whatever_their_order():
    chain = chain_of("CL", "2026-03", "2026-01", "2026-02")

    assert names(chain) == ["CLF6", "CLG6", "CLH6"]
    assert [str(each.last_trade) for each in chain] == ["2025-12-19", "2026-01-20", "2026-02-20"]


def test_the_real_last_trade_sorts_not_the_month():
    """As if IB had labelled QM's months anew."""
    first = listing_of("ES", "2026-09", last=dt.date(2026, 6, 1))
    chain = FuturesChain(product=product("ES"), listings=[ESM, first])

    assert names(chain) == ["ESU6", "ESM6"]


def test_a_chain_is_a_sequence():
    assert (len(ES), str(ES[-1]), names(ES[1:3])) == (4, "ESH7", ["ESU6", "ESZ6"])
    assert ESM in ES
    assert repr(ES) == "<FuturesChain ES: 4 months, ESM6 to ESH7>"


def test_the_front_changes_on_the_roll_day_not_on_the_last_trade():
    assert ES.front(ROLL_DAY - dt.timedelta(days=1)) == ESM
    assert ES.front(ROLL_DAY) == ESU


def test_the_front_follows_another_rule():
    assert ES.front(dt.date(2026, 6, 17), BeforeLastTrade(0)) == ESM
    assert ES.front(dt.date(2026, 6, 18), BeforeLastTrade(0)) == ESU


def test_the_front_is_a_month_that_most_people_hold():
    gold = chain_of("GC", "2026-06", "2026-07", "2026-08")

    assert str(gold.front(dt.date(2026, 6, 1))) == "GCQ6"
    assert str(gold.nth(2, dt.date(2026, 6, 1))) == "GCN6"
    assert names(gold.active) == ["GCM6", "GCQ6"]
    assert str(gold.next(gold[0])) == "GCQ6"


def test_crude_is_left_before_the_month_that_names_it():
    """CL for February 2026 ends on 20 January."""
    crude = chain_of("CL", "2026-02", "2026-03")

    assert str(crude.front(dt.date(2026, 1, 11))) == "CLG6"
    assert str(crude.front(dt.date(2026, 1, 12))) == "CLH6"


def test_gold_is_left_before_first_notice_while_it_trades_on():
    gold = chain_of("GC", "2026-06", "2026-08")

    assert gold.leave_day(gold[0]) == dt.date(2026, 5, 26)
    assert gold[0].last_trade == dt.date(2026, 6, 26)
    assert str(gold.front(dt.date(2026, 5, 26))) == "GCQ6"


def test_a_front_after_the_last_month_is_not_made_up():
    with pytest.raises(ChainExhausted, match="no month is left to be the front on 2027-03-12"):
        ES.front(dt.date(2027, 3, 12))


def test_a_front_before_the_chain_begins_is_refused():
    with pytest.raises(ChainExhausted, match="from 2026-05-01 on, not on 2026-03-01"):
        ES.front(dt.date(2026, 3, 1))
    with pytest.raises(ChainExhausted):
        ES.nth(1, dt.date(2026, 3, 1))
    with pytest.raises(ChainExhausted):
        ES.schedule(None, dt.date(2026, 3, 1), dt.date(2026, 7, 1))


def test_after_the_last_month_comes_none():
    with pytest.raises(ChainExhausted, match="no month after ESH7"):
        ES.next(ES[-1])


def test_the_next_of_a_stranger_is_refused():
    with pytest.raises(UnknownContract, match="it is not in this chain of ES"):
        ES.next(listing_of("ES", "2026-06", con_id=5))


@pytest.mark.parametrize("n", [0, -1])
def test_nearbys_count_from_one(n):
    with pytest.raises(PlanError, match=r"n: got .*; a whole number of at least 1"):
        ES.nth(n, ROLL_DAY)


def test_a_nearby_that_is_not_listed_is_not_made_up():
    assert ES.nth(4, ROLL_DAY) == ES[3]
    with pytest.raises(ChainExhausted, match="4 months trade on 2026-06-11"):
        ES.nth(5, ROLL_DAY)


def test_a_month_trades_on_its_last_day_too():
    assert ES.nth(1, dt.date(2026, 6, 18)) == ESM
    assert ES.nth(1, dt.date(2026, 6, 19)) == ESU


@pytest.mark.parametrize("name", ["2026-09", "202609", "U6", "U26", "ESU6", "SEP 26"])
def test_a_month_is_found_by_any_of_its_names(name):
    assert ES.month(name) == ESU
    assert ES.month(ContractMonth(2026, 9)) == ESU


def test_a_month_of_a_one_digit_year_is_the_nearest_in_a_chain_over_ten_years():
    eurodollars = chain_of("SR3", "2029-12", "2035-03", "2039-12")

    assert str(eurodollars.month("Z9").month) == "2029-12"


def test_a_month_that_is_not_there_names_those_that_are():
    with pytest.raises(UnknownContract, match=r"ES Z9: .* nearest: M26, U26, Z26, H27"):
        ES.month("Z9")


def test_a_malformed_month_says_what_is_accepted():
    with pytest.raises(MalformedMonth, match="accepted are 2026-12"):
        ES.month("front")


def test_an_empty_chain_knows_no_month():
    empty = FuturesChain(product=product("ES"), listings=[])

    assert repr(empty) == "<FuturesChain ES: empty>"
    with pytest.raises(UnknownContract):
        empty.month("Z6")


def test_a_listing_is_found_by_con_id_and_zero_finds_none():
    assert ES.by_con_id(ESU.con_id) == ESU
    assert FuturesChain.by_rule(product("ES"), ROLL_DAY).by_con_id(0) is None


def test_months_of_another_product_have_no_place():
    with pytest.raises(PlanError, match="months of ES only"):
        FuturesChain(product=product("ES"), listings=[listing_of("NQ", "2026-06")])


def test_weekly_siblings_have_no_place_beside_the_month():
    weekly = listing_of("VX", "2026-06", con_id=7, trading_class="VX23", last=dt.date(2026, 6, 10))
    with pytest.raises(PlanError, match="weekly contracts have no place"):
        FuturesChain(product=product("VX"), listings=[listing_of("VX", "2026-06"), weekly])


def test_the_chain_by_rule_is_what_should_be_listed():
    chain = FuturesChain.by_rule(product("NQ"), dt.date(2026, 6, 18))

    assert names(chain) == ["NQM6", "NQU6", "NQZ6", "NQH7", "NQM7"]
    assert chain.since == dt.date(2026, 6, 18)


def test_a_chain_shows_its_dates():
    lines = str(chain_of("GC", "2026-06", "2026-07")).splitlines()

    assert lines[1].split() == [
        *("month", "symbol", "conId", "last", "trade", "first", "notice", "close-out", "roll"),
    ]
    assert lines[2].split()[3:] == ["2026-06-26", "2026-05-29", "2026-05-27", "2026-05-26"]
    assert lines[3].split()[-1] == "-", "July is not a month that most people hold"
    assert "<td>GCM6</td>" in chain_of("GC", "2026-06")._repr_html_()


def test_a_chain_shows_what_nobody_knows():
    gas = FuturesChain.by_rule(product("TF"), dt.date(2026, 6, 18))

    assert "unknown" in str(gas)


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (lambda: ES.front("2026-06-10"), "on"),
        (lambda: ES.front(dt.datetime(2026, 6, 10, tzinfo=dt.timezone.utc)), "on"),
        (lambda: ES.front(None), "on"),
        (lambda: ES.front(ROLL_DAY, 5), "rule"),
        (lambda: ES.trading("2026-06-10"), "on"),
        (lambda: ES.nth("1", ROLL_DAY), "n"),
        (lambda: ES.next("ESH6"), "listing"),
        (lambda: ES.schedule(None, "2026-06-10", ROLL_DAY), "start"),
        (
            lambda: ES.schedule(None, ROLL_DAY, dt.datetime(2026, 6, 12, tzinfo=dt.timezone.utc)),
            "end",
        ),
    ],
)
def test_what_is_no_day_rule_or_listing_is_named(ask, field):
    with pytest.raises(PlanError) as refused:
        ask()

    assert refused.value.field == field
