import sys

import pytest

from ibkit.errors import MissingExtra
from ibkit.history import Progress
from ibkit.history._progress import shown


def test_a_function_is_called():
    told = []
    with shown(told.append, "bars") as report:
        report(Progress(done=1, total=2, rows=3))

    assert told == [Progress(done=1, total=2, rows=3)]


def test_nobody_needs_to_be_told():
    with shown(None, "bars") as report:
        assert report(Progress(done=1, total=2, rows=3)) is None


def test_true_draws_a_bar(capsys):
    with shown(True, "1 min bars of ESH6") as report:
        report(Progress(done=1, total=2, rows=345))

    assert "345 rows" in capsys.readouterr().out


def test_without_rich_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.progress", None)

    with pytest.raises(MissingExtra, match=r"rich.*ibkit\[cli\]"), shown(True, "bars"):
        pass


def test_it_reads_as_a_sentence():
    waiting = Progress(done=60, total=90, rows=5, waiting=412.4)

    assert str(waiting) == "60 of 90 requests, 5 rows, waiting 412 s for IB's pacing"
    assert str(Progress(done=1, total=None, rows=9)) == "1 requests, 9 rows"
