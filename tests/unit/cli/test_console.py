import io
import sys

import pytest

from ibkit.cli._console import ColourConsole, PlainConsole, console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def say_everything(out):
    out.title("A title")
    out.line("a [line] of it")
    out.table(("a", "b"), [("1", "22"), ("333", "[x]")], marked=1)
    out.verdict("it worked", good=True)
    out.verdict("it did not", good=False)


def test_plain_lines_are_plain():
    stream = io.StringIO()
    say_everything(PlainConsole(stream))

    assert stream.getvalue().splitlines() == [
        "",
        "A title",
        "  a [line] of it",
        "  a    b",
        "  1    22",
        "> 333  [x]",
        "  ok   it worked",
        "  FAIL it did not",
    ]


def test_colours_say_the_same_words(monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    out = console(stream)
    say_everything(out)
    text = stream.getvalue()

    assert isinstance(out, ColourConsole)
    assert "\x1b[" in text
    for words in ("A title", "a [line] of it", "333", "[x]", "it worked", "it did not"):
        assert words in text


def test_what_is_no_terminal_gets_plain_lines():
    assert isinstance(console(io.StringIO()), PlainConsole)


def test_without_rich_a_terminal_gets_plain_lines(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)

    assert isinstance(console(Terminal()), PlainConsole)


def test_no_figure_of_a_table_is_cut_off(monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    console(stream).table(("symbol", "bid", "ask"), [("ESZ6", "1,007,249.25", "1,007,249.50")])

    assert "1,007,249.25  1,007,249.50" in stream.getvalue()


def test_a_terminal_that_cannot_draw_gets_plain_lines(monkeypatch):
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(ascii_only, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "dumb")

    assert isinstance(console(ascii_only), PlainConsole)
    assert isinstance(console(Terminal()), PlainConsole)
