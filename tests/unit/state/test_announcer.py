import pytest
from eventkit import Event

from ibkit._ib._health import HealthRecord
from ibkit.state._announcer import Announcer, Source
from ibkit.state._view import Added, Changed, Removed


@pytest.fixture
def held():
    """What the client holds: (account, key, number)."""
    return {}


@pytest.fixture
def said():
    return Event("said")


@pytest.fixture
def announcer(held, said):
    source = Source(
        event=said,
        held=held.values,
        key=lambda told: told[:2] if told[1] else None,
        value=lambda told: told[2],
        is_gone=lambda told: told[2] == 0,
    )
    return Announcer("numbers", HealthRecord(), source)


def say(held, said, *told):
    held[told[:2]] = told
    said.emit(told)


def told_by(announcer):
    told = []
    announcer.connect(told.append)
    return told


def test_each_change_is_told_once_with_before_and_after(held, said, announcer):
    told = told_by(announcer)
    for number in (1, 1, 2, 0, 0):
        say(held, said, "DU1", "a", number)

    assert told == [Added("a", 1), Changed("a", 1, 2), Removed("a", 2)]


def test_what_was_there_before_the_first_listener_is_known(held, said, announcer):
    say(held, said, "DU1", "a", 1)
    told = told_by(announcer)
    say(held, said, "DU1", "a", 2)

    assert told == [Changed("a", 1, 2)]


def test_accounts_do_not_mix(held, said, announcer):
    told = told_by(announcer)
    say(held, said, "DU1", "a", 1)
    say(held, said, "DU2", "a", 1)

    assert told == [Added("a", 1), Added("a", 1)]


def test_what_is_not_of_the_kind_is_not_told(held, said, announcer):
    told = told_by(announcer)
    say(held, said, "DU1", "", 1)

    assert told == []


def test_nothing_is_heard_while_nobody_has_listened(said, announcer):
    assert len(said) == 0
    told_by(announcer)
    told_by(announcer)

    assert len(said) == 1


def test_what_is_gone_without_a_word_is_told_by_catching_up(held, said, announcer):
    announcer.catch_up()
    told = told_by(announcer)
    say(held, said, "DU1", "a", 1)
    say(held, said, "DU1", "b", 2)
    del held["DU1", "a"]
    announcer.catch_up()
    announcer.catch_up()

    assert told[2:] == [Removed("a", 1)]


def test_closed_it_tells_nothing(held, said, announcer):
    told = told_by(announcer)
    announcer.close()
    say(held, said, "DU1", "a", 1)
    told_by(announcer)
    announcer.catch_up()

    assert told == []
    assert len(said) == 0
