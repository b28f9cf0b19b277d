"""The phrases of the table's rule columns, and the rules they stand for.

A phrase is an anchor (``3rd Friday``, ``last business day of the prior month``, ``the 25th``),
or a number of business days before one. A note in brackets says where an anchor moves that hits
a holiday. An adjective names a calendar that is not the exchange's: ``2 TARGET business days``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ._rules import (
    Before,
    BrentDay,
    CalendarDaysBefore,
    CarbonMonday,
    DayOfMonth,
    FeederCattleThursday,
    InCalendar,
    NthBusinessDay,
    NthWeekday,
    OnOrAfter,
    OnOrBefore,
    Rule,
    VolatilityDay,
)

_Build = Callable[[re.Match[str]], Rule]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_CALENDARS = {
    "London": "LONDON",
    "US": "US",
    "US bank": "US_BANKS",
    "TARGET": "TARGET",
    "China": "CHINA",
    "Brazil and US": "BRAZIL_AND_US",
}
_MONTHS = {
    "": 0,
    " of month": 0,
    " of the delivery month": 0,
    " of the prior month": -1,
    " of the 2nd month before the contract month": -2,
    " of the 3rd month after the named month": 3,
}
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_NTH = r"(?:(?P<nth>first|\d+(?:st|nd|rd|th)) ?)"
_JGB = InCalendar("JAPAN", Before(5, OnOrAfter(DayOfMonth(20))))
"""The 10-year JGB of Osaka; the small ones stop a day before it."""

_WHOLE: dict[str, Rule] = {
    "Wednesday 30 days before the 3rd Friday of the next month "
    "(one business day earlier if that Friday or Wednesday is a holiday)": VolatilityDay(),
    "last Thursday of month, in November the Thursday before Thanksgiving "
    "(a week earlier while that day or one of the 4 weekdays before it is a holiday)": (
        FeederCattleThursday()
    ),
    "last Monday of month "
    "(a week earlier while that day or one of the 4 days after it is a holiday)": CarbonMonday(),
    "last business day of the 2nd month before the contract month "
    "(Feb contract: 2nd last business day of December)": BrentDay(),
    "business day before the last trade of the large JGB": Before(1, _JGB),
    "business day before the last trade of the OSE JGB": Before(1, _JGB),
}


def _nth(found: re.Match[str]) -> int:
    nth = int(re.sub(r"\D", "", found["nth"] or "") or 1)
    return -nth if found["last"] else nth


def _weekday(found: re.Match[str]) -> Rule:
    return NthWeekday(_nth(found), _WEEKDAYS.index(found["weekday"]), _MONTHS[found["month"]])


def _business_day(found: re.Match[str]) -> Rule:
    return NthBusinessDay(_nth(found), _MONTHS[found["month"]])


def _day(found: re.Match[str]) -> Rule:
    return DayOfMonth(int(found["day"].replace("first day", "1")), _MONTHS[found["month"]])


_ANCHORS: tuple[tuple[str, _Build], ...] = (
    (rf"{_NTH}?(?P<last>last )?(?P<weekday>{'|'.join(_WEEKDAYS)}){_MONTH}", _weekday),
    (rf"{_NTH}?(?P<last>last )?business day{_MONTH}", _business_day),
    (rf"(?P<day>\d+(?=th)|first day)(?:th)?{_MONTH}", _day),
)
_MOVES: dict[str, Callable[[Rule], Rule]] = {
    " (or the prior business day)": OnOrBefore,
    " (or the next business day)": OnOrAfter,
}
_BEFORE = re.compile(r"(?:(?P<count>\d+) )?(?P<kind>business|calendar) days? before (?P<anchor>.*)")
_PLACE = re.compile(rf"\b(?P<name>{'|'.join(sorted(_CALENDARS, reverse=True))}) (?=business day)")


@lru_cache(maxsize=256)
def rule_of(phrase: str) -> Rule | None:
    """The rule a phrase stands for, None if it is not one of the language above."""
    if place := _PLACE.search(phrase):
        rule = rule_of(phrase.replace(place[0], ""))
        return rule and InCalendar(_CALENDARS[place["name"]], rule)
    return _WHOLE.get(phrase) or _counted(phrase) or _moved(_anchor(phrase))


def _counted(phrase: str) -> Rule | None:
    """``2 business days before ...``; None for other phrases."""
    found = _BEFORE.fullmatch(phrase)
    anchor = found and _anchor(found["anchor"])
    if not found or not anchor:
        return None
    count = int(found["count"] or 1)
    if found["kind"] == "business":
        return Before(count, anchor)
    return OnOrBefore(CalendarDaysBefore(count, anchor))


def _anchor(phrase: str) -> Rule | None:
    bare = phrase.removeprefix("the ")
    for note, move in _MOVES.items():
        if bare.endswith(note):
            rule = _anchor(bare.removesuffix(note))
            return rule and move(rule)
    for pattern, build in _ANCHORS:
        if found := re.fullmatch(pattern, bare):
            return build(found)
    return None


def _moved(rule: Rule | None) -> Rule | None:
    """An anchor that stands alone moves to the business day before, unless its note says else."""
    return OnOrBefore(rule) if isinstance(rule, (DayOfMonth, NthWeekday)) else rule
