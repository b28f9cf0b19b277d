"""How far a download is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from attrs import frozen

from ibkit.errors import MissingExtra, PlanError


@frozen(kw_only=True)
class Progress:
    """
    How far a download is.

    >>> print(Progress(done=3, total=12, rows=4140))
    3 of 12 requests, 4140 rows
    """

    done: int
    """Requests that have been answered."""
    total: int | None
    """Requests in all; None where nobody can say, as for ticks."""
    rows: int
    """Bars or ticks that have arrived."""
    waiting: float = 0.0
    """Seconds until IB's pacing rules allow the next request; 0 when nothing waits."""

    def __str__(self) -> str:
        total = f" of {self.total}" if self.total is not None else ""
        wait = f", waiting {self.waiting:.0f} s for IB's pacing" if self.waiting else ""
        return f"{self.done}{total} requests, {self.rows} rows{wait}"


OnProgress: TypeAlias = Callable[[Progress], object]


def check_progress(progress: object) -> None:
    """Refuse what neither draws nor can be called."""
    if progress and progress is not True and not callable(progress):
        raise PlanError("progress", progress, "True for a bar in the terminal, or a function")


@contextmanager
def shown(progress: OnProgress | Literal[True] | None, about: str) -> Iterator[OnProgress]:
    """Give what to call: the user's function, a bar in the terminal for True, or nothing."""
    if progress is True:
        with _bar(about) as update:
            yield update
    else:
        yield progress or _ignore


def _ignore(_progress: Progress) -> None:
    """Nobody wants to know."""


@contextmanager
def _bar(about: str) -> Iterator[OnProgress]:
    try:
        from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn
    except ModuleNotFoundError as error:
        raise MissingExtra("rich", "cli") from error
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
        auto_refresh=False,  # no thread: it is drawn when something has arrived
    )
    with bar:
        task = bar.add_task(about, total=None, state="")

        def update(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.total, state=str(progress))
            bar.refresh()

        yield update
