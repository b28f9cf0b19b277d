"""Carries out a plan of chunks: asks, cuts, looks for holes, keeps."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import final

from attrs import define, field

from ibkit._ib._bar_columns import BarColumns
from ibkit._ib._bar_sizes import DAY
from ibkit._ib._history_asking import Asking, all_of, question_of
from ibkit._ib._requests import Requests

from ._chunks import UTC, Chunk, chunk_until_now, plan_chunks
from ._merge import NO_DATA, NO_SESSIONS, QUOTED, Hole, find_holes, join_holes, moment
from ._progress import OnProgress, Progress
from ._sessions import Session, whole_bars, within
from ._stores import BarStore, Span, missing_spans
from ._wanted import Wanted

ONLY_UNTIL_NOW = frozenset({"ADJUSTED_LAST"})
"""Kinds of data that IB refuses with an end date (users report so; gateway-behaviour 3.5)."""
_LONGEST_CLOSURE = dt.timedelta(days=5)


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
    pieces: list[tuple[dt.datetime, BarColumns]] = field(factory=list, init=False)
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
                kept_bars = self.store.read(wanted.key, span)
                if not isinstance(kept_bars, BarColumns):
                    kept_bars = BarColumns(kept_bars)
                self._keep(start, end, kept_bars.cut(start, end))
                await asyncio.sleep(0)  # reading is work: let others go on

    async def _fetch(self, chunk: Chunk) -> None:
        answer = await self._ask(chunk)
        if answer and (rest := self._rest(chunk, moment(answer[0]))):
            missed = await self._ask(rest)
            missed.extend(answer)
            answer = missed
        bars = answer.cut(chunk.start, chunk.end)
        span = Span(chunk.start, self._finished(chunk.end))
        if span.end > span.start:
            self.store.write(self.wanted.key, span, bars.cut(span.start, span.end))
        self._keep(chunk.start, chunk.end, bars)
        done = self._progress.done + 1
        self._tell(done=done, rows=self._progress.rows + len(bars), waiting=0.0)

    async def _ask(self, chunk: Chunk) -> BarColumns:
        wanted = self.wanted
        end = chunk.until and min(chunk.until, self.now)

        async def send() -> BarColumns:
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
        return BarColumns() if answer is None else answer

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

    def _keep(self, start: dt.datetime, end: dt.datetime, bars: BarColumns) -> None:
        self.pieces.append((start, bars))
        self.holes += self._holes_in(start, end, bars)

    def _holes_in(self, start: dt.datetime, end: dt.datetime, bars: BarColumns) -> list[Hole]:
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
