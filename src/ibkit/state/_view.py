"""The live view: a mapping that reads through, tells its changes, and refuses to guess."""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from attrs import frozen
from typing_extensions import Self

from ibkit._ib._arguments import plain_function, wait_seconds
from ibkit._ib._blocking import blocking
from ibkit._ib._events import SafeEvent
from ibkit._ib._link import Link
from ibkit.errors import IbkitError, StateUnknown, WaitTimeout

from ._freshness import Freshness, Level, freshness_of, require_known
from ._tables import Row, frame, html_table, text_table

if TYPE_CHECKING:
    import pandas as pd

_ENDED = "the desk or state was closed and listens no more; make a new one"
K = TypeVar("K")
V = TypeVar("V")

BUFFER = 10_000
"""Changes that `View.changes` keeps for a reader that is slow."""


@frozen
class Added(Generic[K, V]):
    """A key is there that was not."""

    key: K
    after: V


@frozen
class Changed(Generic[K, V]):
    """What a key stands for is not what it was."""

    key: K
    before: V
    after: V


@frozen
class Removed(Generic[K, V]):
    """A key is gone."""

    key: K
    before: V


ViewChange = Added[K, V] | Changed[K, V] | Removed[K, V]
"""What can happen to an entry of a view."""


class View(Mapping[K, V]):
    """
    A mapping that is always current.

    It keeps no copy: every read asks what ib_async or the ledger holds now. While the
    connection is down, reading raises `NotConnected`; while it is synchronising,
    `StateUnknown`. It is never empty because something is not known.
    """

    reads_through: ClassVar[bool] = True
    """Whether it can be read when nobody listens any more; False where it would be of the past."""

    def __init__(
        self,
        name: str,
        link: Link,
        read: Callable[[], Mapping[K, V]],
        row: Callable[[V], Row],
        changed: SafeEvent[ViewChange[K, V]],
        wakes: SafeEvent[ViewChange[K, V]] | None = None,
    ) -> None:
        self._name, self._link, self._read, self._row = name, link, read, row
        self._ended = False
        self._wakes = wakes or changed
        """Whatever may change the answer of a predicate."""
        self.changed = changed
        """Emits `Added`, `Changed` and `Removed` as they happen."""

    @property
    def freshness(self) -> Freshness:
        """How far the view can be trusted now."""
        reason = self._unreadable()
        return Freshness(Level.UNKNOWN, None, reason) if reason else freshness_of(self._link)

    def end(self) -> None:
        """Nobody listens any more: it tells no changes, and may be of the past."""
        self._ended = True

    # -- reading

    def require_known(self) -> None:
        """Raise `NotConnected` or `StateUnknown` unless the view can be read now."""
        require_known(self._link, self._name)
        if reason := self._unreadable():
            raise StateUnknown(self._name, reason)

    def _unreadable(self) -> str:
        """Why nothing can be said although the link may be up; empty where it can."""
        return _ENDED if self._ended and not self.reads_through else ""

    def _known(self) -> Mapping[K, V]:
        self.require_known()
        return self._read()

    def __getitem__(self, key: K) -> V:
        return self._known()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    # -- waiting

    async def changes(self) -> AsyncIterator[ViewChange[K, V]]:
        """
        Iterate over the changes from now on, for ever.

        Raises `StateUnknown` when the reader has fallen 10,000 changes behind.
        """
        self._require_changes()
        queue: asyncio.Queue[ViewChange[K, V] | None] = asyncio.Queue()

        def take(change: ViewChange[K, V]) -> None:
            if queue.qsize() <= BUFFER:
                queue.put_nowait(change if queue.qsize() < BUFFER else None)

        self.changed.connect(take)
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self.changed.disconnect(take)
        raise StateUnknown(f"changes of {self._name}", "the reader is too slow")

    async def until_async(
        self, predicate: Callable[[Self], bool], timeout: float | None = None
    ) -> None:
        """
        Wait until *predicate* of this view is true; at once if it is.

        What the predicate raises is raised here. Raises `WaitTimeout` after *timeout*
        seconds, and `NotConnected` or `StateUnknown` when the view cannot be read.
        """
        plain_function(predicate, "predicate", "view")
        timeout = wait_seconds(timeout)
        woken = asyncio.Event()

        def wake(_: object) -> None:
            woken.set()

        self._wakes.connect(wake)
        self._link.changed.connect(wake)
        clock = asyncio.get_running_loop().time
        deadline = None if timeout is None else clock() + timeout
        try:
            while not predicate(self):
                self._require_changes()
                left = None if deadline is None else deadline - clock()
                await self._woken(woken, left, timeout)
        finally:
            self._wakes.disconnect(wake)
            self._link.changed.disconnect(wake)

    until: Final = blocking(until_async)

    def _require_changes(self) -> None:
        if self._ended:
            raise StateUnknown(f"changes of {self._name}", _ENDED)

    async def _woken(self, woken: asyncio.Event, left: float | None, timeout: float | None) -> None:
        try:
            await asyncio.wait_for(woken.wait(), left)
        except asyncio.TimeoutError:
            raise WaitTimeout(f"the change of {self._name}", timeout or 0, repr(self)) from None
        woken.clear()

    # -- showing

    def rows(self) -> list[Row]:
        """The rows of the tables below."""
        return [self._row(value) for value in self._known().values()]

    def to_frame(self) -> pd.DataFrame:
        """A DataFrame, one row per entry; needs the extra ``frames``."""
        return frame(self.rows())

    def __repr__(self) -> str:
        try:
            return text_table(self._name, self.rows())
        except IbkitError as error:
            return f"{self._name}: {self._in_short(error)}"

    def _repr_html_(self) -> str:
        try:
            return html_table(self._name, self.rows())
        except IbkitError as error:
            return f"<p>{html.escape(f'{self._name}: {self._in_short(error)}')}</p>"

    def _in_short(self, error: IbkitError) -> str:
        freshness = self.freshness
        return str(freshness if freshness.level is Level.UNKNOWN else error)
