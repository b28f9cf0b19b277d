"""What the groups really hold: fills against the account's position, asked about before it counts.

An exit that is cancelled because "somebody closed the position" leaves a naked position where that
is not so. So a position that says less than the fills is believed only when no trade waits for its
position message, and when TWS says the same twice after it was asked for executions and positions
anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeAlias, final

from attrs import evolve
from ib_async import Contract

from ibkit._ib import _compat as compat
from ibkit._ib._events import Subscriptions
from ibkit._ib._health import log
from ibkit._ib._taps import Taps
from ibkit.errors import IbkitError, RequestTimeout
from ibkit.orders._book import book_of
from ibkit.orders._holding import losses
from ibkit.orders._live_group import GroupTrade
from ibkit.orders._neighbours import Neighbours
from ibkit.orders._picture import study
from ibkit.state import FillChange, LiveState, TrueFill

Key: TypeAlias = tuple[str, int]
"""Account and conId."""

OVERDUE = 5.0
"""Seconds after a trade when its position message is not waited for any longer."""

TWICE = 1.0
"""Seconds after which TWS is asked a second time: one answer may lack a position."""

WITHOUT_POSITION = frozenset({"BAG", "CASH"})
"""A combo is held as its legs, and a currency pair as cash: neither has a position of its own."""

ZERO = Decimal(0)


@final
class Holdings:
    """Compares what groups have open with what the account holds."""

    def __init__(
        self,
        state: LiveState,
        near: Callable[[Key], Neighbours],
        look_again: Callable[[GroupTrade], None],
        compare_again: Callable[[Key], None],
    ) -> None:
        self._state, self._near = state, near
        self._look_again, self._compare_again = look_again, compare_again
        self._baselines: dict[Key, Decimal] = {}
        self._trades: dict[int, int] = {}
        """How many trades a contract had."""
        self._owed: dict[int, float] = {}
        """When a contract traded without a position message since."""
        self._sure: dict[Key, tuple[Decimal, int]] = {}
        """What TWS said when it was asked: position, after so many trades."""
        self._asking: set[Key] = set()
        health = state.link.requests.health
        self._listening = Subscriptions(health)
        self._listening.add(state.fill_changed, self._filled)
        self._listening.on_close(Taps(state.ib, health).position(self._told))

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()

    def _together(self, key: Key) -> list[GroupTrade]:
        return list(self._near(key).brackets)

    def begin(self, key: Key) -> None:
        """A group is about to be sent: what is there now is not its own."""
        free = not any(other.filled for other in self._together(key))
        if free and not self._is_owed(key):  # else it may be that of a group that has just ended
            self._baselines[key] = self._position(key)

    def found(self, trades: Iterable[GroupTrade]) -> None:
        """Groups were found again: what was there before them follows from the trades since."""
        for key in {key_of(trade) for trade in trades}:
            fills = [f for f in self._state.ledger.fills.all() if _key_of_fill(f) == key]
            ours = {perm_id for trade in self._near(key).groups for perm_id in trade.perm_ids}
            first = min((f.time for f in fills if f.perm_id in ours), default=None)
            if key not in self._baselines and first is not None:
                since = sum((f.signed_size for f in fills if f.time >= first), ZERO)
                self._baselines[key] = self._position(key) - since

    def rebase(self, key: Key) -> None:
        """The groups on a contract have what they say; the rest of its position is not theirs."""
        opens = sum(map(_signed_open, self._together(key)), ZERO)
        self._baselines[key] = self._position(key) - opens
        self._sure.pop(key, None)

    def held(self, trade: GroupTrade) -> Decimal | None:
        """
        What the account really has of a group, in its direction, as far as TWS was asked.

        ``None`` where nothing was lost, or there is no position to compare with. All groups on the
        contract are compared with it, and the others are looked at where this changes them.
        """
        key = key_of(trade)
        together = self._together(key)
        if trade.contract.secType in WITHOUT_POSITION or trade not in together:
            return None
        opens = [_signed_open(other) for other in together]
        known = [book_of(other).lost for other in together]
        if not self._is_owed(key):
            position = self._position(key)
            now = losses(position, self._baselines.get(key, ZERO), opens, known)
            if now != known and self._is_sure(key, position):
                self._keep(trade, together, now)
        return self.known(trade)

    def known(self, trade: GroupTrade) -> Decimal | None:
        """The same by what was known before; ``None`` where nothing was lost."""
        lost = book_of(trade).lost
        return abs(_signed_open(trade)) - lost if lost else None

    def _keep(self, trade: GroupTrade, together: list[GroupTrade], lost: list[Decimal]) -> None:
        for other, size in zip(together, lost, strict=True):
            if book_of(other).lost != size:
                book_of(other).lost = size
                if other is not trade:
                    self._look_again(other)

    # -- what is believed

    def _position(self, key: Key) -> Decimal:
        held = self._state.positions.of(key[0]).get(key[1])
        return held.size if held else ZERO

    def _is_owed(self, key: Key) -> bool:
        since = self._owed.get(key[1])
        return since is not None and compat.blocking_loop().time() - since < OVERDUE

    def _is_sure(self, key: Key, position: Decimal) -> bool:
        if self._sure.get(key) == (position, self._trades.get(key[1], 0)):
            return True
        if key not in self._asking:
            self._asking.add(key)
            health = self._state.link.requests.health
            health.spawn(self._ask(key), "asking TWS whether a position was closed elsewhere")
        return False

    async def _ask(self, key: Key) -> None:
        try:
            first = await self._told_now(key)
            await asyncio.sleep(TWICE)
            if first is not None and await self._told_now(key) == first:
                self._sure[key] = first
        except RequestTimeout as error:
            log.warning("whether a position was closed elsewhere is not known: %s", error)
        except IbkitError as error:  # a new connection is looked at anyway
            log.warning("whether a position was closed elsewhere is not known: %s", error)
            return
        finally:
            self._asking.discard(key)
        self._compare_again(key)

    async def _told_now(self, key: Key) -> tuple[Decimal, int] | None:
        """What TWS says of a position; ``None`` where it traded meanwhile."""
        requests = self._state.link.requests
        await requests.executions_async()
        before = self._trades.get(key[1], 0)
        await requests.positions_async()
        return (self._position(key), before) if before == self._trades.get(key[1], 0) else None

    # -- what happens

    def _told(self, account: str, contract: Contract, *_: object) -> None:
        self._owed.pop(contract.conId, None)
        self._compare_again((account, contract.conId))

    def _filled(self, change: FillChange) -> None:
        if change.before is None or change.before.size != change.after.size:
            con_id = change.after.contract.conId
            self._trades[con_id] = self._trades.get(con_id, 0) + 1
            if not change.after.recovered:
                self._owed[con_id] = compat.blocking_loop().time()


def key_of(trade: GroupTrade) -> Key:
    """Whose position a group trades."""
    return trade.group.account, trade.contract.conId


def _key_of_fill(fill: TrueFill) -> Key:
    return fill.account, fill.contract.conId


def _signed_open(trade: GroupTrade) -> Decimal:
    facts = book_of(trade).facts
    size = study(facts if facts.held is None else evolve(facts, held=None)).open
    return size if trade.side == "BUY" else -size
