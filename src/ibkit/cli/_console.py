"""Where the commands write: a terminal with colours and tables, or plain lines.

`rich` is an extra (``cli``); without it, or when the output is no terminal, or one that cannot
draw, everything comes as plain lines of the same words.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Protocol, TextIO, final

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

Cells = Sequence[str]


class Console(Protocol):
    """What a command needs to be able to say."""

    def title(self, text: str) -> None:
        """A heading."""
        ...

    def line(self, text: str) -> None:
        """A line of the story."""
        ...

    def table(self, head: Cells, rows: Sequence[Cells], *, marked: int | None = None) -> None:
        """A table; the row *marked* stands out."""
        ...

    def verdict(self, text: str, *, good: bool) -> None:
        """How something ended."""
        ...


@final
class PlainConsole:
    """Plain lines."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def title(self, text: str) -> None:
        """A heading between blank lines."""
        print(f"\n{text}", file=self._out, flush=True)

    def line(self, text: str) -> None:
        """A line, indented below its heading."""
        print(f"  {text}", file=self._out, flush=True)

    def table(self, head: Cells, rows: Sequence[Cells], *, marked: int | None = None) -> None:
        """Columns padded with blanks; the marked row begins with an arrow."""
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        for place, row in enumerate([head, *rows]):
            arrow = ">" if marked is not None and place == marked + 1 else " "
            cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            print(f"{arrow} {cells}".rstrip(), file=self._out, flush=True)

    def verdict(self, text: str, *, good: bool) -> None:
        """The same as a line, with a word in front."""
        print(f"  {'ok  ' if good else 'FAIL'} {text}", file=self._out, flush=True)


@final
class ColourConsole:
    """Colours and boxes, by rich."""

    def __init__(self, rich: RichConsole) -> None:
        self.rich = rich

    def title(self, text: str) -> None:
        """A heading in bold."""
        self.rich.print()
        self.rich.print(f"[bold cyan]{_escaped(text)}[/]")

    def line(self, text: str) -> None:
        """A line, indented below its heading."""
        self.rich.print(f"  {_escaped(text)}", highlight=False)

    def table(self, head: Cells, rows: Sequence[Cells], *, marked: int | None = None) -> None:
        """A table with a light frame; the marked row is green.

        Where it does not fit, plain lines: they wrap, and no figure is cut off.
        """
        if _width(head, rows) > self.rich.width:
            PlainConsole(self.rich.file).table(head, rows, marked=marked)
            return
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=True)
        for name in head:
            table.add_column(name)
        for place, row in enumerate(rows):
            table.add_row(*map(_escaped, row), style="bold green" if place == marked else None)
        self.rich.print(table)

    def verdict(self, text: str, *, good: bool) -> None:
        """A tick or a cross."""
        sign = "[green]\u2714[/]" if good else "[bold red]\u2718[/]"
        self.rich.print(f"  {sign} {_escaped(text)}", highlight=False)


def _width(head: Cells, rows: Sequence[Cells]) -> int:
    """How wide a table is with its frame."""
    columns = zip(head, *rows, strict=True)
    return sum(max(map(len, column)) + 3 for column in columns) + 1


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def console(out: TextIO | None = None) -> Console:
    """A console with colours where it can be, else a plain one."""
    stream = out or sys.stdout
    if not (stream.isatty() and _can_draw(stream)):
        return PlainConsole(stream)
    try:
        from rich.console import Console as RichConsole
    except ModuleNotFoundError:
        return PlainConsole(stream)
    rich = RichConsole(file=stream)
    return PlainConsole(stream) if rich.is_dumb_terminal else ColourConsole(rich)


def _can_draw(stream: TextIO) -> bool:
    try:
        "\u2500\u2714".encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
