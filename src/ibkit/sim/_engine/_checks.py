"""The tables in the order in which the gateway goes through them (gateway-behaviour 8.3)."""

from __future__ import annotations

from ibkit.sim._engine import (
    _checks_identity as identity,
    _checks_modify as modify,
    _checks_numbers as numbers,
    _checks_terms as terms,
)

_FIELDS = (
    *identity.WORDS,
    *terms.TYPE,
    *terms.ADJUSTABLE,
    *terms.TIF,
    *terms.GROUP,
    *terms.OTHER,
    *identity.ACCOUNT,
    *numbers.PRICE,
    *numbers.SIZE,
)
NEW = (
    *identity.SENDER,
    *identity.NEW_ID,
    *identity.CONTRACT,
    *identity.PARENT,
    *_FIELDS,
    *identity.PERMISSION,
)
"""For an id that is not known."""
HELD = (*identity.SENDER, *identity.CONTRACT, *identity.PARENT, *_FIELDS, *identity.PERMISSION)
"""For an order that was kept back (``transmit=False``) and comes again."""
CHANGED = (*identity.SENDER, *modify.MODIFY, *_FIELDS)
"""For a live order: a modification."""
WHAT_IF = (*identity.SENDER, *identity.CONTRACT, *_FIELDS, *identity.PERMISSION)
BY_HAND = (*identity.CONTRACT, *_FIELDS)
"""For what a person types into TWS, which has no sender and no id."""
