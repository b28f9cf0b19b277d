from decimal import Decimal

import pytest

from ibkit.sim import _wire as wire


def request(talk, req_id=7, name="NQ", **more):
    usual = wire.ReqHistoricalData(
        req_id, talk.contract(name), "", "1 min", "600 S", False, "TRADES", 1, False, ()
    )
    return usual._replace(**more)


def codes(answers):
    return [m.error_code for m in answers if isinstance(m, wire.ErrMsg)]


def test_bars_are_told_with_the_span_they_cover(talk):
    (answer,) = talk.ask(request(talk))

    assert (answer.start, answer.end) == (
        "20260302 09:50:00 US/Eastern",
        "20260302 10:00:00 US/Eastern",
    )
    assert len(answer.bars) == 10
    assert answer.bars[0].date == "20260302 08:50:00 US/Central"


@pytest.mark.parametrize(
    ("changes", "date"),
    [
        ({"format_date": 2}, "1772463000"),
        ({"bar_size_setting": "1 day", "duration_str": "1 D"}, "20260302"),
    ],
)
def test_dates_are_written_as_asked_for(talk, changes, date):
    (answer,) = talk.ask(request(talk, **changes))

    assert answer.bars[0].date == date


def test_quotes_have_no_volume(talk):
    (answer,) = talk.ask(request(talk, what_to_show="MIDPOINT"))

    assert {(bar.volume, bar.wap, bar.bar_count) for bar in answer.bars} == {(-1, -1, -1)}


def test_a_request_that_is_not_in_order_is_refused_before_the_contract_is_looked_at(talk):
    asked = request(talk, bar_size_setting="7 mins")._replace(contract=wire.ContractFields())

    assert codes(talk.ask(asked)) == [321]


def test_small_bars_are_paced_and_pacing_may_be_switched_off(talk_with):
    small = {"bar_size_setting": "5 secs", "duration_str": "60 S"}
    strict, free = talk_with(), talk_with(limits={"history_pacing": False})

    assert codes(strict.ask(request(strict, 7, **small), request(strict, 8, **small))) == [162]
    assert codes(free.ask(request(free, 7, **small), request(free, 8, **small))) == []


def test_live_bars_repeat_the_unfinished_one_and_end_with_a_162_that_is_none(talk):
    talk.ask(request(talk, keep_up_to_date=True))

    updates = talk.wait(60)
    ended = talk.ask(wire.CancelHistoricalData(7))

    assert len(updates) > 5
    assert all(isinstance(m, wire.HistoricalDataUpdate) for m in updates)
    dates = [m.bar.date for m in updates]
    assert dates == sorted(dates)
    assert (codes(ended), talk.wait(30)) == ([162], [])
    assert codes(talk.ask(wire.CancelHistoricalData(7))) == [366]


def test_a_schedule_is_told_in_the_zone_of_the_instrument(talk):
    asked = request(talk, what_to_show="SCHEDULE", bar_size_setting="1 day", duration_str="3 D")

    (answer,) = talk.ask(asked)

    assert (answer.req_id, answer.time_zone) == (7, "US/Central")
    assert answer.sessions[-1].ref_date == "20260302"


def test_the_schedule_of_what_has_expired_ends_with_it(talk):
    contract = wire.ContractFields(
        symbol="ES",
        sec_type="FUT",
        last_trade_date_or_contract_month="202512",
        exchange="CME",
        include_expired=True,
    )
    asked = request(talk, what_to_show="SCHEDULE", bar_size_setting="1 day", duration_str="1 M")
    asked = asked._replace(contract=contract, end_date_time="20260105-00:00:00")

    (answer,) = talk.ask(asked)

    assert answer.sessions[-1].ref_date == "20251219"


def ticks(talk, **more):
    usual = wire.ReqHistoricalTicks(
        7, talk.contract("NQ"), "", "20260302-15:00:00", 10, "TRADES", False, False, ()
    )
    return usual._replace(**more)


def test_ticks_up_to_an_end_or_from_a_start(talk):
    (before,) = talk.ask(ticks(talk))
    (after,) = talk.ask(ticks(talk, start_date_time="20260302-14:00:00", end_date_time=""))

    end = int(talk.now.timestamp())
    assert before.ticks[-1].time <= end
    assert after.ticks[0].time >= end - 3600
    assert len(before.ticks) >= 10


def test_nothing_is_told_of_the_future(talk):
    (answer,) = talk.ask(ticks(talk, start_date_time="20260302-15:00:00", end_date_time=""))

    assert all(tick.time <= talk.now.timestamp() for tick in answer.ticks)


@pytest.mark.parametrize(
    "changes",
    [
        {"end_date_time": ""},
        {"start_date_time": "20260302-14:00:00"},
        {"number_of_ticks": 0},
        {"end_date_time": "noon"},
        {"what_to_show": "ASK"},
    ],
)
def test_exactly_two_of_start_end_and_number_are_wanted(talk, changes):
    assert codes(talk.ask(ticks(talk, **changes))) == [10187]


@pytest.mark.parametrize(("format_date", "text"), [(1, "-"), (2, "")])
def test_the_first_moment_of_history(talk, format_date, text):
    asked = wire.ReqHeadTimeStamp(7, talk.contract("AAPL"), False, "TRADES", format_date)

    (answer,) = talk.ask(asked)

    assert answer.req_id == 7
    assert text in answer.head_timestamp
    assert answer.head_timestamp.replace("-", "").replace(":", "").isdecimal()


def test_a_histogram_is_volume_by_price(talk):
    (answer,) = talk.ask(wire.ReqHistogramData(7, talk.contract("NQ"), False, "1 day"))

    assert len(answer.entries) > 5
    assert all(entry.size > 0 and entry.price > Decimal(0) for entry in answer.entries)


@pytest.mark.parametrize("period", ["", "day", "x days", "3 hours"])
def test_a_period_that_is_none_is_refused(talk, period):
    asked = wire.ReqHistogramData(7, talk.contract("NQ"), False, period)

    assert codes(talk.ask(asked)) == [10188]


def test_what_this_world_has_no_data_of_is_162(talk):
    assert codes(talk.ask(request(talk, what_to_show="HISTORICAL_VOLATILITY"))) == [162]


def test_an_expired_contract_has_no_live_bars(talk):
    contract = wire.ContractFields(
        symbol="ES",
        sec_type="FUT",
        exchange="CME",
        last_trade_date_or_contract_month="202512",
        include_expired=True,
    )
    asked = request(talk, keep_up_to_date=True)._replace(contract=contract)

    assert codes(talk.ask(asked)) == [10180]


@pytest.mark.parametrize(("end", "warned"), [("20260302 09:00:00", [2174]), ("", [])])
def test_an_end_without_a_zone_is_warned_of(talk, end, warned):
    answers = talk.ask(request(talk, end_date_time=end))

    assert codes(answers) == warned
    assert answers[-1].bars


def test_history_of_what_is_not_listed_is_200(talk):
    nowhere = wire.ContractFields(con_id=77)
    head = wire.ReqHeadTimeStamp(8, nowhere, False, "TRADES", 1)

    assert codes(talk.ask(ticks(talk, contract=nowhere), head)) == [200, 200]


def test_a_pair_has_no_first_moment_of_trades(talk):
    asked = wire.ReqHeadTimeStamp(7, talk.contract("EUR.USD"), False, "TRADES", 1)

    assert codes(talk.ask(asked)) == [162]
