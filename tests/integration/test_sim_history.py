"""Historical data and contracts through a real ib_async client."""

import asyncio
import datetime as dt
from itertools import pairwise

import pytest
from ib_async import ContFuture, Contract, Forex, Future, Index, Option, Stock

from cards import card
from ibkit.sim import Limits, Scenario
from ibkit.testing import run_virtual
from sim_client import MONDAY, Log, connected, future


def run(test, **options):
    async def main():
        async with connected(**options) as (gateway, ib):
            return await test(gateway, ib)

    return run_virtual(main())


async def bars(ib, contract, duration="1 D", size="5 mins", what="TRADES", end="", **more):
    return await ib.reqHistoricalDataAsync(contract, end, duration, size, what, False, 2, **more)


@card("HIS-01", "3.5 C")
def test_bars_cover_the_span_without_holes_or_doubles():
    async def test(gateway, ib):
        return await bars(ib, future(gateway))

    found = run(test)
    times = [bar.date for bar in found]
    steps = {later - earlier for earlier, later in pairwise(times)}

    assert len(found) >= 200
    assert steps == {dt.timedelta(minutes=5)}
    assert all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in found)


@card("HIS-02", "3.5 R+")
def test_bars_of_prices_that_are_not_trades_have_no_volume():
    async def test(gateway, ib):
        return await bars(ib, future(gateway), what="MIDPOINT")

    found = run(test)

    assert {(b.volume, b.average, b.barCount) for b in found} == {(-1, -1, -1)}


@card("HIS-03", "3.5 C")
def test_daily_bars_are_dates():
    async def test(gateway, ib):
        return await ib.reqHistoricalDataAsync(
            future(gateway), "", "10 D", "1 day", "TRADES", False, 1
        )

    found = run(test)

    assert len(found) == 10
    assert all(type(bar.date) is dt.date for bar in found)


@card("HIS-04", "3.5 C")
def test_the_sixth_small_request_within_two_seconds_is_a_pacing_violation():
    async def test(gateway, ib):
        log = Log(ib)
        es = future(gateway)
        await asyncio.gather(
            *(bars(ib, es, f"{60 + n} S", "5 secs") for n in range(6)), return_exceptions=True
        )
        return log.codes, log.text(162)

    codes, text = run(test)

    assert codes == [162]
    assert "pacing violation" in text


@card("HIS-05", "3.5 C")
def test_an_identical_small_request_must_wait_fifteen_seconds():
    async def test(gateway, ib):
        log = Log(ib)
        es = future(gateway)
        counts = []
        for wait in (3, 16, 0):
            counts.append(len(await bars(ib, es, "60 S", "5 secs")))
            await asyncio.sleep(wait)
        return [bool(c) for c in counts], log.codes

    assert run(test) == ([True, False, True], [162])


@card("HIS-06", "3.5 C")
def test_bars_above_thirty_seconds_are_not_paced():
    async def test(gateway, ib):
        log = Log(ib)
        for _ in range(10):
            await bars(ib, future(gateway))
        return log.codes

    assert run(test) == []


@card("HIS-07", "3.5 R")
def test_bars_kept_up_to_date_repeat_the_unfinished_one_and_add_new_ones():
    async def test(gateway, ib):
        live = await bars(ib, future(gateway), "600 S", "1 min", keepUpToDate=True)
        before = len(live)
        new = []
        live.updateEvent += lambda b, has_new: new.append(has_new)
        await asyncio.sleep(181)
        times = [bar.date for bar in live]
        return before, len(live), new.count(True), new.count(False), len(times) == len(set(times))

    before, after, added, repeated, unique = run(test)

    assert after - before == added == 3
    assert repeated > 10
    assert unique


@card("HIS-08", "3.5 R+")
def test_cancelling_live_bars_is_answered_by_a_162_that_is_none():
    async def test(gateway, ib):
        log = Log(ib)
        live = await bars(ib, future(gateway), "600 S", "1 min", keepUpToDate=True)
        ib.cancelHistoricalData(live)
        ib.client.cancelHistoricalData(999)
        await asyncio.sleep(0.1)
        return log.codes, log.text(162)

    codes, text = run(test)

    assert codes == [162, 366]
    assert "cancelled" in text


@card("HIS-09", "3.5 C")
def test_ticks_want_exactly_a_start_or_an_end():
    async def test(gateway, ib):
        log = Log(ib)
        end = MONDAY.strftime("%Y%m%d-%H:%M:%S")
        got = await ib.reqHistoricalTicksAsync(future(gateway), "", end, 50, "TRADES", False)
        await asyncio.wait(
            [
                asyncio.ensure_future(
                    ib.reqHistoricalTicksAsync(future(gateway), end, end, 50, "TRADES", False)
                )
            ],
            timeout=2,
        )
        return len(got), log.codes

    count, codes = run(test)

    assert count >= 50
    assert codes == [10187]


@card("HIS-10", "3.5 R")
@pytest.mark.parametrize("what", ["TRADES", "BID_ASK", "MIDPOINT"])
def test_every_kind_of_tick_has_its_answer(what):
    async def test(gateway, ib):
        end = MONDAY.strftime("%Y%m%d-%H:%M:%S")
        return await ib.reqHistoricalTicksAsync(future(gateway), "", end, 10, what, False)

    ticks = run(test)

    assert len(ticks) >= 10
    assert all(tick.time <= MONDAY for tick in ticks)


@card("HIS-11", "3.5 R")
def test_head_time_stamps_lie_before_all_bars():
    async def test(gateway, ib):
        return await ib.reqHeadTimeStampAsync(future(gateway), "TRADES", False, 2)

    assert run(test) < MONDAY


@card("HIS-12", "2.3 R")
def test_a_continuous_future_has_history_but_no_end_date():
    async def test(gateway, ib):
        log = Log(ib)
        found = await bars(ib, ContFuture("ES", "CME"))
        none = await bars(ib, ContFuture("ES", "CME"), end="20260301-00:00:00")
        return len(found) > 0, list(none), log.codes

    assert run(test) == (True, [], [10339])


@card("HIS-13", "3.5 C")
def test_a_schedule_lists_sessions_of_days():
    async def test(gateway, ib):
        return await ib.reqHistoricalScheduleAsync(future(gateway), 5)

    schedule = run(test, scenario=Scenario(sessions=True))

    assert len(schedule.sessions) >= 5
    assert schedule.timeZone


@card("HIS-14", "3.5 C")
def test_the_histogram_is_by_price():
    async def test(gateway, ib):
        return await ib.reqHistogramDataAsync(future(gateway), False, "1 days")

    rows = run(test)

    assert len(rows) > 5
    assert [row.price for row in rows] == sorted(row.price for row in rows)


@card("HIS-15", "3.1 R")
def test_live_bars_above_their_limit_are_456():
    async def test(gateway, ib):
        log = Log(ib)
        await bars(ib, future(gateway), "600 S", "1 min", keepUpToDate=True)
        waiting = asyncio.ensure_future(
            bars(ib, future(gateway, "NQ"), "600 S", "1 min", keepUpToDate=True)
        )
        await asyncio.wait([waiting], timeout=2)
        return log.codes

    assert run(test, scenario=Scenario(limits=Limits(real_time_requests=1))) == [456]


def test_history_agrees_at_every_resolution():
    async def test(gateway, ib):
        es, end = future(gateway), "20260302-14:00:00"
        small = await bars(ib, es, "3600 S", "1 min", end=end)
        large = await bars(ib, es, "1 D", "1 hour", end=end)
        return small, next(bar for bar in large if bar.date == small[0].date)

    small, large = run(test)

    assert (small[0].open, small[-1].close) == (large.open, large.close)
    assert (max(b.high for b in small), min(b.low for b in small)) == (large.high, large.low)
    assert sum(b.volume for b in small) == large.volume


# -- contracts


@card("CON-70", "2.1 R")
@pytest.mark.parametrize(
    ("contract", "found"),
    [
        (Future("ES", exchange="GLOBEX"), 0),
        (Future("ES", exchange="CME"), 12),
        (Future(localSymbol="ESZ6", exchange="CME"), 1),
        (Future("CL", "202608", "NYMEX"), 1),
        (Stock("AAPL", "SMART", "USD"), 1),
        (Forex("EURUSD"), 1),
        (Index("VIX", "CBOE", "USD"), 1),
        (Contract(conId=265598), 1),
        (Contract(symbol="NOSUCH", secType="STK"), 0),
    ],
)
def test_questions_find_what_they_should(contract, found):
    async def test(gateway, ib):
        log = Log(ib)
        details = await ib.reqContractDetailsAsync(contract)
        return len(details), log.codes

    assert run(test) == (found, [] if found else [200])


@card("CON-71", "2.2 R")
def test_the_details_of_a_future_look_as_captured():
    async def test(gateway, ib):
        (details,) = await ib.reqContractDetailsAsync(Future(localSymbol="ESM6", exchange="CME"))
        return details

    details = run(test)
    contract = details.contract

    assert contract.lastTradeDateOrContractMonth == "20260618"
    assert (contract.multiplier, contract.tradingClass, contract.currency) == ("50", "ES", "USD")
    assert (details.minTick, details.priceMagnifier, details.contractMonth) == (0.25, 1, "202606")
    assert details.realExpirationDate == "20260618"
    assert details.lastTradeTime == "08:30"
    assert details.timeZoneId == "US/Central"
    assert (details.underSymbol, details.underSecType, details.underConId) == (
        "ES",
        "IND",
        11004968,
    )
    assert len(details.validExchanges.split(",")) == len(details.marketRuleIds.split(","))
    assert details.tradingSessions()


@card("CON-72", "2.1 C")
def test_an_ambiguous_contract_cannot_be_streamed():
    async def test(gateway, ib):
        log = Log(ib)
        ib.client.reqMktData(900, Future("SI", exchange="COMEX"), "", False, False, [])
        await asyncio.sleep(0.1)
        return log.codes, log.text(200)

    codes, text = run(test)

    assert codes == [200]
    assert "ambiguous" in text


@card("CON-73", "2.1 C")
def test_option_chains_and_their_options():
    async def test(gateway, ib):
        chains = await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", 265598)
        chain = chains[0]
        middle = chain.strikes[len(chain.strikes) // 2]
        option = Option("AAPL", chain.expirations[0], middle, "C", "SMART")
        (details,) = await ib.reqContractDetailsAsync(option)
        ticker = ib.reqMktData(details.contract)
        await asyncio.sleep(1)
        return details.contract.multiplier, ticker.modelGreeks

    multiplier, greeks = run(test)

    assert multiplier == "100"
    assert 0 < greeks.delta < 1
    assert greeks.impliedVol > 0


@card("CON-74", "2.1 C")
def test_symbols_are_matched_and_market_rules_told():
    async def test(gateway, ib):
        log = Log(ib)
        hits = await ib.reqMatchingSymbolsAsync("AAP")
        (details,) = await ib.reqContractDetailsAsync(Future(localSymbol="ESZ6", exchange="CME"))
        rule = await ib.reqMarketRuleAsync(int(details.marketRuleIds.split(",")[0]))
        ib.client.reqMarketRule(999_999)
        await asyncio.sleep(0.1)
        return [h.contract.symbol for h in hits], rule, log.codes

    symbols, rule, codes = run(test)

    assert symbols[0] == "AAPL"
    assert [(r.lowEdge, r.increment) for r in rule] == [(0, 0.25)]
    assert codes == [124]
