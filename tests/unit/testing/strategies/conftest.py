"""Shrinking must not depend on what earlier runs have found."""

from random import Random

import hypothesis
import pytest
from hypothesis import settings


@pytest.fixture
def smallest():
    """Find the smallest value that fits a condition, from nothing."""

    def search(strategy, condition, max_examples=1_000):
        fresh = settings(database=None, max_examples=max_examples, deadline=None)
        return hypothesis.find(strategy, condition, settings=fresh, random=Random(0))

    return search
