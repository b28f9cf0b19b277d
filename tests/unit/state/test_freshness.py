import datetime as dt
from types import SimpleNamespace

import pytest

from ibkit._ib._link_table import LinkState
from ibkit.errors import NotConnected, StateUnknown
from ibkit.state._freshness import Freshness, Level, freshness_of, require_known

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


def link(state):
    return SimpleNamespace(state=state, since=NOW, reason="because")


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (LinkState.UP, Level.FRESH),
        (LinkState.BROKER_LOST, Level.STALE),
        (LinkState.RESYNCING, Level.STALE),
        (LinkState.SYNCING, Level.UNKNOWN),
        (LinkState.DOWN, Level.UNKNOWN),
        (LinkState.CONNECTING, Level.UNKNOWN),
        (LinkState.CLOSED, Level.UNKNOWN),
    ],
)
def test_every_state_of_a_link_has_its_level(state, level):
    assert freshness_of(link(state)).level is level


@pytest.mark.parametrize("state", [LinkState.UP, LinkState.BROKER_LOST, LinkState.RESYNCING])
def test_what_was_known_may_be_read(state):
    require_known(link(state), "positions")


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (LinkState.SYNCING, StateUnknown),
        (LinkState.DOWN, NotConnected),
        (LinkState.CONNECTING, NotConnected),
        (LinkState.CLOSED, NotConnected),
    ],
)
def test_what_nobody_knows_may_not(state, error):
    with pytest.raises(error, match="positions"):
        require_known(link(state), "positions")


def test_it_prints_since_when_and_why():
    assert str(Freshness(Level.FRESH, NOW, "up")) == "fresh"
    assert str(Freshness(Level.STALE, NOW, "IB is away")) == "stale since 15:00:00: IB is away"
