"""Carries out a plan of chunks: asks, cuts, looks for holes, keeps."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import final

from attrs import define, field, frozen
from ib_async import BarData, Contract

from ibkit._ib._questions import contract_key
from ibkit._ib._requests import Requests
from ibkit.errors import GatewayError, PacingViolation, RequestTimeout

from ._asking import Asking, all_of
from ._bar_sizes import DAY, bar_seconds
from ._chunks import UTC, Chunk, chunk_until_now, plan_chunks
from ._columns import BarColumns
from ._merge import NO_DATA, NO_SESSIONS, QUOTED, Hole, cut, find_holes, join_holes, moment
from ._pacing import Question
from ._progress import OnProgress, Progress
from ._sessions import Session, merged, read_schedule, whole_bars, within
from ._stores import BarStore, SeriesKey, Span, missing_spans

_MOST_SCHEDULE_DAYS = 365
ONLY_UNTIL_NOW = frozenset({"ADJUSTED_LAST"})
"""Kinds of data that IB refuses with an end date (users report so; gateway-behaviour 3.5)."""
_LONGEST_CLOSURE = dt.timedelta(days=5)


@frozen(kw_only=True)
class Wanted:
    """What is to be downloaded."""

    contract: Contract
    start: dt.datetime
    end: dt.datetime
    bar_size: str
    what: str
    use_rth: bool

    @property
    def seconds(self) -> int:
        """The length of a bar."""
        return bar_seconds(self.bar_size)

    @property
    def key(self) -> SeriesKey:
        """Its name in a store."""
        return SeriesKey(
            con_id=self.contract.conId,
            bar_size=self.bar_size,
            what=self.what,
            use_rth=self.use_rth,
        )


@final
@define(eq=False)
class Download:
    """One download of bars."""

    requests: Requests
    asking: Asking
    wanted: Wanted
    sessions: tuple[Session, ...] | None
    """When the market was open; None if nobody knows."""
    store: BarStore
    now: dt.datetime
    report: OnProgress
    pieces: list[tuple[dt.datetime, Sequence[BarData]]] = field(factory=list, init=False)
    holes: list[Hole] = field(factory=list, init=False)
    sent: int = field(default=0, init=False)
    _progress: Progress = field(factory=lambda: Progress(done=0, total=0, rows=0), init=False)

    async def run(self) -> BarColumns:
        """Download what the store does not have, and give all of it."""
        wanted = self.wanted
        kept = list(self.store.spans(wanted.key))
        chunks = self._plan(missing_spans(wanted.start, wanted.end, kept))
        self._note_unlisted()
        await self._load(kept)
        self._tell(total=len(chunks))
        await all_of(self._fetch(chunk) for chunk in chunks)
        self.pieces.sort(key=lambda piece: piece[0])
        self.holes = join_holes(sorted(self.holes, key=lambda hole: hole.start))
        whole = BarColumns()
        for _, bars in self.pieces:
            whole.extend(bars)
        return whole

    def _plan(self, missing: Sequence[Span]) -> list[Chunk]:
        size = self.wanted.bar_size
        if self.wanted.what in ONLY_UNTIL_NOW:
            return [chunk_until_now(*span, size, self.now) for span in missing]
        return [
            chunk
            for span in missing
            for chunk in plan_chunks(span.start, span.end, size, sessions=self.sessions)
        ]

    def _note_unlisted(self) -> None:
        """What lies before or after all sessions is not asked for, so say so."""
        if not self.sessions or self.wanted.seconds >= DAY:
            return
        first, last = self.sessions[0].start, self.sessions[-1].end
        for start, end in ((self.wanted.start, first), (last, self.wanted.end)):
            if end - start > _LONGEST_CLOSURE:
                self.holes.append(Hole(start, end, NO_SESSIONS))

    async def _load(self, kept: Sequence[Span]) -> None:
        wanted = self.wanted
        for span in kept:
            if span.end > wanted.start and span.start < wanted.end:
                start, end = max(span.start, wanted.start), min(span.end, wanted.end)
                bars = cut(self.store.read(wanted.key, span), start, end, moment)
                self._keep(start, end, bars)
                await asyncio.sleep(0)  # reading is work: let others go on

    async def _fetch(self, chunk: Chunk) -> None:
        answer = await self._ask(chunk)
        if answer and (rest := self._rest(chunk, moment(answer[0]))):
            answer = [*(await self._ask(rest)), *answer]
        bars = cut(answer, chunk.start, chunk.end, moment)
        span = Span(chunk.start, self._finished(chunk.end))
        if span.end > span.start:
            whole = BarColumns(bar for bar in bars if moment(bar) < span.end)
            self.store.write(self.wanted.key, span, whole)
        self._keep(chunk.start, chunk.end, bars)
        done = self._progress.done + 1
        self._tell(done=done, rows=self._progress.rows + len(bars), waiting=0.0)

    async def _ask(self, chunk: Chunk) -> list[BarData]:
        wanted = self.wanted
        end = chunk.until and min(chunk.until, self.now)

        async def send() -> list[BarData]:
            return await self.requests.historical_bars_async(
                wanted.contract,
                chunk.duration,
                wanted.bar_size,
                wanted.what,
                end=end,
                rth=wanted.use_rth,
            )

        identity = (wanted.key, end, chunk.duration)
        paced = wanted.seconds <= self.asking.pacing.largest_paced
        question = question_of(wanted.contract, wanted.what, identity, is_paced=paced)
        self.sent += 1
        answer = await self.asking.ask(question, send, lambda wait: self._tell(waiting=wait))
        return answer or []

    def _rest(self, chunk: Chunk, first: dt.datetime) -> Chunk | None:
        """What an answer left out that begins after a whole session that it should hold."""
        if not chunk.sessions or self.wanted.seconds >= DAY or first < chunk.sessions[0].end:
            return None
        left = plan_chunks(chunk.start, first, self.wanted.bar_size, sessions=self.sessions)
        return left[-1] if left else None

    def _finished(self, end: dt.datetime) -> dt.datetime:
        """Up to where no bar is under way."""
        last = self.now - dt.timedelta(seconds=self.wanted.seconds)
        if self.wanted.seconds >= DAY:
            last = dt.datetime.combine(last.date(), dt.time(), UTC)
        return min(end, last)

    def _keep(self, start: dt.datetime, end: dt.datetime, bars: Sequence[BarData]) -> None:
        self.pieces.append((start, BarColumns(bars)))
        self.holes += self._holes_in(start, end, bars)

    def _holes_in(
        self, start: dt.datetime, end: dt.datetime, bars: Sequence[BarData]
    ) -> list[Hole]:
        seconds, what = self.wanted.seconds, self.wanted.what
        if self.sessions is None:
            return [] if bars else [Hole(start, end, NO_DATA)]
        if seconds > DAY:
            opened = within(self.sessions, start, end)
            return [Hole(start, end, NO_DATA)] if opened and not bars else []
        if seconds == DAY:
            days = dict.fromkeys(_day(each.day) for each in self.sessions if each.end <= self.now)
            return find_holes(bars, within(days, start, end), seconds, quoted=False)
        bar = dt.timedelta(seconds=seconds)
        opened = whole_bars(self.sessions, start, min(end, self.now - bar), bar)
        return find_holes(bars, opened, seconds, quoted=what in QUOTED)

    def _tell(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        rows: int | None = None,
        waiting: float = 0.0,
    ) -> None:
        now = self._progress
        self._progress = Progress(
            done=now.done if done is None else done,
            total=now.total if total is None else total,
            rows=now.rows if rows is None else rows,
            waiting=waiting,
        )
        self.report(self._progress)


def _day(day: dt.date) -> Session:
    start = dt.datetime.combine(day, dt.time(), UTC)
    return Session(day, start, start + dt.timedelta(days=1))


def question_of(
    contract: Contract, what: str, identity: object, *, is_paced: bool = True
) -> Question:
    """A request as the pacing rules see it. A Contract is no key itself (traps B22)."""
    key = contract_key(contract)
    weight = 2 if what == "BID_ASK" else 1
    return Question((key, what, identity), (key, what), weight, is_paced)


async def sessions_of(
    requests: Requests,
    asking: Asking,
    contract: Contract,
    span: Span,
    *,
    use_rth: bool,
    now: dt.datetime,
) -> tuple[Session, ...] | None:
    """When a market was open; None if IB does not say, or names an unknown zone."""
    answers = []
    end = min(span.end + dt.timedelta(days=1), now)
    while end > span.start:
        days = min((end - span.start).days + 2, _MOST_SCHEDULE_DAYS)

        async def send(days: int = days, end: dt.datetime = end) -> tuple[Session, ...] | None:
            try:
                answer = await requests.historical_schedule_async(
                    contract, days, end=end, rth=use_rth
                )
            except PacingViolation:
                raise
            except (GatewayError, RequestTimeout):
                return None  # not for this contract; that is no reason to give up its bars
            return read_schedule(answer)

        question = question_of(contract, "SCHEDULE", (days, end), is_paced=False)
        found = await asking.ask(question, send, _ignore)
        if not found or found[0].start >= end:
            break
        answers.append(found)
        if days < _MOST_SCHEDULE_DAYS:
            break  # that reached back to the start, in trading days or in others
        end = found[0].start
    listed = merged(answers)
    return listed or None


def _ignore(_seconds: float) -> None:
    """Schedules are not paced."""
