"""Futures as a gateway answers them, for the tests of contracts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from ib_async import Contract, ContractDetails, Order, OrderStatus, Position, Trade

from ibkit.contracts import ContractMonth, FuturesChain, Listing, product
from ibkit.products import last_trade, local_symbol

ACCOUNT = "DU1000001"
TODAY = dt.date(2026, 6, 11)
"""The roll day of ESM6."""


def details_of(
    root: str,
    month: str,
    *,
    con_id: int = 0,
    last: dt.date | None = None,
    trading_class: str = "",
    symbol: str = "",
    **more: object,
) -> ContractDetails:
    """What reqContractDetails answers for a month of a product."""
    what, named = product(root), ContractMonth.parse(month)
    last = last or last_trade(what, named)
    contract = Contract(
        secType="FUT",
        conId=con_id or 1000 * (sum(map(ord, root)) % 1000) + named.year % 100 * 12 + named.month,
        symbol=what.symbol,
        lastTradeDateOrContractMonth=f"{last:%Y%m%d}",
        multiplier=f"{what.multiplier.normalize():f}",
        exchange=what.exchange,
        currency=what.currency,
        localSymbol=symbol or local_symbol(what, named),
        tradingClass=trading_class or what.trading_class,
    )
    return ContractDetails(
        contract=contract,
        minTick=float(what.details_min_tick),
        priceMagnifier=what.price_magnifier,
        validExchanges=f"{what.exchange},QBALGO",
        marketRuleIds="67,68",
        longName=what.name,
        **{
            "contractMonth": named.yyyymm,
            "realExpirationDate": f"{last:%Y%m%d}",
            "timeZoneId": "US/Central",
            "underSymbol": what.symbol,
            **more,
        },
    )


def listing_of(root: str, month: str, **more: object) -> Listing:
    return Listing.from_details(details_of(root, month, **more), product(root))


def chain_of(root: str, *months: str, since: dt.date | None = None) -> FuturesChain:
    listings = [listing_of(root, month) for month in months]
    return FuturesChain(product=product(root), listings=listings, since=since)


ES = chain_of("ES", "2026-06", "2026-09", "2026-12", "2027-03", since=dt.date(2026, 5, 1))
ESM, ESU = ES[0], ES[1]


class TwoSides(NamedTuple):
    bid: object
    ask: object


QUOTES = {
    ESM.con_id: TwoSides(Decimal("5000.00"), Decimal("5000.25")),
    ESU.con_id: TwoSides(Decimal("5050.00"), Decimal("5050.25")),
}
"""The spread is 49.75 at 50.25, its middle 50."""


def position(size: float, listing: Listing = ESM) -> Position:
    contract = listing.contract
    contract.exchange = ""  # as IB sends it
    return Position(ACCOUNT, contract, size, 250_000.0)


def order(
    order_id: int,
    action: str,
    size: float,
    order_type: str,
    price: float | None = None,
    *,
    ref: str = "",
    **more: object,
) -> Order:
    field = "auxPrice" if order_type in {"STP", "MIT"} else "lmtPrice"
    prices = {} if price is None else {field: price}
    standing = {"clientId": 1, "permId": 9000 + order_id, "account": ACCOUNT, "tif": "GTC"}
    return Order(
        orderId=order_id,
        action=action,
        totalQuantity=size,
        orderType=order_type,
        orderRef=ref,
        **{**standing, **prices, **more},
    )


def trade(what: Order, listing: Listing | Contract = ESM, *, filled: float = 0.0) -> Trade:
    contract = listing.contract if isinstance(listing, Listing) else listing
    left = what.totalQuantity - filled
    status = OrderStatus(
        orderId=what.orderId, status="Submitted" if left else "Filled", filled=filled,
        remaining=left, permId=what.permId, clientId=what.clientId,
    )  # fmt: skip
    return Trade(contract, what, status)


def pair(
    first_id: int, size: float, *, group: str = "k3f9", number: int = 1, is_long: bool = True
) -> list[Trade]:
    """A target and a stop, 20 points away, as IB shows a bracket's exits."""
    links = {"ocaGroup": f"{7000 + first_id}", "ocaType": 3}
    action, away = ("SELL", 20.0) if is_long else ("BUY", -20.0)
    target, stop = f"ik/{group}:t{number}:s1:", f"ik/{group}:s{number}:s1:"
    return [
        trade(order(first_id, action, size, "LMT", 5000 + away, ref=target, **links)),
        trade(order(first_id + 1, action, size, "STP", 5000 - away, ref=stop, **links)),
    ]


def attached(first_id: int, sizes: list[int], *, is_long: bool = True) -> list[Trade]:
    """Several targets and one stop for all of them, in one set."""
    links = {"ocaGroup": f"{7000 + first_id}", "ocaType": 3}
    action, away = ("SELL", 20.0) if is_long else ("BUY", -20.0)
    targets = [
        order(first_id + n, action, size, "LMT", 5000 + away * (n + 1), ref=f"ik/a1:t{n + 1}:a:",
              **links)
        for n, size in enumerate(sizes)
    ]  # fmt: skip
    stop_id = first_id + len(sizes)
    stop = order(stop_id, action, sum(sizes), "STP", 5000 - away, ref="ik/a1:s:a:", **links)
    return [trade(each) for each in (*targets, stop)]
