"""One client of a floor, without bytes and without an event loop: requests in, answers out."""

import pytest

from ibkit.sim._scenario import Limits
from sim_floor import Talk


@pytest.fixture
def talk():
    """A floor with the usual switches."""
    return Talk()


@pytest.fixture
def talk_with():
    """Make a floor with other switches."""

    def make(*, limits=None, **switches):
        return Talk(limits=Limits(**(limits or {})), **switches)

    return make
