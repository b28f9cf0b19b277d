"""What holds for every chain, every rule and every day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import assume, given, strategies as st

from ibkit.contracts import (
    PRODUCTS,
    Activity,
    BeforeFirstNotice,
    BeforeLastTrade,
    ContractMonth,
    DayOfMonth,
    Earliest,
    FuturesChain,
    Listing,
    PriceGrid,
    RollQuestion,
    VolumeCrossover,
    roll_schedule,
)
from ibkit.contracts._roll_rules import leave_day
from ibkit.contracts._working import read_working, shifted
from rolling import order, trade

dated = st.sampled_from(
    [p for p in PRODUCTS if p.last_trade_rule and (p.first_notice_rule or not p.is_physical)]
)
rules = st.one_of(
    st.integers(0, 20).map(BeforeLastTrade),
    st.integers(0, 10).map(BeforeFirstNotice),
    st.builds(DayOfMonth, st.integers(1, 31), months=st.integers(-2, 0)),
    st.just(Earliest(BeforeLastTrade(3), BeforeFirstNotice(2))),
)
days = st.dates(dt.date(2018, 1, 1), dt.date(2030, 12, 31))


@given(dated, rules, days)
def test_the_front_is_the_first_month_that_was_not_left(product, rule, today):
    chain = FuturesChain.by_rule(product, today)
    held = [each for each in chain.active if each.last_trade >= today]
    left = [chain.leave_day(each, rule) for each in held]
    expected = next((each for each, day in zip(held, left, strict=True) if day > today), None)
    assume(expected is not None)

    assert chain.front(today, rule) == expected


@given(dated, rules, days, st.integers(0, 800))
def test_a_schedule_names_the_front_of_each_of_its_days(product, rule, start, span):
    day = start + dt.timedelta(days=span // 2)
    schedule = roll_schedule(product, start, start + dt.timedelta(days=span), rule=rule)
    front = schedule.at(day)

    assert leave_day(rule, RollQuestion(listing=front)) > day
    assert front.last_trade >= day


@given(dated, days, st.integers(30, 800))
def test_a_schedule_never_goes_back(product, start, span):
    schedule = roll_schedule(product, start, start + dt.timedelta(days=span))
    ends = [each.listing.last_trade for each in schedule]

    assert ends == sorted(set(ends))
    assert all(each.start <= each.end for each in schedule)


@given(dated, days, st.permutations(range(6)))
def test_the_order_of_the_listings_does_not_matter(product, today, places):
    listings = FuturesChain.by_rule(product, today).listings[:6]
    assume(len(listings) == 6)
    shuffled = FuturesChain(product=product, listings=[listings[place] for place in places])

    assert shuffled.listings == listings


volumes = st.lists(st.integers(0, 9), min_size=8, max_size=8)


@given(volumes, volumes, st.integers(1, 3))
def test_a_crossover_rolls_after_the_first_row_and_knows_no_later_volume(mine, theirs, sessions):
    months = ContractMonth(2026, 6), ContractMonth(2026, 9)
    june, september = (Listing.by_rule(PRODUCTS["ES"], month) for month in months)
    span = [dt.date(2026, 6, day) for day in (1, 2, 3, 4, 5, 8, 9, 10)]

    def rolled(known: int):
        figures = Activity(
            volume={
                june.month: dict(zip(span[:known], mine, strict=False)),
                september.month: dict(zip(span[:known], theirs, strict=False)),
            }
        )
        question = RollQuestion(listing=june, later=[september], activity=figures)
        return VolumeCrossover(sessions=sessions).roll_day(question)

    beaten = [b > a for a, b in zip(mine, theirs, strict=True)]
    ends = [n for n in range(sessions - 1, 8) if all(beaten[n - sessions + 1 : n + 1])]
    day = rolled(8)

    assert (day is None) == (not ends)
    if ends:
        assert day > span[ends[0]]
        assert all(rolled(known) in (day, None) for known in range(1, 9))
        assert rolled(ends[0] + 1) == day


@given(
    st.sampled_from(["BUY", "SELL"]),
    st.integers(-4000, 40_000),
    st.integers(-2000, 2000),
    st.sampled_from(["0.25", "0.1", "0.015625", "5"]),
)
def test_a_moved_price_is_on_the_grid_and_never_worse(action, quarter, shift, step):
    grid = PriceGrid([(0, step)])
    read = read_working(trade(order(7, action, 1, "LMT", quarter / 4)))
    asked = Decimal(quarter) / 4 + Decimal(shift) / 8
    (moved,) = shifted(read, Decimal(shift) / 8, grid)

    assert grid.contains(moved.value)
    assert abs(moved.value - asked) < Decimal(step)
    assert moved.value <= asked if action == "BUY" else moved.value >= asked
