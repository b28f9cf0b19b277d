"""The resolver asks a real gateway through a real client."""

import asyncio
import datetime as dt

import pytest
from ib_async import IB, ContFuture, Future

from ibkit.contracts import BeforeLastTrade, FuturesResolver
from ibkit.errors import (
    AmbiguousContract,
    GatewayError,
    NotTradable,
    PlanError,
    UnknownContract,
)
from ibkit.testing import run_virtual
from sim_client import connected


def resolving(test, **options):
    """Run *test* with a resolver, and the list of the contracts it has asked TWS for."""

    async def main():
        async with connected(**options) as (_, ib):
            sent = []
            send = ib.client.reqContractDetails
            ib.client.reqContractDetails = lambda req, c: (sent.append(c), send(req, c))
            return await test(FuturesResolver(ib), sent)

    return run_virtual(main())


@pytest.mark.parametrize(
    ("query", "local"),
    [
        ("ESZ6", "ESZ6"),
        ("ES 2026-12", "ESZ6"),
        ("ES", "ESH6"),
        ("SI", "SIK6"),
        (ContFuture("ES", "CME"), "ESH6"),
        (Future("GC", "202612", exchange="NYMEX"), "GCZ6"),
        (Future("ES", "202612", exchange="GLOBEX"), "ESZ6"),
    ],
)
def test_one_contract_ready_for_orders(query, local):
    async def test(resolver, sent):
        return (await resolver.resolve_async(query)).contract

    contract = resolving(test)

    assert contract.localSymbol == local
    assert contract.conId
    assert contract.exchange
    assert len(contract.lastTradeDateOrContractMonth) == 8


def test_several_fit_and_what_decides_is_told():
    async def test(resolver, sent):
        with pytest.raises(AmbiguousContract) as caught:
            await resolver.resolve_async(Future("SI", "202612", exchange="COMEX"))
        return caught.value

    error = resolving(test)

    assert {c.multiplier for c in error.candidates} == {"1000", "5000"}
    assert error.hint == "Name the multiplier: 1000, 5000."


def test_an_answer_is_kept_for_the_day_and_so_is_no_answer():
    async def test(resolver, sent):
        for _ in range(3):
            await resolver.resolve_async("ESZ6")
            with pytest.raises(UnknownContract):
                await resolver.resolve_async(12345678)
        today = len(sent)
        await asyncio.sleep(24 * 3600)
        await resolver.resolve_async("ESZ6")
        return today, len(sent)

    assert resolving(test) == (2, 3)


def test_questions_at_the_same_time_are_sent_once_and_one_failure_stops_none():
    async def test(resolver, sent):
        answers = await resolver.resolve_many_async(["ESZ6", 12345678, "ESZ6", "NOPE", "CLF7"])
        return answers, len(sent)

    answers, sent = resolving(test)

    assert [getattr(a, "contract", None) and a.contract.localSymbol for a in answers] == [
        *("ESZ6", None, "ESZ6", None, "CLF7")
    ]
    assert isinstance(answers[1], UnknownContract)
    assert isinstance(answers[1].__cause__, GatewayError)
    assert sent == 3


def test_a_chain_holds_the_months_of_the_product_and_not_of_its_siblings():
    async def test(resolver, sent):
        return await resolver.chain_async("SI"), await resolver.chain_async("SIL"), len(sent)

    silver, small, sent = resolving(test)

    assert {x.contract.multiplier for x in silver} == {"5000"}
    assert {x.contract.multiplier for x in small} == {"1000"}
    assert sent == 1, "both are answered by one question"


def test_the_front_month_moves_on_when_its_rule_says_so():
    async def test(resolver, sent):
        before = await resolver.front_month_async("ES")
        await asyncio.sleep(14 * 24 * 3600)
        return before.localSymbol, (await resolver.front_month_async("ES")).localSymbol

    assert resolving(test) == ("ESH6", "ESM6")


def test_an_expired_contract_is_found_on_demand_but_not_for_an_order():
    expired = Future("ES", "202512", exchange="CME", includeExpired=True)

    async def test(resolver, sent):
        found = await resolver.resolve_async(expired)
        with pytest.raises(NotTradable, match="expired on 2025-12-19"):
            await resolver.tradable_async(expired)
        with pytest.raises(UnknownContract):
            await resolver.resolve_async(Future("ES", "202512", exchange="CME"))
        return found.last_trade, found.is_tradable

    assert resolving(test) == (dt.date(2025, 12, 19), False)


def test_the_price_grid_is_that_of_the_exchange():
    async def test(resolver, sent):
        return await resolver.price_grid_async("ESZ6")

    assert resolving(test).round(5000.13, "nearest") == 5000.25


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("ESZ6", "ESZ6: E-mini S&P 500"),
        ("XXZ6", "no futures product has this name"),
        ("ES 2026-13", "there is no month 13"),
        (True, "got True"),
        (12345678, "No security definition"),
    ],
)
def test_a_query_is_explained_and_never_raises(query, says):
    async def test(resolver, sent):
        return await resolver.validate_async(query)

    assert says in resolving(test)


def test_include_expired_is_kept_for_the_history_that_is_asked_next():
    async def test(resolver, sent):
        expired = Future("ES", "202512", exchange="CME", includeExpired=True)
        live = await resolver.resolve_async("ESZ6")
        return (await resolver.resolve_async(expired)).contract, live.contract

    expired, live = resolving(test)

    assert (expired.includeExpired, live.includeExpired) == (True, False)


def test_the_contract_of_a_position_is_qualified_again():
    async def test(resolver, sent):
        whole = (await resolver.resolve_async("CLF7")).contract
        bare = Future(conId=whole.conId, symbol="CL", localSymbol="CLF7", multiplier="1000")
        return bare.exchange, (await resolver.resolve_async(bare)).contract.exchange

    assert resolving(test) == ("", "NYMEX")


def test_a_con_id_that_belongs_to_something_else_is_refused():
    async def test(resolver, sent):
        whole = (await resolver.resolve_async("ESZ6")).contract
        with pytest.raises(UnknownContract) as caught:
            await resolver.resolve_async(Future(conId=whole.conId, localSymbol="ESU6"))
        return str(caught.value)

    assert "is ESZ6, and its localSymbol says ESU6" in resolving(test)


def test_a_deadline_for_many_leaves_no_place_empty():
    async def test(resolver, sent):
        await resolver.resolve_async("ESZ6")
        resolver.requests.ib.client.reqContractDetails = lambda *_: None
        answers = await resolver.resolve_many_async(["ESZ6", "CLF7"], timeout=2.0)
        return [type(answer).__name__ for answer in answers], await resolver.resolve_many_async([])

    assert resolving(test) == (["Resolution", "RequestTimeout"], [])


def test_a_chain_of_expired_months_reaches_back_as_far_as_tws_serves_them():
    async def test(resolver, sent):
        chain = await resolver.chain_async("ES", include_expired=True)
        return str(chain.front(dt.date(2025, 12, 1))), chain.since

    assert resolving(test) == ("ESZ5", dt.date(2024, 3, 2))


@pytest.mark.parametrize(
    "misuse",
    [
        lambda resolver: resolver.front_month_async(None),
        lambda resolver: resolver.front_month_async(Future("ES")),
        lambda resolver: resolver.front_month_async("ES", 5),
        lambda resolver: resolver.front_month_async("ES", BeforeLastTrade),
        lambda resolver: resolver.chain_async("ES", "all"),
        lambda resolver: resolver.chain_async("ES", include_expired="yes"),
        lambda resolver: resolver.resolve_many_async("ES"),
        lambda resolver: resolver.resolve_many_async(None),
        lambda resolver: resolver.resolve_many_async(Future("ES")),
        lambda resolver: resolver.resolve_many_async(["ES"], timeout="1"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_asked(misuse):
    async def test(resolver, sent):
        with pytest.raises(PlanError):
            await misuse(resolver)
        return sent

    assert resolving(test) == []


def test_names_and_words_are_taken_in_any_case():
    async def test(resolver, sent):
        return len(await resolver.chain_async(" es ", "ACTIVE")), len(sent)

    assert resolving(test)[1] == 1


def test_a_name_of_several_products_is_told_so():
    async def test(resolver, sent):
        await resolver.front_month_async("DAX")

    with pytest.raises(UnknownContract, match="FDAX"):
        resolving(test)


def test_products_are_a_table():
    with pytest.raises(PlanError, match="products"):
        FuturesResolver(IB(), products=["ES"])
