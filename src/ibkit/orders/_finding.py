"""Watching a group of an earlier run again, from what TWS still shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ibkit._ib._health import log
from ibkit.orders._book import book_of
from ibkit.orders._group import OrderGroup
from ibkit.orders._keeper import Keeper
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._neighbours import is_bracket
from ibkit.orders._recovery import Found, assumed_entries, executed_only, found_groups
from ibkit.orders._rolling import is_being_rolled, leave_split
from ibkit.orders._tradable import Tradable
from ibkit.orders._unprotected import UnprotectedPosition


def groups_of_this_client(keeper: Keeper) -> Iterator[Found]:
    """The groups that are not watched yet; those of other clients are left to them."""
    ledger = keeper.state.ledger
    orders, fills = ledger.all(), ledger.fills.all()
    orders += tuple(executed_only(orders, fills, ledger.client_id))
    for found in found_groups(orders, fills, keeper.groups.keys()):
        if ledger.client_id in found.clients:
            yield found
        elif found.clients:
            log.warning(
                "group %s belongs to client %s and is left to it: connect with that client id to "
                "watch it",
                found.group_id,
                ", ".join(map(str, sorted(found.clients))),
            )


def watch_again(keeper: Keeper, tradable: Tradable, group: OrderGroup, found: Found) -> GroupTrade:
    """Watch a group with all that can be known of what the earlier run did with it."""
    trade = GroupTrade(keeper, tradable, group)
    keeper.add(trade)
    for order in found.orders:
        keeper.take(order)
    tracks = book_of(trade).tracks
    for track in assumed_entries(group, tracks):
        tracks[track.role] = track
    for track in tracks.values():
        track.resent = max(len(track.orders) - 1, 0)
    # The user wanted to be out: exits beside the closing order would close twice.
    book_of(trade).closing = group.form != "close" and any(
        track.kind == "close" for track in tracks.values()
    )
    _mind_the_close(keeper, trade)
    _mind_rolls(keeper, trade)
    return trade


def _mind_the_close(keeper: Keeper, trade: GroupTrade) -> None:
    """DAY orders that are found done have expired where the day of the last fill is over."""
    ours, fills = trade.perm_ids, keeper.state.ledger.fills.all()
    filled = max((fill.time for fill in fills if fill.perm_id in ours), default=None)
    for track in book_of(trade).tracks.values():
        order = track.latest
        if filled is not None and order is not None and order.is_done:
            ends = trade.tradable.end_of(order.order, filled)
            if ends is not None and ends <= keeper.now():
                track.ends = ends


def _mind_rolls(keeper: Keeper, trade: GroupTrade) -> None:
    """What a roll has done before is no loss, and what it has begun is its own to finish."""
    orders = [order for track in book_of(trade).tracks.values() for order in track.orders]
    if any(order.contract.conId != trade.contract.conId for order in orders):
        book_of(trade).shift = None
        for track in book_of(trade).tracks.values():
            track.resent = 0  # it was moved, not lost
    if is_being_rolled(keeper.state.ledger, trade):
        leave_split(keeper, trade)


UNEXPLAINED = (
    "and no group that was found explains it: TWS tells nothing of orders that ended before today. "
    "If it should be protected, place oca() or trailing()"
)


def unexplained(
    keeper: Keeper, bare: Iterable[UnprotectedPosition]
) -> Iterator[UnprotectedPosition]:
    """The positions without a stop that are not those of groups, which tell it themselves."""
    for one in bare:
        groups = keeper.groups_on((one.account, one.contract.conId))
        side = "BUY" if one.size > 0 else "SELL"
        own = sum(t.open_size for t in groups if is_bracket(t) and t.side == side)
        if abs(one.size) > own:
            yield one
