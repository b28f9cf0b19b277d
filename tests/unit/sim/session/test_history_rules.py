import datetime as dt

import pytest

from ibkit.sim import _wire as wire
from ibkit.sim._session._history_rules import Refused, check_bars, end_of, is_paced

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


def asked(**changes):
    fields = {
        "req_id": 1,
        "contract": wire.ContractFields(symbol="ES", sec_type="FUT", exchange="CME"),
        "end_date_time": "",
        "bar_size_setting": "1 min",
        "duration_str": "1 D",
        "use_rth": False,
        "what_to_show": "TRADES",
        "format_date": 1,
        "keep_up_to_date": False,
    }
    return wire.ReqHistoricalData(**{**fields, **changes})


def test_an_ordinary_request_is_in_order():
    check_bars(asked())


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"bar_size_setting": "7 mins"}, 321, "bar size"),
        ({"what_to_show": "NONSENSE"}, 321, "What to show"),
        ({"what_to_show": ""}, 321, "What to show"),
        ({"what_to_show": "SCHEDULE"}, 321, "Only daily resolution"),
        ({"duration_str": "1 day"}, 321, "duration"),
        ({"duration_str": "90000 S"}, 321, "out of range"),
        ({"duration_str": "400 D"}, 321, "out of range"),
        ({"duration_str": "1 Y", "bar_size_setting": "1 secs"}, 162, "invalid step"),
        ({"duration_str": "2001 S", "bar_size_setting": "1 secs"}, 162, "Time length"),
        ({"keep_up_to_date": True, "end_date_time": "20260301 10:00:00"}, 321, "End date"),
        ({"keep_up_to_date": True, "what_to_show": "BID_ASK"}, 321, "Source price"),
        (
            {"keep_up_to_date": True, "contract": wire.ContractFields(sec_type="BAG")},
            321,
            "combos",
        ),
        (
            {
                "contract": wire.ContractFields(sec_type="CONTFUT"),
                "end_date_time": "20260301 10:00:00",
            },
            10339,
            "continuous future",
        ),
    ],
)
def test_what_tws_refuses_is_refused_with_its_code(changes, code, words):
    with pytest.raises(Refused) as caught:
        check_bars(asked(**changes))

    assert caught.value.code == code
    assert words in caught.value.text


def test_only_bars_of_thirty_seconds_or_less_are_paced():
    assert is_paced("30 secs")
    assert not is_paced("1 min")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", NOW),
        ("20260301-12:00:00", dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)),
        ("20260301 07:00:00 US/Eastern", dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)),
        ("20260301 07:00:00", dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)),
        ("20270101-00:00:00", NOW),
    ],
)
def test_an_end_is_read_in_every_form_and_never_lies_in_the_future(text, end):
    assert end_of(text, NOW, "US/Eastern") == end


@pytest.mark.parametrize("text", ["yesterday", "20261301 00:00:00", "20260301 07:00:00 Mars/Base"])
def test_a_malformed_end_is_refused(text):
    with pytest.raises(Refused) as caught:
        end_of(text, NOW, "US/Eastern")

    assert caught.value.code == 321
