"""What the live state shows, compared with what the broker really has."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ibkit.state import LiveState, Owner, Phase, Snapshot, TrueOrder

OURS = 3


def check_all(state: LiveState, truth, accounts: Sequence[str]) -> None:
    check_positions(state, truth, accounts)
    check_orders(state, truth)
    check_known(state, truth)
    check_fills(state, truth)
    check_money(state, truth, accounts)
    picture = state.snapshot()
    assert Snapshot.from_json(picture.to_json()) == picture


def check_positions(state: LiveState, truth, accounts: Sequence[str]) -> None:
    for account in accounts:
        true = {con_id: size for (name, con_id), size in truth.positions.items() if name == account}
        assert {con_id: h.size for con_id, h in state.positions.of(account).items()} == true
        if account == accounts[0]:  # TWS tells the portfolio of one account
            shown = {con_id: row.size for con_id, row in state.portfolio.items()}
            assert {con_id: size for con_id, size in shown.items() if size} == true
    for con_id in {con_id for _, con_id in truth.positions}:
        assert state.positions.total(con_id) == sum(
            size for (_, each), size in truth.positions.items() if each == con_id
        )


def check_orders(state: LiveState, truth) -> None:
    """What is certain is true, whoever's it is; and none of ours is left out."""
    live = {order.perm_id: order for order in truth.orders}
    ended = {order.perm_id: order for order in truth.completed_orders}
    for order in state.orders.all:
        assert order.owner in owners_of(order, {**live, **ended}), order
        if not order.certain:
            continue
        if order.perm_id in live:
            check_live(order, live[order.perm_id], truth)
        elif order.perm_id in ended:
            check_ended(order, ended[order.perm_id], truth)
        elif order.phase is not Phase.SENT or order.wanted is None:
            assert order.is_done, order
            assert order.status in {"Rejected", "Missing"}, order
    shown = {order.perm_id for order in state.orders.all}
    ours = {perm_id for perm_id, order in live.items() if is_ours(order)}
    assert not ours - shown, "the broker has orders that are not shown"


def owners_of(order: TrueOrder, true) -> set[Owner]:
    """TWS does not say who placed an order that it tells of as completed only."""
    if order.perm_id not in true:
        return {Owner.OURS}  # refused, or never arrived: nobody but us ever spoke of it
    key = true[order.perm_id].key
    silent = {Owner.UNKNOWN} if order.is_done else set()
    if key.client_id == OURS:
        return {Owner.OURS} | silent
    return {Owner.CLIENT if key.order_id else Owner.MANUAL} | silent


def is_ours(order) -> bool:
    return order.key.client_id == OURS


def check_known(state: LiveState, truth) -> None:
    """TWS was asked for everything: what lives is shown, of others too, and nothing else lives."""
    live = {order.perm_id: order for order in truth.orders}
    shown = {order.perm_id: order for order in state.orders.open}
    assert shown.keys() == live.keys()
    for perm_id, order in shown.items():
        assert order.certain == is_ours(live[perm_id]), order
        check_live(order, live[perm_id], truth)


def check_live(order: TrueOrder, true, truth) -> None:
    assert not order.is_done, order
    assert order.status == true.status, order
    check_filled(order, true, truth)
    if order.wanted is None:
        assert order.size == true.terms.quantity, order
        assert order.order.action == true.terms.action, order
        assert order.order.account == true.account, order
        if true.terms.limit_price is not None:
            assert Decimal(str(order.order.lmtPrice)) == true.terms.limit_price, order


def check_ended(order: TrueOrder, true, truth) -> None:
    assert order.is_done, order
    check_filled(order, true, truth)
    if "Filled" in {order.status, true.status}:
        assert order.status == true.status, order


def check_filled(order: TrueOrder, true, truth) -> None:
    """What was taken back is not counted by one that saw it; the broker counts on."""
    traded = [f for f in truth.fills if (f.perm_id, f.con_id) == (true.perm_id, true.con_id)]
    assert order.filled in {true.filled, sum(f.quantity for f in traded)}, order


def check_fills(state: LiveState, truth, of: int | None = None) -> None:
    """Compare all fills, or those of one client: of others TWS tells when it is asked."""
    true = {f.exec_id: f for f in truth.fills if of in {None, f.key.client_id}}
    shown = {f.exec_id: f for f in state.fills.values() if of in {None, f.client_id}}
    assert shown.keys() == true.keys()
    for exec_id, fill in true.items():
        seen = shown[exec_id]
        assert (seen.size, seen.price, seen.side) == (fill.quantity, fill.price, fill.side)
        assert (seen.account, seen.contract.conId) == (fill.account, fill.con_id)
        assert seen.commission in {fill.commission, None}


def check_money(state: LiveState, truth, accounts: Sequence[str]) -> None:
    figures = truth.figures(accounts[0])
    assert state.account.cash[figures.currency] == round(figures.total_cash, 2)
