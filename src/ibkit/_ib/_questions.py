"""The questions that can be put to TWS, as values: what identifies each, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any

from ib_async import (
    AccountValue,
    Contract,
    ContractDescription,
    ContractDetails,
    DepthMktDataDescription,
    ExecutionFilter,
    Fill,
    HistoricalSchedule,
    OptionChain,
    Position,
    PriceIncrement,
    Trade,
    util,
)

from ._bar_columns import BarColumns
from ._flight import Ask
from ._pacer import Lane
from ._times import wire_time

# Epoch seconds: no zone name to trip over (traps B27).
_EPOCH = 2

SUMMARY_TAGS = (
    "AccountType,NetLiquidation,TotalCashValue,SettledCash,AccruedCash,BuyingPower,"
    "EquityWithLoanValue,PreviousDayEquityWithLoanValue,GrossPositionValue,RegTEquity,"
    "RegTMargin,SMA,InitMarginReq,MaintMarginReq,AvailableFunds,ExcessLiquidity,Cushion,"
    "FullInitMarginReq,FullMaintMarginReq,FullAvailableFunds,FullExcessLiquidity,"
    "LookAheadNextChange,LookAheadInitMarginReq,LookAheadMaintMarginReq,"
    "LookAheadAvailableFunds,LookAheadExcessLiquidity,HighestSeverity,DayTradesRemaining,"
    "DayTradesRemainingT+1,DayTradesRemainingT+2,DayTradesRemainingT+3,"
    "DayTradesRemainingT+4,Leverage,$LEDGER:ALL"
)


def contract_key(contract: Contract) -> Hashable:
    """The fields of a contract that TWS reads. A Contract is no key itself (traps B22)."""
    c = contract
    legs = tuple((leg.conId, leg.ratio, leg.action, leg.exchange) for leg in c.comboLegs or ())
    return (
        *(c.conId, c.symbol, c.secType, c.lastTradeDateOrContractMonth, c.strike, c.right),
        *(c.multiplier, c.exchange, c.primaryExchange, c.currency, c.localSymbol),
        *(c.tradingClass, c.includeExpired, c.secIdType, c.secId, c.issuerId, legs),
    )


# --- contracts ------------------------------------------------------------------


def contract_details(contract: Contract) -> Ask[list[ContractDetails]]:
    """Which contracts fit."""
    return Ask(
        ("contract details", contract_key(contract)),
        "contract details of",
        lambda client, req_id: client.reqContractDetails(req_id, contract),
        contract,
        contract=contract,
        drain=True,
    )


def matching_symbols(pattern: str) -> Ask[list[ContractDescription]]:
    """Which stocks and indices begin like this."""
    return Ask(
        ("symbols", pattern),
        "symbols like",
        lambda client, req_id: client.reqMatchingSymbols(req_id, pattern),
        pattern,
    )


def market_rule(rule_id: int) -> Ask[list[PriceIncrement]]:
    """The price increments of a rule."""
    slot = f"marketRule-{rule_id}"
    return Ask(slot, "market rule", lambda c, _: c.reqMarketRule(rule_id), rule_id, slot=slot)


def option_chains(
    symbol: str, exchange: str, security_type: str, con_id: int
) -> Ask[list[OptionChain]]:
    """What options are listed on an underlying."""
    return Ask(
        ("option chains", symbol, exchange, security_type, con_id),
        "option chains of",
        lambda client, req_id: client.reqSecDefOptParams(
            req_id, symbol, exchange, security_type, con_id
        ),
        symbol,
        drain=True,
    )


def depth_exchanges() -> Ask[list[DepthMktDataDescription]]:
    """Which exchanges offer market depth."""
    slot = "mktDepthExchanges"
    return Ask(slot, "depth exchanges", lambda client, _: client.reqMktDepthExchanges(), slot=slot)


# --- state ------------------------------------------------------------------------


def _state(
    slot: str,
    what: str,
    send: Callable[[Any, int], object],
    *,
    key: Hashable = None,
    in_rows: bool = True,
    drain: bool = False,
) -> Ask[Any]:
    return Ask(
        slot if key is None else key,
        what,
        send,
        slot=slot,
        in_rows=in_rows,
        drain=drain,
        lane=Lane.STATE,
    )


def current_time() -> Ask[datetime]:
    """What time it is at TWS."""
    return _state(
        "currentTime",
        "the current time",
        lambda client, _: client.reqCurrentTime(),
        in_rows=False,
    )


def positions() -> Ask[list[Position]]:
    """All positions."""
    return _state("positions", "positions", lambda client, _: client.reqPositions())


def open_orders() -> Ask[list[Trade]]:
    """The working orders of this client id."""
    return _state("openOrders", "open orders", lambda client, _: client.reqOpenOrders())


def all_open_orders() -> Ask[list[Trade]]:
    """The working orders of everybody."""
    return _state(
        "openOrders",
        "all open orders",
        lambda client, _: client.reqAllOpenOrders(),
        key="allOpenOrders",
    )


def completed_orders(*, api_only: bool) -> Ask[list[Trade]]:
    """The orders of the day that are done."""
    return _state(
        "completedOrders",
        "completed orders",
        lambda client, _: client.reqCompletedOrders(api_only),
        key=("completed orders", api_only),
        drain=True,
    )


def account_updates(account: str) -> Ask[object]:
    """Start the updates of an account."""
    return Ask(
        ("account updates", account),
        "account updates of",
        lambda client, _: client.reqAccountUpdates(True, account),  # noqa: FBT003 - the wire's flag
        account,
        slot="accountValues",
        in_rows=True,
        lane=Lane.STATE,
    )


def executions(wanted: ExecutionFilter) -> Ask[list[Fill]]:
    """The executions of the day."""
    return Ask(
        ("executions", util.dataclassAsTuple(wanted)),
        "executions",
        lambda client, req_id: client.reqExecutions(req_id, wanted),
        drain=True,
        lane=Lane.STATE,
    )


def account_values(account: str, model: str, *, follow: bool) -> Ask[list[AccountValue]]:
    """The values of an account or of a model in it, once or with what changes."""
    return Ask(
        ("account values", account, model, follow),
        "account values of",
        lambda client, req_id: client.reqAccountUpdatesMulti(
            req_id,
            account,
            model,
            False,  # noqa: FBT003 - the wire's flag
        ),
        account,
        cancel=lambda client, req_id: client.cancelAccountUpdatesMulti(req_id),
        stays=not follow,
        lane=Lane.STATE,
    )


def account_summary(tags: str) -> Ask[list[AccountValue]]:
    """The summary of all accounts."""
    return Ask(
        ("account summary", tags),
        "the account summary",
        lambda client, req_id: client.reqAccountSummary(req_id, "All", tags),
        cancel=lambda client, req_id: client.cancelAccountSummary(req_id),
        stays=True,
        lane=Lane.STATE,
    )


# --- history ----------------------------------------------------------------------


def historical_bars(
    contract: Contract, end: datetime | None, duration: str, bar_size: str, what: str, *, rth: bool
) -> Ask[BarColumns]:
    """One request for bars."""
    until = wire_time(end, "end")
    return Ask(
        ("bars", contract_key(contract), until, duration, bar_size, what, rth),
        f"{duration} of {bar_size} {what} bars until {until or 'now'} of",
        lambda client, req_id: client.reqHistoricalData(
            req_id,
            contract,
            until,
            duration,
            bar_size,
            what,
            rth,
            _EPOCH,
            False,  # noqa: FBT003 - not kept up to date
            [],
        ),
        contract,
        contract=contract,
        cancel=lambda client, req_id: client.cancelHistoricalData(req_id),
        read=BarColumns.read,
        lane=Lane.HISTORY,
    )


def historical_schedule(
    contract: Contract, end: datetime | None, days: int, *, rth: bool
) -> Ask[HistoricalSchedule]:
    """The trading sessions of some days."""
    until = wire_time(end, "end")
    return Ask(
        ("schedule", contract_key(contract), until, days, rth),
        f"the schedule of {days} days until {until or 'now'} of",
        lambda client, req_id: client.reqHistoricalData(
            req_id,
            contract,
            until,
            f"{days} D",
            "1 day",
            "SCHEDULE",
            rth,
            1,
            False,  # noqa: FBT003 - not kept up to date
            [],
        ),
        contract,
        contract=contract,
        cancel=lambda client, req_id: client.cancelHistoricalData(req_id),
        lane=Lane.HISTORY,
    )


def head_timestamp(contract: Contract, what: str, *, rth: bool) -> Ask[datetime]:
    """Since when there are data."""
    return Ask(
        ("head", contract_key(contract), what, rth),
        f"the first {what} data of",
        lambda client, req_id: client.reqHeadTimeStamp(req_id, contract, what, rth, _EPOCH),
        contract,
        contract=contract,
        cancel=lambda client, req_id: client.cancelHeadTimeStamp(req_id),
        stays=True,
        lane=Lane.HISTORY,
    )


def historical_ticks(
    contract: Contract,
    start: datetime | None,
    end: datetime | None,
    count: int,
    what: str,
    *,
    rth: bool,
    ignore_size: bool,
) -> Ask[Any]:
    """One request for ticks."""
    since, until = wire_time(start, "start"), wire_time(end, "end")
    return Ask(
        ("ticks", contract_key(contract), since, until, count, what, rth, ignore_size),
        f"{count} {what} ticks from {since or '-'} until {until or '-'} of",
        lambda client, req_id: client.reqHistoricalTicks(
            req_id, contract, since, until, count, what, rth, ignore_size, []
        ),
        contract,
        contract=contract,
        lane=Lane.HISTORY,
    )
