"""Changes that a user asks for: sent one at a time per order, and waited for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
from ib_async import Order

from ibkit._ib._arguments import seconds, whole
from ibkit.errors import OrderRejected, PlanError
from ibkit.orders._book import book_of
from ibkit.orders._facts import LegStatus
from ibkit.orders._legs import Leg
from ibkit.orders._lifecycle import GroupStatus
from ibkit.orders._modify import moved
from ibkit.orders._numbers import number as to_number, plain
from ibkit.orders._observe import Track, rejected, same_order
from ibkit.orders._planned import EXITS, OPPOSITE, PlannedOrder, side_of
from ibkit.orders._rules import check_prices
from ibkit.orders._types import read_leg
from ibkit.products._grid import Price
from ibkit.state import TrueOrder
from ibkit.state._ledger import same_terms

if TYPE_CHECKING:
    from ibkit.orders._keeper import Keeper
    from ibkit.orders._live_group import GroupTrade


async def change_async(
    keeper: Keeper,
    trade: GroupTrade,
    track: Track,
    *,
    leg: Leg | None = None,
    size: Decimal | None = None,
    timeout: float,
) -> None:
    """
    Change a live order and wait for the answer of TWS.

    A change repeats the whole order. So it waits until an earlier one is answered, or it would
    take that one back.
    """
    what = f"changing {track.role}"
    async with book_of(trade).changing.setdefault(track.role, asyncio.Lock()):
        while not _is_free(track):
            await keeper.answer_async(trade, lambda: _is_free(track), timeout, what)
        keeper.require_up(what)
        before = keeper.outbox.own(track.latest)
        if before.is_done:
            raise _refusal(track, before, before)
        wanted = keeper.outbox.change(trade.contract, before, leg=leg, size=size)
        await keeper.answer_async(trade, lambda: _is_free(track), timeout, what)
        after = next(order for order in track.orders if same_order(order, before))
        if after.refused is not None or not same_terms(wanted, after.order):
            raise _refusal(track, before, after)


def _is_free(track: Track) -> bool:
    order = track.latest
    return order is None or order.is_done or (order.wanted is None and order.certain)


def _refusal(track: Track, before: TrueOrder, after: TrueOrder) -> OrderRejected:
    if after.refused is not None:
        return rejected(after.refused, track.role)
    if after.messages and after.messages != before.messages:
        return rejected(after.messages[-1], track.role)
    ended = f"it has ended ({after.status})" if after.is_done else "TWS shows its old terms"
    return OrderRejected(0, ended, track.role)


async def resize_async(
    keeper: Keeper, trade: GroupTrade, size: Decimal, number: int, timeout: float
) -> None:
    """Resize a slice; see `GroupTrade.resize_async`."""
    async with book_of(trade).changing.setdefault("", asyncio.Lock()):  # gates see one at a time
        roles = _free_slice(trade, number).keys()

        def resized(order: PlannedOrder) -> PlannedOrder:
            return attrs.evolve(order, size=size) if order.role in roles else order

        await keeper.gatekeeper.pass_change_async(trade, resized, "resizing a slice")
        await _resize_async(keeper, trade, _free_slice(trade, number), size, timeout)


def _free_slice(trade: GroupTrade, number: int) -> dict[str, Track]:
    tracks = _slice(trade, number)
    for leg in trade.facts.legs:
        if leg.role in tracks and (leg.filled or leg.status is not LegStatus.WORKING):
            now = f"{leg.role} is {leg.status.name}, {plain(leg.filled)} filled"
            raise PlanError("resize", now, "a slice that works and of which nothing is filled")
    return tracks


async def _resize_async(
    keeper: Keeper, trade: GroupTrade, tracks: dict[str, Track], size: Decimal, timeout: float
) -> None:
    entries = [track for track in tracks.values() if track.kind == "entry"]
    exits = [track for track in tracks.values() if track.kind != "entry"]
    grows = any(size > track.size for track in entries)
    book_of(trade).resizing += 1
    try:
        for track in [*exits, *entries] if grows else [*entries, *exits]:  # never exits too small
            await change_async(keeper, trade, track, size=size, timeout=timeout)
            track.size = size
    finally:
        book_of(trade).resizing -= 1
        keeper.look_again(trade)


def _slice(trade: GroupTrade, number: int) -> dict[str, Track]:
    group = trade.group
    mine = [order.role for order in group.legs if order.number in {number, 0}]
    if group.form == "separate":
        mine = [order.role for order in group.legs if (order.number or 1) == number]
    elif group.form == "managed" or group.slices > 1:
        raise PlanError("resize", group.form, "a group whose slices are separate, or one order")
    tracks = {role: trade.track(role) for role in mine}
    if not tracks:
        raise PlanError("number", number, f"a slice from 1 to {group.slices}")
    # of a group that was found without its entry, that entry has filled all the same
    assumed = {t.role: t for t in book_of(trade).tracks.values() if t.assumed}
    return tracks | {r: t for r, t in assumed.items() if t.number in {number, 0}}


async def known_async(keeper: Keeper, trade: GroupTrade, timeout: float) -> None:
    """Wait until what TWS has of a group is known. Every verb begins here."""
    seconds(timeout)
    keeper.require_up("changing a group")

    def known() -> bool:
        return trade.status is not GroupStatus.UNKNOWN

    await keeper.answer_async(trade, known, timeout, "asking for orders")


async def live_async(
    keeper: Keeper, trade: GroupTrade, kind: str, number: int | None, timeout: float
) -> list[Track]:
    """The live orders of a kind, of every slice or of one; `PlanError` where there is none."""
    if number is not None:
        number = whole(number, "number", 1)
    await known_async(keeper, trade, timeout)
    found = [t for t in _live(trade) if t.kind == kind and number in (None, t.number)]
    if not found:
        which = f"{kind} {number}" if number else kind
        raise PlanError(kind, number, f"this group has no live {which} ({trade.status.name})")
    return found


def _live(trade: GroupTrade) -> list[Track]:
    return [trade.track(leg.role) for leg in trade.facts.legs if leg.live]


async def move_async(
    keeper: Keeper,
    trade: GroupTrade,
    kind: str,
    price: Price,
    number: int | None,
    timeout: float,
) -> None:
    """Move the exits of a kind, of every slice or of one, to a price that is put on the grid."""
    rounded = trade.tradable.grid.round_for(OPPOSITE[trade.side], to_number("price", price))
    changes = []
    for track in await live_async(keeper, trade, kind, number, timeout):
        order = keeper.outbox.own(track.latest)
        changes.append((track, moved(read_leg(order.order), rounded)))
    _check_prices(keeper, trade, {track.role: leg for track, leg in changes})
    await change_all_async(keeper, trade, changes, timeout)


def _check_prices(keeper: Keeper, trade: GroupTrade, changes: Mapping[str, Leg]) -> None:
    """Refuse a stop beyond its target, or beyond the entry while nothing of that has filled."""
    legs = dict(changes)
    for track in _live(trade):
        with contextlib.suppress(PlanError):  # changed by hand to what no leg stands for
            legs.setdefault(track.role, read_leg(keeper.outbox.own(track.latest).order))
    filled = {leg.role for leg in trade.facts.legs if leg.filled}
    orders = [
        attrs.evolve(order, leg=legs[order.role])
        for order in trade.group.legs
        if order.role in legs and not (order.kind == "entry" and order.role in filled)
    ]
    check_prices(orders, trade.side, attached=trade.group.form == "attached")


async def move_role_async(
    keeper: Keeper, trade: GroupTrade, role: str, price: Price, timeout: float
) -> None:
    """Move one order to a price that is put on the grid; see `GroupTrade.move_async`."""
    track = trade.track(role)
    await known_async(keeper, trade, timeout)
    if track not in _live(trade):
        raise PlanError("role", role, f"it does not live ({trade.status.name})")
    now = {t.role: keeper.outbox.own(t.latest).order for t in _live(trade)}
    rounded = trade.tradable.grid.round_for(side_of(now[role].action), to_number("price", price))
    leg = moved(read_leg(now[role]), rounded)
    if track.kind in {"stop", "target"}:
        _check_prices(keeper, trade, {role: leg})
    else:
        _check_plan(trade, now, {role: leg})
    if track.kind not in EXITS:
        await keeper.gatekeeper.pass_change_async(
            trade,
            lambda order: attrs.evolve(order, leg=leg) if order.role == role else order,
            f"changing {role}",
        )
    await change_async(keeper, trade, track, leg=leg, timeout=timeout)


def _check_plan(trade: GroupTrade, now: Mapping[str, Order], changes: Mapping[str, Leg]) -> None:
    """Refuse what the group could not have been planned with."""
    legs = {**{role: read_leg(order) for role, order in now.items()}, **changes}
    planned = {order.role for order in trade.group.legs}
    trade.group.evolve(legs={role: leg for role, leg in legs.items() if role in planned})


async def change_all_async(
    keeper: Keeper, trade: GroupTrade, changes: Iterable[tuple[Track, Leg]], timeout: float
) -> None:
    """Change orders side by side; the first refusal is raised when all are answered."""
    work = [change_async(keeper, trade, t, leg=leg, timeout=timeout) for t, leg in changes]
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def cancel_async(keeper: Keeper, trade: GroupTrade, timeout: float) -> None:
    """Cancel the entry, or everything where nothing is open, and wait for the answers."""
    await known_async(keeper, trade, timeout)
    live = _live(trade)
    entries = [track for track in live if track.kind == "entry"]
    tracks = entries or ([] if trade.open_size else live)
    orders = [(track, keeper.outbox.own(track.latest)) for track in tracks]
    for track, order in orders:
        track.cancel_asked = True
        keeper.outbox.cancel(order)
    keeper.cancelling.remember(order for _, order in orders)
    roles = {track.role for track in tracks}

    def done() -> bool:
        gone = not any(leg.live and leg.role in roles for leg in trade.facts.legs)
        return gone and (trade.is_over or bool(trade.open_size))

    await keeper.answer_async(trade, done, timeout, "cancelling orders")
