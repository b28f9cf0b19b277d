"""Behaviour cards: tests with a number, one per fact of how TWS behaves, each naming its source."""

from __future__ import annotations

import pytest


def card(number: str, source: str) -> pytest.MarkDecorator:
    """Mark a test as the card *number* (``CON-04``) of a fact.

    *source* is the section of gateway-behaviour that states the fact, and its mark (``2.1 C``); or
    ``menu 6``, a line of the fault menu in ib-async-traps; or ``issue: ...``, a demand of ours.
    """
    return pytest.mark.card(number, source)
