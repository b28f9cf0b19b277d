"""Orders and executions as messages, with the echo details of captures (1.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire
from ibkit.sim._engine import Fill, Margins, OrderBound, OrderView, WhatIfAnswered
from ibkit.sim._session._texts import stamp

if TYPE_CHECKING:
    from ibkit.sim._session._floor import Floor

ZERO = Decimal(0)
SHAREHOLDER = "Not an insider or substantial shareholder"


def client_order(view: OrderView) -> wire.OrderFields:
    """What the client sent, with what the broker made of it."""
    sent = view.terms.source
    order = sent.order if isinstance(sent, wire.PlaceOrder) else wire.OrderFields()
    terms = view.terms
    return order._replace(
        action=terms.action,
        total_quantity=terms.quantity,
        order_type=terms.order_type,
        lmt_price=ZERO if terms.limit_price is None else terms.limit_price,
        aux_price=ZERO if terms.aux_price is None else terms.aux_price,
        trail_stop_price=terms.trail_stop_price,
        trailing_percent=terms.trailing_percent,
        lmt_price_offset=terms.limit_offset,
        tif=terms.tif or "DAY",
        oca_group=terms.oca_group,
        oca_type=terms.oca_type or 3,
        account=view.account,
        order_ref=terms.order_ref,
        parent_id=terms.parent_id,
        client_id=view.key.client_id,
        perm_id=view.perm_id,
        parent_perm_id=view.parent_perm_id,
        filled_quantity=view.filled,
        open_close="",
        clearing_intent="IB",
        delta_neutral_order_type="None",
        adjusted_order_type=terms.adjusted_type or "None",
        shareholder=SHAREHOLDER,
        dont_use_auto_price_for_hedge=True,
        volatility_type=0,
        reference_price_type=0,
    )


def open_order(floor: Floor, view: OrderView) -> wire.OpenOrder:
    """OpenOrder."""
    state = wire.OrderStateFields(
        status=view.status,
        commission=view.commission,
        commission_currency=view.commission_currency,
        warning_text=view.warning,
    )
    contract = floor.contract(view.con_id, view.exchange)
    return wire.OpenOrder(view.key.order_id, contract, client_order(view), state)


def order_status(view: OrderView) -> wire.OrderStatus:
    """OrderStatus."""
    return wire.OrderStatus(
        order_id=view.key.order_id,
        status=view.status,
        filled=view.filled,
        remaining=view.remaining,
        avg_fill_price=view.average_price,
        perm_id=view.perm_id,
        parent_id=view.terms.parent_id,
        last_fill_price=view.last_price,
        client_id=view.key.client_id,
        why_held=view.why_held,
    )


def what_if_order(floor: Floor, event: WhatIfAnswered) -> wire.OpenOrder:
    """OpenOrder with the margins of a what-if."""
    view, margins = event.order, event.margins
    order = client_order(view)._replace(what_if=True)
    contract = floor.contract(view.con_id, view.exchange)
    return wire.OpenOrder(view.key.order_id, contract, order, _margins(view, margins))


def _margins(view: OrderView, margins: Margins) -> wire.OrderStateFields:
    return wire.OrderStateFields(
        status=view.status,
        init_margin_before=margins.initial_before,
        init_margin_change=margins.initial_change,
        init_margin_after=margins.initial_before + margins.initial_change,
        maint_margin_before=margins.maintenance_before,
        maint_margin_change=margins.maintenance_change,
        maint_margin_after=margins.maintenance_before + margins.maintenance_change,
        equity_with_loan_before=margins.equity_before,
        equity_with_loan_change=margins.equity_change,
        equity_with_loan_after=margins.equity_before + margins.equity_change,
        commission=margins.commission,
        commission_currency=margins.commission_currency,
        warning_text=view.warning,
    )


def completed_order(floor: Floor, view: OrderView) -> wire.CompletedOrder:
    """completedOrder: without the client's id, with what became of it (1.10)."""
    when = stamp(view.completed_time, floor.scenario.zone) if view.completed_time else ""
    state = wire.OrderStateFields(
        status=view.status, completed_time=when, completed_status=view.completed_status
    )
    contract = floor.contract(view.con_id, view.exchange)
    return wire.CompletedOrder(contract, client_order(view), state)


def exec_details(floor: Floor, req_id: int, fill: Fill) -> wire.ExecDetails:
    """execDetails; *req_id* is -1 for a fill that has just happened."""
    execution = wire.ExecutionFields(
        exec_id=fill.exec_id,
        time=stamp(fill.time, floor.scenario.zone),
        acct_number=fill.account,
        exchange=fill.exchange,
        side=fill.side,
        shares=fill.quantity,
        price=fill.price,
        perm_id=fill.perm_id,
        client_id=fill.key.client_id,
        liquidation=0,
        cum_qty=fill.cumulative,
        avg_price=fill.average_price,
        order_ref=fill.order_ref,
        last_liquidity=fill.liquidity,
    )
    contract = floor.contract(fill.con_id, fill.exchange)
    return wire.ExecDetails(req_id, fill.key.order_id, contract, execution)


def commission_report(fill: Fill) -> wire.CommissionReport:
    """CommissionReport."""
    return wire.CommissionReport(
        exec_id=fill.exec_id,
        commission=fill.commission,
        currency=fill.commission_currency,
        realized_pnl=fill.realized_pnl,
    )


def bound(event: OrderBound) -> wire.OrderBound:
    """OrderBound."""
    return wire.OrderBound(event.perm_id, event.key.client_id, event.key.order_id)
