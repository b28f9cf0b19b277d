"""What must stand in the fields of an order, by its type and time in force (1.6, 1.7, 1.8)."""

from __future__ import annotations

from decimal import Decimal

from ibkit.sim._engine._check import Check, Draft
from ibkit.sim._engine._kinds import KINDS, NOT_SIMULATED, TIFS, Wake
from ibkit.sim._engine._oca import REDUCE
from ibkit.sim._engine._terms import PriceCondition
from ibkit.sim._engine._trigger_methods import METHODS

ZERO, HUNDRED = Decimal(0), Decimal(100)
MAY_BE_NEGATIVE = frozenset({"FUT", "BAG", "FOP"})
LONGEST_GROUP_NAME = 64
ADJUSTED_TYPES = frozenset({"STP", "STP LMT", "TRAIL", "TRAIL LIMIT"})
AT_THE_OPEN = frozenset({"MKT", "LMT"})


def _is_unsupported(draft: Draft) -> bool:
    instrument = draft.instrument
    if draft.terms.order_type in NOT_SIMULATED:
        return True
    if instrument is None or not instrument.order_types:
        return False
    return draft.kind.code not in instrument.order_types


def _lacks_limit(draft: Draft) -> bool:
    if not draft.kind.limited or draft.kind.wake is Wake.TRAIL:
        return False
    limit, instrument = draft.terms.limit_price, draft.instrument
    if limit is None:
        return True
    return limit <= 0 and instrument is not None and instrument.sec_type not in MAY_BE_NEGATIVE


def _lacks_stop(draft: Draft) -> bool:
    if draft.kind.wake in {Wake.STOP, Wake.TOUCH}:
        return draft.terms.aux_price is None
    return draft.terms.order_type == "TRAIL LIMIT" and draft.terms.trail_stop_price is None


def _is_trail(draft: Draft) -> bool:
    return draft.kind.wake is Wake.TRAIL


def _is_bad_percent(draft: Draft) -> bool:
    percent = draft.terms.trailing_percent
    return _is_trail(draft) and percent is not None and not ZERO < percent < HUNDRED


def _has_not_one_limit(draft: Draft) -> bool:
    terms = draft.terms
    if terms.order_type != "TRAIL LIMIT":
        return False
    return (terms.limit_price is None) is (terms.limit_offset is None)


def _is_adjustable(draft: Draft) -> bool:
    return bool(draft.terms.adjusted_type)


def _is_late_at_close(draft: Draft) -> bool:
    return draft.kind.at_close and draft.terms.tif not in {"", "DAY"}


def _is_smart_combo(draft: Draft) -> bool:
    return _is_combo(draft) and draft.exchange == "SMART"


def _is_combo(draft: Draft) -> bool:
    return draft.instrument is not None and draft.instrument.sec_type == "BAG"


def _is_late_midprice(draft: Draft) -> bool:
    if draft.terms.order_type != "MIDPRICE" or draft.instrument is None:
        return False
    return not draft.is_regular(draft.instrument)


TYPE = (
    Check(
        10051,
        "Invalid order type was entered",
        lambda d: d.terms.order_type not in KINDS and d.terms.order_type not in NOT_SIMULATED,
        321,
    ),
    Check(387, "Unsupported order type for this exchange and security type.", _is_unsupported),
    Check(463, "You must enter a valid price.", _lacks_limit, 321),
    Check(403, "Please enter a stop price", _lacks_stop, 321),
    Check(10061, "Invalid Trailing Percent value.", _is_bad_percent, 321),
    Check(
        10028,
        "You must enter a Trailing Amount for {d.terms.order_type}.",
        lambda d: _is_trail(d) and not d.terms.aux_price and d.terms.trailing_percent is None,
        321,
    ),
    Check(
        158,
        "You must specify an offset amount or a percent offset value.",
        lambda d: _is_trail(d) and d.terms.aux_price is not None and d.terms.aux_price < 0,
    ),
    Check(
        321,
        "You must specify one value: limit price or limit price offset value.",
        _has_not_one_limit,
        321,
    ),
    Check(146, "Invalid trigger method", lambda d: d.terms.trigger_method not in METHODS, 321),
    Check(
        10210,
        "Midprice orders are not supported outside of regular trading hours.",
        _is_late_midprice,
        321,
    ),
)
ADJUSTABLE = (
    Check(
        361,
        "Invalid Trigger Price",
        lambda d: _is_adjustable(d) and d.terms.adjusted_trigger is None,
    ),
    Check(
        362,
        "Invalid Adjusted Stop Price",
        lambda d: (
            _is_adjustable(d)
            and (
                d.terms.order_type != "STP"
                or d.terms.adjusted_type not in ADJUSTED_TYPES
                or d.terms.adjusted_stop is None
            )
        ),
    ),
    Check(
        363,
        "Invalid Adjusted Stop Limit Price",
        lambda d: (
            d.terms.adjusted_type in {"STP LMT", "TRAIL LIMIT"} and d.terms.adjusted_limit is None
        ),
    ),
    Check(
        364,
        "Invalid Adjusted Trailing Amount",
        lambda d: (
            d.terms.adjusted_type in {"TRAIL", "TRAIL LIMIT"}
            and (d.terms.adjusted_trail is None or d.terms.adjusted_trail <= 0)
        ),
    ),
)
TIF = (
    Check(
        10052,
        "Invalid time in force",
        lambda d: bool(d.terms.tif) and d.terms.tif not in TIFS,
        321,
    ),
    Check(113, "The Tif option should be set to DAY for MOC and LOC orders.", _is_late_at_close),
    Check(
        111,
        "The TIF {d.terms.tif} and the order type {d.terms.order_type} are incompatible.",
        lambda d: d.terms.tif == "OPG" and d.terms.order_type not in AT_THE_OPEN,
    ),
    Check(
        10273,
        "Good-till date and duration cannot be given together.",
        lambda d: d.terms.good_till is not None and d.terms.duration is not None,
    ),
    Check(
        10272,
        "Duration is for GTD orders only.",
        lambda d: d.terms.duration is not None and d.terms.tif != "GTD",
    ),
    Check(
        391,
        "A GTD order needs a good-till date or a duration.",
        lambda d: d.terms.tif == "GTD" and d.terms.good_till is None and d.terms.duration is None,
    ),
    Check(
        334,
        "Invalid Good Till Date order",
        lambda d: (
            d.terms.tif == "GTD" and d.terms.good_till is not None and d.terms.good_till <= d.now
        ),
    ),
)
GROUP = (
    Check(
        401,
        "The OCA group name is longer than 64 characters.",
        lambda d: len(d.terms.oca_group) > LONGEST_GROUP_NAME,
    ),
    Check(
        145,
        "Error in validating entry fields -OCA type {d.terms.oca_type}",
        lambda d: d.terms.oca_type not in range(4),
    ),
    Check(
        356,
        "OCA groups are not available for smart combos.",
        lambda d: bool(d.terms.oca_group) and _is_smart_combo(d),
    ),
    Check(
        359,
        "Combos may only be in OCA groups of type 3.",
        lambda d: bool(d.terms.oca_group) and _is_combo(d) and d.terms.oca_type not in {0, REDUCE},
    ),
)
OTHER = (
    Check(
        147,
        "The contract of a condition is incomplete.",
        lambda d: any(
            isinstance(condition, PriceCondition) and not d.is_known(condition.con_id)
            for condition in d.terms.conditions
        ),
        321,
    ),
    Check(
        349,
        "Good-after time is not available for combos.",
        lambda d: d.terms.good_after is not None and _is_combo(d),
    ),
    Check(
        350,
        "A minimum quantity is not available for smart combos.",
        lambda d: bool(d.terms.min_quantity) and _is_smart_combo(d),
    ),
    Check(
        413,
        "What-If order should have transmit flag set to TRUE.",
        lambda d: d.terms.what_if and not d.terms.transmit,
        321,
    ),
    Check(
        360,
        "What-if is not available for smart combos.",
        lambda d: d.terms.what_if and _is_smart_combo(d),
    ),
)
