"""Who sends it, under which id, for what, for whom (gateway-behaviour 1.1, 1.5, 8.3)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from ibkit.sim._engine._check import Check, Draft

NO_RISE = frozenset({"LMT", "STP LMT"})
SIDES = frozenset({"BUY", "SELL", "SSHORT"})
MAX_CHILDREN_DEPTH = 5
"""How many generations may hang on one parent (U: IB's number is not known)."""


def _is_expired(draft: Draft) -> bool:
    instrument = draft.instrument
    if instrument is None or instrument.last_trade is None:
        return False
    return instrument.last_trade < draft.now.astimezone(ZoneInfo(instrument.zone)).date()


def _is_bad_exchange(draft: Draft) -> bool:
    instrument = draft.instrument
    if instrument is None or not instrument.valid_exchanges:
        return False
    return draft.exchange not in {*instrument.valid_exchanges, instrument.exchange}


def _is_too_early(draft: Draft) -> bool:
    parent, delay = draft.parent, draft.scenario.parent_delay
    if parent is None or parent.placed is None or not parent.is_live or not delay:
        return False
    return draft.now - parent.placed < dt.timedelta(milliseconds=delay)


def _depth(draft: Draft) -> int:
    depth, parent = 0, draft.parent
    while parent is not None:
        depth, parent = depth + 1, parent.parent
    return depth


def _is_on_wrong_parent(draft: Draft) -> bool:
    if draft.terms.order_type not in {"TRAIL", "TRAIL LIMIT"} or draft.parent is None:
        return False
    return draft.parent.sent.order_type not in NO_RISE


SENDER = (
    Check(
        10119,
        "The API interface is currently in Read-Only mode.",
        lambda d: d.scenario.read_only,
        321,
    ),
    Check(
        10060,
        "Cannot specify Trailing Amount and Trailing Percent at the same time",
        lambda d: (
            d.terms.order_type in {"TRAIL", "TRAIL LIMIT"}
            and bool(d.terms.aux_price)
            and bool(d.terms.trailing_percent)
        ),
        320,
    ),
)
NEW_ID = (
    Check(10149, "Invalid order id: {d.key.order_id}", lambda d: d.key.order_id <= 0),
    Check(103, "Duplicate order id", lambda d: d.key.order_id <= d.highest),
)
CONTRACT = (
    Check(
        200,
        "No security definition has been found for the request",
        lambda d: d.instrument is None,
    ),
    Check(452, "Missing order exchange", lambda d: not d.exchange, 321),
    Check(200, "The destination or exchange selected is Invalid.", _is_bad_exchange),
    Check(392, "Invalid Order: contract expired", _is_expired),
    Check(
        412,
        "Contract is not available for trading",
        lambda d: d.instrument is not None and d.instrument.sec_type == "IND",
    ),
    Check(
        314,
        "The combination contract requires combo leg details",
        lambda d: (
            d.instrument is not None and d.instrument.sec_type == "BAG" and not d.instrument.legs
        ),
    ),
    Check(
        313,
        "A leg of the combination contract is invalid",
        lambda d: (
            d.instrument is not None
            and not all(d.is_known(leg.con_id) for leg in d.instrument.legs)
        ),
    ),
    Check(
        476,
        "Invalid leg ratio.",
        lambda d: d.instrument is not None and any(leg.ratio <= 0 for leg in d.instrument.legs),
    ),
)
ACCOUNT = (
    Check(
        435,
        "You must specify an account.",
        lambda d: not d.terms.account and len(d.scenario.accounts) > 1,
    ),
    Check(
        435,
        "Invalid account code '{d.terms.account}'.",
        lambda d: (
            bool(d.terms.account)
            and d.terms.account not in {account.name for account in d.scenario.accounts}
        ),
        321,
    ),
)
PARENT = (
    Check(
        135,
        "Can't find order with id ={d.terms.parent_id}",
        lambda d: bool(d.terms.parent_id) and d.parent is None,
        321,
    ),
    Check(10006, "Missing parent order", _is_too_early),
    Check(
        328,
        "Trailing stop orders can be attached to limit or stop-limit orders only.",
        _is_on_wrong_parent,
    ),
    Check(10150, "Child orders stack is too big.", lambda d: _depth(d) > MAX_CHILDREN_DEPTH),
)
WORDS = (Check(303, "Invalid action: {d.terms.action}", lambda d: d.terms.action not in SIDES),)
PERMISSION = (
    Check(
        460,
        "No trading permissions",
        lambda d: d.instrument is not None and d.instrument.sec_type in d.scenario.no_permission,
    ),
)
