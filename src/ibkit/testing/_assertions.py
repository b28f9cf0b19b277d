"""Assertions on what the broker really has, with readable differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from ib_async import Contract

from ibkit.errors import PlanError
from ibkit.sim import OrderView, SimGateway
from ibkit.testing._exposure import Key, is_exit, key_of, orphans, protection, sent_twice
from ibkit.testing._leftovers import describe_order

Named = Contract | str | int
"""A contract, a name such as ``"ES"`` or ``"ESH6"``, or a conId."""


def assert_flat(
    gateway: SimGateway, contract: Named | None = None, *, account: str | None = None
) -> None:
    """Fail unless nothing is held.

    Args:
        gateway: The gateway.
        contract: Only of this contract: an ib_async contract with its conId, or a name that the
            gateway's market knows, or a conId.
        account: Only in this account.

    Raises:
        LookupError: The market knows no such name.
        PlanError: There is no such account, or the contract has no conId.

    >>> from ibkit.sim import SimGateway
    >>> from ibkit.testing import assert_flat, run_virtual
    >>> async def main():
    ...     async with SimGateway(port=None) as gateway:
    ...         assert_flat(gateway, "ES")
    >>> run_virtual(main())
    """
    wrong = [
        f"{_holds(gateway, key, held)}; expected nothing"
        for key, held in _positions(gateway, _scope(gateway, contract, account))
    ]
    _fail_if("not flat", wrong)


def assert_protected(
    gateway: SimGateway, contract: Named | None = None, *, account: str | None = None
) -> None:
    """Fail unless the stops at work would close each position, and no more than that.

    A stop is of a type STP, STP LMT, TRAIL or TRAIL LIMIT and not being cancelled. A child
    counts for what its parent was filled, and of an OCA group only the largest member counts.
    Stops for more than the position would turn it round, so they fail too. Nothing held is
    protected. Arguments as in `assert_flat`.
    """
    wrong = []
    for key, held in _positions(gateway, _scope(gateway, contract, account)):
        covered = protection(gateway.truth.orders, key, held)
        if covered != abs(held):
            wrong.append(_unprotected(gateway, key, held, covered))
    _fail_if("not protected", wrong)


def assert_no_orphans(
    gateway: SimGateway,
    contract: Named | None = None,
    *,
    account: str | None = None,
    exits: Callable[[OrderView], bool] = is_exit,
) -> None:
    """Fail if an exit lives that has nothing to close, now or when its parent fills.

    Arguments as in `assert_flat`, and:

    Args:
        gateway: The gateway.
        contract: Only of this contract.
        account: Only in this account.
        exits: Which orders are exits. By default those that have a parent, and those whose
            `orderRef` ibkit wrote for an exit; a stop that you placed alone may be an entry.
    """
    scope, truth = _scope(gateway, contract, account), gateway.truth
    live = [order for order in truth.orders if scope.covers(key_of(order))]
    found = orphans(truth.orders, truth.positions, filter(exits, live))
    wrong = [
        f"{order.account}: {describe_order(gateway, order)} has nothing to close: "
        f"{_holds(gateway, key_of(order), truth.positions.get(key_of(order), Decimal(0)))}"
        for order in found
    ]
    _fail_if("orphaned orders", wrong)


def assert_sent_once(gateway: SimGateway, order_ref: str | None = None) -> None:
    """Fail if one `orderRef` came with two orders, alive or ended today.

    Args:
        gateway: The gateway.
        order_ref: This one must have come exactly once. Without it every one at most once;
            orders that carry none cannot be told apart, and are passed over.
    """
    _scope(gateway, None, None)
    orders = (*gateway.truth.orders, *gateway.truth.completed_orders)
    if order_ref is not None:
        orders = tuple(order for order in orders if order.terms.order_ref == order_ref)
        _fail_if("not sent", [] if orders else [f"no order carries the orderRef {order_ref!r}"])
    wrong = [
        f"orderRef {ref!r}, expected on one order: "
        + "; ".join(describe_order(gateway, order) for order in many)
        for ref, many in sent_twice(orders).items()
    ]
    _fail_if("sent more than once", wrong)


# --- what is asked, and what to say ---------------------------------------------------


class _Scope(NamedTuple):
    """What an assertion is about; ``None``: all of them."""

    con_id: int | None
    account: str | None

    def covers(self, key: Key) -> bool:
        return self.account in {None, key[0]} and self.con_id in {None, key[1]}


def _scope(gateway: SimGateway, contract: Named | None, account: str | None) -> _Scope:
    """Refuse names that nothing has: of those everything could be asserted."""
    if not isinstance(gateway, SimGateway):
        raise PlanError("gateway", gateway, "the SimGateway comes first, as assert_flat(gateway)")
    known = [one.name for one in gateway.scenario.accounts]
    if account is not None and account not in known:
        raise PlanError("account", account, f"the gateway has {', '.join(known)}")
    return _Scope(None if contract is None else _con_id(gateway, contract), account)


def _con_id(gateway: SimGateway, contract: Named) -> int:
    name = contract.conId if isinstance(contract, Contract) else contract
    if name == 0:
        raise PlanError("contract", contract, "it is not qualified, and needs its conId")
    return gateway.market.instrument(name).con_id


def _positions(gateway: SimGateway, scope: _Scope) -> list[tuple[Key, Decimal]]:
    return [item for item in gateway.truth.positions.items() if scope.covers(item[0])]


def _holds(gateway: SimGateway, key: Key, held: Decimal) -> str:
    account, con_id = key
    name = gateway.market.instrument(con_id).local_symbol
    return (
        f"{account} holds {held.normalize():f} {name}" if held else f"{account} is flat in {name}"
    )


def _unprotected(gateway: SimGateway, key: Key, held: Decimal, covered: Decimal) -> str:
    turned = ", and the rest would turn the position round" if covered > abs(held) else ""
    orders = [
        f"\n    {describe_order(gateway, order)}, {order.working.normalize():f} at work"
        for order in gateway.truth.orders
        if key_of(order) == key
    ]
    return (
        f"{_holds(gateway, key, held)}; expected stops for {abs(held).normalize():f}, "
        f"found stops for {covered.normalize():f}{turned}"
        f"{''.join(orders) or '; no order is live'}"
    )


def _fail_if(title: str, wrong: Iterable[str]) -> None:
    if lines := list(wrong):
        raise AssertionError("\n  ".join([f"{title}:", *lines]))
