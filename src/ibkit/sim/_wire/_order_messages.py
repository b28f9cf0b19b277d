"""Messages about orders and executions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NamedTuple

from ibkit.sim._wire._contract_fields import ContractFields, OrderContract, RoutedContract
from ibkit.sim._wire._fields import BlankInt, MaxDecimal, Since
from ibkit.sim._wire._order_fields import OrderFields, OrderStateFields


class PlaceOrder(NamedTuple):
    order_id: int
    contract: OrderContract
    order: OrderFields


class CancelOrder(NamedTuple):
    order_id: int
    manual_order_cancel_time: Annotated[str, Since(169)] = ""


class ReqOpenOrders(NamedTuple):
    pass


class ReqAllOpenOrders(NamedTuple):
    pass


class ReqAutoOpenOrders(NamedTuple):
    auto_bind: bool


class ReqGlobalCancel(NamedTuple):
    pass


class ReqCompletedOrders(NamedTuple):
    api_only: bool


class ReqExecutions(NamedTuple):
    """The fields after `req_id` are the execution filter; empty ones do not restrict."""

    req_id: int
    client_id: int
    acct_code: str
    time: str
    symbol: str
    sec_type: str
    exchange: str
    side: str


class ExerciseOptions(NamedTuple):
    req_id: int
    contract: RoutedContract
    exercise_action: int
    exercise_quantity: int
    account: str
    override: int


class OrderStatus(NamedTuple):
    order_id: int
    status: str
    filled: Decimal
    remaining: Decimal
    avg_fill_price: Decimal
    perm_id: int
    parent_id: int
    last_fill_price: Decimal
    client_id: int
    why_held: str = ""
    mkt_cap_price: Decimal = Decimal(0)


class OpenOrder(NamedTuple):
    order_id: int
    contract: ContractFields
    order: OrderFields
    state: OrderStateFields


class OpenOrderEnd(NamedTuple):
    pass


class CompletedOrder(NamedTuple):
    contract: ContractFields
    order: OrderFields
    state: OrderStateFields


class CompletedOrdersEnd(NamedTuple):
    pass


class ExecutionFields(NamedTuple):
    """An execution; `shares` is its size, `cum_qty` that of the order so far."""

    exec_id: str
    time: str
    acct_number: str
    exchange: str
    side: str
    shares: Decimal
    price: Decimal
    perm_id: int
    client_id: int
    liquidation: int
    cum_qty: Decimal
    avg_price: Decimal
    order_ref: str = ""
    ev_rule: str = ""
    ev_multiplier: MaxDecimal = None
    model_code: str = ""
    last_liquidity: int = 0
    pending_price_revision: Annotated[bool, Since(178)] = False


class ExecDetails(NamedTuple):
    """`req_id` is -1 for executions that nobody asked for."""

    req_id: int
    order_id: int
    contract: RoutedContract
    execution: ExecutionFields


class ExecDetailsEnd(NamedTuple):
    req_id: int


class CommissionReport(NamedTuple):
    exec_id: str
    commission: Decimal
    currency: str
    realized_pnl: MaxDecimal = None
    """``None`` on a trade that opens."""
    yield_: MaxDecimal = None
    yield_redemption_date: BlankInt = None


class OrderBound(NamedTuple):
    """A manual order got an id: `perm_id` is now (`client_id`, `order_id`)."""

    perm_id: int
    client_id: int
    order_id: int
