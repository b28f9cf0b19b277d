import csv
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest

import ibkit._ib._codes as codes_module
from ibkit._ib._codes import (
    CODES,
    Code,
    Doing,
    Effect,
    OrderVerdict,
    RequestVerdict,
    Scope,
    Severity,
)

# Every code of gateway-behaviour section 5, in its order.
SPECIFIED = """
0 100-107 109-111 113 116 117 124 131-136 138-141 143 145-148 151 152 154 158-166 168
200-203 300 301 303 309-318 320-323 325-331 334 336-338 343 347-350 352-357 359-376 382 383 385-388
391 392 395 396 398-404 406 407 411-414 420 422 430 431 434-436 439-443 451 452 456 460-464 468
476-478 481 492 501-508 510-593 1100-1102 1300 2100-2110 2117 2119 2120 2127 2128 2137 2146 2148
2150-2152 2157-2161 2168-2170 2174 2176 10002 10006 10011 10015 10020 10028 10041-10059
10060 10061 10067 10070 10075 10078 10089-10092 10119 10121 10122 10131 10139 10147-10150 10159
10167 10168 10175-10190 10196-10198 10210 10213 10225 10227 10236 10237 10241-10243 10246 10248
10250 10255-10257 10266-10270 10272 10273 10285 10286 10289 10290 10292 10295 10299 10311 10314
10315 10318 10324-10330 10339-10341 10346 10347 10349
"""


def numbers(text):
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def test_every_code_of_the_specification_is_in_the_table():
    assert [code for code in numbers(SPECIFIED) if not CODES[code].known] == []


def test_each_number_stands_in_one_row_only():
    path = Path(codes_module.__file__).with_name("codes.csv")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    seen = [n for row in rows for n in numbers(row["code"])]

    assert len(seen) == len(set(seen)) == len(CODES)


def test_texts_are_whole_sentences_of_plain_words():
    for code in CODES.values():
        assert re.fullmatch(r"[A-Za-z'0-9].*[^. ]", code.meaning)
        assert code.remedy == "" or code.remedy.endswith(".")


def test_whatever_is_refused_says_what_to_do():
    for number, code in CODES.items():
        if code.severity is not Severity.NOTICE:
            assert code.remedy, number


@pytest.mark.parametrize(
    ("code", "new", "modify", "cancel", "nothing"),
    [
        (110, "ended", "kept", "ask", "ask"),
        (321, "ended", "kept", "ask", "ask"),
        (329, "ask", "kept", "ask", "ask"),
        (136, "ask", "ask", "kept", "ask"),
        (201, "ended", "ask", "ended", "ended"),
        (202, "ended", "ended", "ended", "ended"),
        (203, "ended", "kept", "ask", "ask"),
        (399, "silent", "silent", "silent", "silent"),
        (404, "silent", "silent", "silent", "silent"),
        (2109, "silent", "silent", "silent", "silent"),
        (10349, "silent", "silent", "silent", "silent"),
        (1102, "silent", "silent", "silent", "silent"),
        # the id may belong to a live order
        (103, "ask", "ask", "ask", "ask"),
        (104, "ask", "ask", "ask", "ask"),
        # filled, or never arrived
        (10147, "ask", "ask", "ask", "ask"),
        (10148, "ask", "ask", "ask", "ask"),
        (161, "ask", "ask", "ask", "ask"),
        # may be held until it is sent again
        (10311, "ask", "ask", "ask", "ask"),
        (10328, "ask", "ask", "ask", "ask"),
        # a stream's code on an order id
        (354, "ask", "ask", "ask", "ask"),
        # never heard of
        (77777, "ask", "ask", "ask", "ask"),
    ],
)
def test_what_a_code_says_about_an_order(code, new, modify, cancel, nothing):
    verdicts = [CODES.about_order(code, doing).value for doing in Doing]

    assert verdicts == [new, modify, cancel, nothing]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (200, RequestVerdict.FAILED),
        (162, RequestVerdict.FAILED),
        (321, RequestVerdict.FAILED),
        (110, RequestVerdict.FAILED),
        (434, RequestVerdict.FAILED),
        (2101, RequestVerdict.FAILED),
        (10187, RequestVerdict.FAILED),
        (88888, RequestVerdict.FAILED),
        (165, RequestVerdict.DOUBTFUL),
        (399, RequestVerdict.DOUBTFUL),
        (10167, RequestVerdict.DOUBTFUL),
        (2199, RequestVerdict.DOUBTFUL),
        (2174, RequestVerdict.GOES_ON),
        (492, RequestVerdict.GOES_ON),
        (2104, RequestVerdict.GOES_ON),
    ],
)
def test_what_a_code_says_about_a_request(code, verdict):
    assert CODES.about_request(code) is verdict


def test_an_unknown_code_is_a_notice():
    assert CODES[77777].severity is Severity.NOTICE
    assert not CODES[77777].known
    assert 77777 not in CODES


def test_a_users_code_is_believed_and_leaves_the_table_alone():
    silent = Code(scope=Scope.ORDER, severity=Severity.NOTICE, meaning="a new warning")
    dead = Code(scope=Scope.ORDER, severity=Severity.REFUSED, meaning="a new refusal")
    mine = CODES.extended({77777: silent, 10349: dead})

    assert mine.about_order(77777, Doing.NEW) is OrderVerdict.SILENT
    assert mine.about_order(10349, Doing.NEW) is OrderVerdict.ENDED
    assert mine.about_order(10349, Doing.MODIFY) is OrderVerdict.KEPT
    assert CODES.about_order(10349, Doing.NEW) is OrderVerdict.SILENT
    assert len(mine) == len(CODES) + 1


def test_the_effect_follows_from_scope_and_severity():
    def effect(scope, severity):
        return Code(scope=scope, severity=severity, meaning="x").effect

    assert effect(Scope.ORDER, Severity.REFUSED) == Effect.FO | Effect.MR
    assert effect(Scope.STREAM, Severity.REFUSED) == Effect.FR
    assert effect(Scope.REQUEST, Severity.RETRYABLE) == Effect.FR
    assert effect(Scope.CONNECTION, Severity.FATAL) == Effect.S


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (162, "error message:API historical data query pacing violation", True),
        (420, "Invalid Real-time Query:Pacing violation", True),
        (100, "Max rate of messages per second has been exceeded", True),
        (162, "Historical Market Data Service error message:HMDS query returned no data", False),
    ],
)
def test_pacing_is_told_from_other_refusals(code, text, expected):
    assert CODES.is_pacing(code, text) is expected


def test_a_notice_carries_the_meaning():
    now = datetime(2026, 1, 5, tzinfo=timezone.utc)
    notice = CODES.notice(2104, "Market data farm connection is OK:usfarm", -1, now)

    assert notice.text.endswith("usfarm")
    assert notice.scope is Scope.CONNECTION
    assert notice.time == now
