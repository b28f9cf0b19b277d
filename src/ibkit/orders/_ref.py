"""`orderRef`: what an order says of itself, so that it is found again after a restart.

The text is ``ik/<group id>:<role>:<shape>:<the user's own reference>``. Every order of a group
carries it, and IB hands it back with open orders, completed orders and executions.

IB documents no limit for `orderRef`. 50 characters are the longest that were reported to come
back unchanged, with executions and after a restart of the client too, so that is the limit here;
only letters, digits and ``/ : _ -`` are known to survive, and any printable ASCII is taken for the
user's part. Group id and role stand first: they survive even where a text is cut.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ibkit.errors import PlanError

ORDER_REF_LIMIT: Final = 50
"""The longest `orderRef` that ibkit writes."""

GROUP_ID_LIMIT: Final = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: to be read aloud
_GROUP_ID = re.compile(rf"[0-9a-z]{{1,{GROUP_ID_LIMIT}}}")
_REF = re.compile(r"ik/([0-9a-z]{1,10}):([a-z])([0-9]{0,3})(?::(?:([^:]*):(.*)|[^:]*))?", re.ASCII)

_LETTERS = {"entry": "e", "target": "t", "stop": "s", "guard": "g", "order": "o", "close": "c"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


class OrderRef(NamedTuple):
    """What an `orderRef` says.

    >>> parse_order_ref("ik/k3f9:t2:s3:breakout")
    OrderRef(group_id='k3f9', kind='target', number=2, shape='s3', user='breakout')
    """

    group_id: str
    kind: str
    """``entry target stop guard order close``."""
    number: int
    """Which of its kind, from 1; 0 for the only one of a kind that needs no number."""
    shape: str = ""
    """What the group looks like as a whole; empty where the text was cut."""
    user: str = ""

    @property
    def role(self) -> str:
        """The role as it is shown: ``entry``, ``target-2``."""
        return f"{self.kind}-{self.number}" if self.number else self.kind


def write_order_ref(ref: OrderRef) -> str:
    """Write an `orderRef`.

    Raises:
        PlanError: It is longer than `ORDER_REF_LIMIT`.

    >>> write_order_ref(OrderRef("k3f9", "entry", 0, "s3", "breakout"))
    'ik/k3f9:e:s3:breakout'
    """
    number = ref.number or ""
    text = f"ik/{ref.group_id}:{_LETTERS[ref.kind]}{number}:{ref.shape}:{ref.user}"
    if len(text) > ORDER_REF_LIMIT:
        spare = ORDER_REF_LIMIT - len(text) + len(ref.user)
        rule = (
            f"here it may have {spare} characters, because {ref.role} has to find its group again"
            if spare >= 0
            else "the exits of a managed group are remembered in the entry's orderRef, and these "
            "are too many; use fewer targets, or slices='separate'"
        )
        raise PlanError("order_ref", ref.user, rule)
    return text


def parse_order_ref(text: str) -> OrderRef | None:
    """Read an `orderRef`; ``None`` when it was not written by ibkit.

    >>> parse_order_ref("my own reference") is None
    True
    """
    match = _REF.fullmatch(text)
    if match is None or match[2] not in _KINDS:
        return None
    group_id, letter, number, shape, user = match.groups()
    return OrderRef(group_id, _KINDS[letter], int(number or 0), shape or "", user or "")


def make_group_id(bits: int) -> str:
    """Make a group id of 40 random bits, given by the caller: ``make_group_id(getrandbits(40))``.

    >>> make_group_id(0xDEADBEEF)
    '03favfqf'
    """
    digits = (_ALPHABET[(bits >> shift) & 31] for shift in range(35, -1, -5))
    return "".join(digits)


def group_id_bits(group_id: str) -> int | None:
    """Read back what `make_group_id` was given; ``None`` for an id that it cannot have made.

    >>> group_id_bits("03favfqf") == 0xDEADBEEF
    True
    """
    if len(group_id) != 8 or not set(group_id) <= set(_ALPHABET):
        return None
    bits = 0
    for letter in group_id:
        bits = bits << 5 | _ALPHABET.index(letter)
    return bits


def check_group_id(group_id: str) -> None:
    """Refuse an id that an `orderRef` could not carry."""
    if group_id and not _GROUP_ID.fullmatch(group_id):
        raise PlanError("group_id", group_id, "1 to 10 of the characters 0-9 and a-z")


def check_user_ref(user: str) -> None:
    """Refuse a reference that would not come back as it was."""
    if not (user.isascii() and user.isprintable()) and user:
        raise PlanError("order_ref", user, "printable ASCII only")
