"""One market without sessions and one with, and a moment at which both trade."""

from __future__ import annotations

import datetime as dt

import pytest

from ibkit.sim._market import Market
from ibkit.sim._scenario import Scenario

UTC = dt.timezone.utc


@pytest.fixture
def now() -> dt.datetime:
    """A Monday, 10:00 in New York."""
    return dt.datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
def market() -> Market:
    return Market(Scenario(), 7)


@pytest.fixture
def kept_hours() -> Market:
    return Market(Scenario(sessions=True), 7)
