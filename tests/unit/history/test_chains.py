import datetime as dt

import pytest
from attrs import evolve

from ibkit.contracts import (
    Activity,
    BeforeLastTrade,
    Earliest,
    FuturesChain,
    Listing,
    VolumeCrossover,
    product,
)
from ibkit.errors import ChainExhausted
from ibkit.history._chains import schedule_in, stretches, volume_stretches, wants_volume
from ibkit.products import ContractMonth

ES = product("ES")


def chain(*months):
    listings = [Listing.by_rule(ES, ContractMonth.parse(month)) for month in months]
    return FuturesChain(product=ES, listings=listings, since=dt.date(2026, 7, 1))


YEAR = ("2025-12", "2026-03", "2026-06", "2026-09", "2026-12")


def day(month, number):
    return dt.date(2026, month, number)


@pytest.mark.parametrize(
    ("rule", "wants"),
    [
        (None, False),
        (BeforeLastTrade(5), False),
        (VolumeCrossover(), True),
        (Earliest(BeforeLastTrade(5), VolumeCrossover()), True),
    ],
)
def test_crossovers_want_volumes(rule, wants):
    assert wants_volume(rule) is wants


def test_a_chain_with_the_expired_months_knows_who_was_front():
    schedule = schedule_in(chain(*YEAR), None, day(2, 1), day(7, 1))

    assert [str(period.listing) for period in schedule] == ["ESH6", "ESM6", "ESU6"]


def test_a_month_that_ib_has_forgotten_is_an_error_and_not_another_month():
    with pytest.raises(ChainExhausted, match="ESH6"):
        schedule_in(chain(*YEAR[2:]), None, day(2, 1), day(7, 1))


def test_the_first_month_of_the_chain_serves_from_its_own_roll_on():
    schedule = schedule_in(chain(*YEAR[2:]), None, day(3, 13), day(7, 1))

    assert str(schedule[0].listing) == "ESM6"


def test_where_the_table_has_no_rule_the_chain_is_believed():
    unruly = evolve(chain(*YEAR), product=evolve(ES, last_trade_rule=""))
    schedule = schedule_in(unruly, None, day(2, 1), day(7, 1))

    assert str(schedule[0].listing) == "ESH6"


def test_the_figures_of_a_crossover_are_used():
    volume = {"2026-03": {day(2, 2): 5}, "2026-06": {day(2, 2): 9}}
    schedule = schedule_in(
        chain(*YEAR), VolumeCrossover(1), day(2, 1), day(2, 10), Activity(volume=volume)
    )

    assert [str(roll.day) for roll in schedule.rolls] == ["2026-02-03"]


def test_each_month_but_the_first_is_loaded_from_before_its_roll():
    schedule = schedule_in(chain(*YEAR), None, day(3, 10), day(6, 15))

    assert [(str(s.listing), s.start, s.end) for s in stretches(schedule)] == [
        ("ESH6", day(3, 10), day(3, 12)),
        ("ESM6", day(3, 6), day(6, 10)),
        ("ESU6", day(6, 4), day(6, 15)),
    ]


def test_volumes_are_those_of_the_months_that_could_be_front():
    found = volume_stretches(evolve(chain(*YEAR), since=None), day(3, 10), day(4, 1))

    assert [str(each.listing) for each in found] == ["ESH6", "ESM6", "ESU6"]
    assert found[0].end == day(3, 20)
