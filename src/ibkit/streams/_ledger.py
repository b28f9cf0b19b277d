"""Who holds which market-data line: admit, share, queue, refuse, evict, cancel once.

Pure: every method takes the time and returns decisions in the order in which they are to be
carried out. The rules, all of which a state machine checks against a dict (tests/property):

* Equal specs share one request. A holder that wants more of it (generic ticks, book rows) has it
  replaced by a wider one, which opens before the old one is cancelled wherever a place is free,
  and in the place of the old one elsewhere.
* Whoever waits is served by priority, then by arrival. One who cannot be served yet reserves what
  is free of the pools it needs, so that a later one does not starve it.
* A request is cancelled once: when its last holder leaves or it is replaced, and not before it
  has been held for `minimum_hold`. Its place is free only then. What IB has ended by itself, or
  a lost connection, is never cancelled.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from attrs import evolve, frozen
from typing_extensions import final

from ibkit._ib._history_pacer import HistoryPacer

from ._decisions import (
    NOTHING_MORE,
    Cancel,
    Decision,
    Evict,
    Holder,
    Open,
    PoolStatistics,
    Refuse,
    Request,
    Share,
    Wait,
)
from ._kinds import Spec
from ._limits import Pool, StreamLimits
from ._places import Places
from ._queue import Entry, Queue


@frozen
class _Doomed:
    """A request that nobody holds any more, until it may be cancelled."""

    request: Request
    opened_at: float
    may_return: bool
    """Whether a new holder may take it over. One that is being replaced may not."""


@final
class Ledger:
    """The book of every request at one connection."""

    __slots__ = (
        "_doomed",
        "_entries",
        "_entry_of",
        "_live",
        "_paused",
        "_places",
        "_queue",
        "_sequence",
        "_token",
        "_widening",
        "protected",
    )

    def __init__(self, limits: StreamLimits, history: HistoryPacer | None = None) -> None:
        self.protected: frozenset[int] = frozenset()
        """conIds that are never evicted."""
        self._places = Places(limits, history or HistoryPacer())
        self._entries: dict[Spec, Entry] = {}
        self._entry_of: dict[int, Entry] = {}  # by the number of a holder
        self._live: dict[int, Entry] = {}  # by the token of its request
        self._doomed: dict[int, _Doomed] = {}  # by token
        self._widening: dict[Spec, None] = {}  # to be replaced by a wider request
        self._queue = Queue()
        self._paused = False
        self._token = itertools.count(1)
        self._sequence = itertools.count(1)

    # --- what holders do ---------------------------------------------------------------

    def acquire(
        self, holder: Holder, spec: Spec, wants: frozenset[int] = NOTHING_MORE, *, now: float
    ) -> list[Decision]:
        """Ask for *spec* on behalf of *holder*: shared, opened, queued or refused.

        Raises:
            ValueError: The holder has a line already.
        """
        if holder.number in self._entry_of:
            raise ValueError(f"{holder.name} holds {self._entry_of[holder.number].spec} already")
        out: list[Decision] = []
        entry = self._entries.get(spec) or self._new_entry(spec)
        self._join(entry, holder)
        entry.wants |= wants
        if entry.request is not None:
            out.append(Share(holder, entry.request))
            self._widen_when_due(entry, now, out)
            return out
        self._admit(now, out)
        if entry.request is None:
            out.append(self._refuse_or_wait(entry, holder, now))
        return out

    def release(self, number: int, *, now: float) -> list[Decision]:
        """Take the holder off its line; the last one to leave gives it up."""
        out: list[Decision] = []
        entry = self._entry_of.get(number)
        if entry is None:
            return out
        self._leave(entry, number)
        if not entry.holders:
            self._doom(entry, now, out, may_return=True)
        self._admit(now, out)
        return out

    # --- what IB does ------------------------------------------------------------------

    def sent(self, token: int, *, now: float) -> None:
        """The request has left; what counts from then on counts from *now*."""
        entry = self._live.get(token)
        if entry is not None:
            entry.opened_at = now
            self._places.sent(entry.spec, now)

    def refused(self, token: int, pool: Pool, *, now: float) -> list[Decision]:
        """IB refused this request because *pool* is full: learn the cap, queue the holders."""
        out: list[Decision] = []
        entry = self._ended(token)
        self._places.learn(pool, now)
        if entry is not None:
            self._queue.add(entry)
        self._admit(now, out)
        if entry is not None and entry.request is None:
            out += [self._refuse_or_wait(entry, one, now) for one in list(entry.holders.values())]
            self._admit(now, out)  # one that would not wait leaves what it had reserved
        return out

    def ended(self, token: int, *, now: float) -> list[Decision]:
        """IB ended this request for good: its holders are out, and nothing is to be cancelled."""
        out: list[Decision] = []
        entry = self._ended(token)
        if entry is not None:
            for number in list(entry.holders):
                self._leave(entry, number)
        self._admit(now, out)
        return out

    def again(self, token: int, *, now: float, alive: bool, delay: float = 0.0) -> list[Decision]:
        """Request this anew under a new token, *delay* seconds from now.

        Args:
            token: The request that delivers no more.
            now: The time.
            alive: Whether IB still knows the request, so that it has to be cancelled.
            delay: Seconds to wait before the new request.
        """
        out: list[Decision] = []
        entry = self._live.get(token)
        if entry is None:
            self._bury(token, alive=alive)
            return out
        entry.not_before = now + delay
        if alive:
            self._replace(entry, now, out)
        else:
            self._ended(token)
            self._queue.add(entry)
        self._admit(now, out)
        return out

    def lost(self) -> None:
        """Forget every request, because the connection is gone. Holders keep their places."""
        self._paused = True
        self._doomed.clear()
        self._widening.clear()
        self._places.forget()
        for entry in self._live.values():
            entry.request = None
            self._queue.add(entry)
        self._live.clear()

    def restored(self, *, now: float) -> list[Decision]:
        """Request everything again, because there is a connection."""
        out: list[Decision] = []
        self._paused = False
        self._admit(now, out)
        return out

    # --- time --------------------------------------------------------------------------

    def due(self, now: float) -> list[Decision]:
        """Do what had to wait for the time to pass. Call it at `deadline`."""
        out: list[Decision] = []
        self._places.alarms.ring(now)
        for doomed in list(self._doomed.values()):
            if self._places.held_long_enough(doomed.opened_at, now):
                self._cancel(doomed, out)
        for spec in list(self._widening):
            self._widen_when_due(self._entries[spec], now, out)
        self._admit(now, out)
        return out

    @property
    def deadline(self) -> float | None:
        """The time at which `due` may have something to do."""
        return self._places.alarms.first

    # --- reading -----------------------------------------------------------------------

    @property
    def evicts(self) -> bool:
        """Whether somebody waits for a line that may be taken from others."""
        return self._queue.evictors > 0

    def holders(self, spec: Spec) -> tuple[str, ...]:
        """Give the names of those who hold *spec* or wait for it."""
        entry = self._entries.get(spec)
        return tuple(holder.name for holder in entry.holders.values()) if entry else ()

    def statistics(self, *, now: float) -> dict[Pool, PoolStatistics]:
        """Give the use of every pool."""
        return {
            pool: PoolStatistics(
                used=self._places.used[pool],
                limit=self._places.cap(pool, now),
                waiting=self._queue.wanted[pool],
                holders=tuple(self._holders_of(pool)),
            )
            for pool in Pool
        }

    def _holders_of(self, pool: Pool) -> Iterator[str]:
        for entry in self._live.values():
            if pool in entry.pools:
                yield from (holder.name for holder in entry.holders.values())

    # --- joining and leaving ---------------------------------------------------------------

    def _new_entry(self, spec: Spec) -> Entry:
        entry = self._entries[spec] = Entry(spec, next(self._sequence))
        for doomed in self._doomed.values():
            if doomed.may_return and doomed.request.spec == spec:
                del self._doomed[doomed.request.token]
                entry.opened_at = doomed.opened_at
                entry.wants = doomed.request.wants
                self._attach(entry, doomed.request)
                break
        return entry

    def _join(self, entry: Entry, holder: Holder) -> None:
        self._queue.remove(entry)
        entry.holders[holder.number] = holder
        self._entry_of[holder.number] = entry
        if holder.when_full == "evict":
            entry.was_evicted = False
        if entry.request is None:
            self._queue.add(entry)

    def _leave(self, entry: Entry, number: int) -> None:
        waits = self._queue.remove(entry)
        del self._entry_of[number], entry.holders[number]
        if not entry.holders:
            del self._entries[entry.spec]
        elif waits:
            self._queue.add(entry)

    def _refuse_or_wait(self, entry: Entry, holder: Holder, now: float) -> Decision:
        full = self._full_pool(entry, now)
        if holder.when_full != "refuse" or full is None or self._paused:
            return Wait(holder)
        self._leave(entry, holder.number)
        limit = self._places.cap(full, now) or 0
        return Refuse(holder, full, limit, tuple(self._holders_of(full)))

    def _full_pool(self, entry: Entry, now: float) -> Pool | None:
        """Give the pool for want of which *entry* waits; ``None`` if only for the time."""
        for pool in entry.pools:
            if self._places.free(pool, now) < self._queue.up_to(entry, pool):
                return pool
        return None

    # --- admitting -----------------------------------------------------------------------

    def _admit(self, now: float, out: list[Decision]) -> None:
        """Serve those who wait, in order; each who cannot be served reserves what is free."""
        if self._paused or not self._queue:
            return
        wanted = [pool for pool in Pool if self._queue.wanted[pool]]
        free = {pool: self._places.free(pool, now) for pool in wanted}
        for entry in self._queue:
            if not self._queue.evictors and all(left <= 0 for left in free.values()):
                break
            if self._places.is_ready(entry, now):
                if all(free[pool] > 0 for pool in entry.pools):
                    self._open(entry, now, out)
                elif entry.evicts and self._evict_for(entry, free, now, out):
                    # What else the victims held goes to whoever waited longest for it.
                    self._admit(now, out)
                    return
            for pool in entry.pools:
                free[pool] -= 1
        self._places.alarm_growth(wanted, now)

    def _open(self, entry: Entry, now: float, out: list[Decision]) -> None:
        self._queue.remove(entry)
        entry.opened_at = now
        entry.not_before = 0.0
        request = Request(next(self._token), entry.spec, entry.wants)
        self._attach(entry, request)
        self._places.take(entry.spec, now)
        out.append(Open(request))

    def _attach(self, entry: Entry, request: Request) -> None:
        entry.request = request
        self._live[request.token] = entry

    # --- evicting ------------------------------------------------------------------------

    def _evict_for(
        self, entry: Entry, free: dict[Pool, float], now: float, out: list[Decision]
    ) -> bool:
        """Open *entry* in the place of others of no higher priority, if there are enough."""
        victims: list[Entry] = []
        for pool in entry.pools:
            if free[pool] <= 0:
                have = sum(pool in victim.pools for victim in victims)
                needed = max(1, 1 - int(self._places.free(pool, now))) - have
                chosen = self._victims(pool, entry, victims, now)[: max(0, needed)]
                if len(chosen) < needed:
                    return False
                victims += chosen
        for victim in victims:
            self._evict(victim, entry.spec, now, out)
        self._open(entry, now, out)
        return True

    def _evict(self, victim: Entry, by: Spec, now: float, out: list[Decision]) -> None:
        assert victim.request is not None
        out.append(Evict(victim.request, by))
        victim.was_evicted = True
        victim.sequence = next(self._sequence)
        self._doom(victim, now, out, may_return=False)
        self._queue.add(victim)

    def _victims(self, pool: Pool, by: Entry, chosen: list[Entry], now: float) -> list[Entry]:
        """Give whom *by* may evict: the least important first, among equals the oldest."""
        candidates = [
            entry
            for entry in self._live.values()
            if pool in entry.pools
            and entry not in chosen
            and entry.spec.con_id not in self.protected
            and entry.priority <= by.priority
            and self._places.held_long_enough(entry.opened_at, now)
        ]
        return sorted(candidates, key=lambda entry: (entry.priority, entry.sequence))

    # --- widening, replacing, cancelling ---------------------------------------------------

    def _widen_when_due(self, entry: Entry, now: float, out: list[Decision]) -> None:
        if entry.request is None or entry.wants <= entry.request.wants:
            return
        is_held = self._places.held_long_enough(entry.opened_at, now)
        if not is_held or not self._places.is_ready(entry, now):
            self._widening[entry.spec] = None
        elif all(self._places.free(pool, now) > 0 for pool in entry.pools):
            self._replace(entry, now, out)
            self._admit(now, out)
        else:  # in its own place: whoever waits must not take it from a line that delivers
            self._doom(entry, now, out, may_return=False)
            self._open(entry, now, out)

    def _replace(self, entry: Entry, now: float, out: list[Decision]) -> None:
        """Open *entry* anew: before the old request is cancelled, if a place is free for that."""
        overlap = all(self._places.free(pool, now) > 0 for pool in entry.pools)
        if overlap and self._places.is_ready(entry, now):
            old, opened_at = entry.request, entry.opened_at
            self._open(entry, now, out)
            assert old is not None
            self._doom_request(old, opened_at, now, out, may_return=False)
        else:
            self._doom(entry, now, out, may_return=False)
            self._queue.add(entry)

    def _doom(self, entry: Entry, now: float, out: list[Decision], *, may_return: bool) -> None:
        if entry.request is not None:
            request, entry.request = entry.request, None
            self._doom_request(request, entry.opened_at, now, out, may_return=may_return)

    def _doom_request(
        self,
        request: Request,
        opened_at: float,
        now: float,
        out: list[Decision],
        *,
        may_return: bool,
    ) -> None:
        del self._live[request.token]
        self._widening.pop(request.spec, None)
        doomed = self._doomed[request.token] = _Doomed(request, opened_at, may_return)
        if self._places.held_long_enough(opened_at, now):
            self._cancel(doomed, out)

    def _bury(self, token: int, *, alive: bool) -> None:
        """Let nobody take over a doomed request that delivers no more."""
        doomed = self._doomed.get(token)
        if doomed is not None and alive:
            self._doomed[token] = evolve(doomed, may_return=False)
        elif doomed is not None:
            self._ended(token)

    def _cancel(self, doomed: _Doomed, out: list[Decision]) -> None:
        del self._doomed[doomed.request.token]
        self._places.give_back(doomed.request.spec)
        out.append(Cancel(doomed.request))

    def _ended(self, token: int) -> Entry | None:
        """Forget a request that IB has ended; give its entry, if somebody still held it."""
        doomed = self._doomed.pop(token, None)
        if doomed is not None:
            self._places.give_back(doomed.request.spec)
            return None
        entry = self._live.pop(token, None)
        if entry is not None:
            self._places.give_back(entry.spec)
            self._widening.pop(entry.spec, None)
            entry.request = None
        return entry
