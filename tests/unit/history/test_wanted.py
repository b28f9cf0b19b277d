import datetime as dt

import pytest
from ib_async import ContFuture, Future, Stock

from ibkit.errors import PlanError
from ibkit.history import MemoryStore, SeriesKey
from ibkit.history._wanted import check_resume, check_store, name_of, want_bars, want_ticks
from past import NOW, at, contract

START, END = at("03-02 14:00"), at("03-02 15:00")


def bars(start=START, end=END, size="1 min", what="TRADES", of=None):
    return want_bars(of or contract(), start, end, size, what, use_rth=True, now=NOW)


def test_a_wish_for_bars_ends_now_at_the_latest_and_has_a_name_in_a_store():
    wanted = bars(end=None, size="5 mins", what="BID")

    assert (wanted.end, wanted.seconds) == (NOW, 300)
    assert wanted.key == SeriesKey(con_id=77, bar_size="5 mins", what="BID", use_rth=True)
    assert str(wanted) == "5 mins BID bars of ESH6"


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("contract", {"of": ContFuture("ES", "CME")}),
        ("bar_size", {"size": "7 mins"}),
        ("what", {"what": "LAST"}),
        ("start", {"start": NOW, "end": NOW + dt.timedelta(days=1)}),
        ("end", {"end": at("03-02 14:00")}),
    ],
)
def test_impossible_wishes_are_named(field, wish):
    with pytest.raises(PlanError) as caught:
        bars(**wish)

    assert caught.value.field == field


def test_a_wish_is_kept_in_the_words_of_ib():
    wanted = bars(size="5min", what="bid ask")

    assert (wanted.bar_size, wanted.what) == ("5 mins", "BID_ASK")


@pytest.mark.parametrize("store", ["bars.parquet", True, {}, MemoryStore])
def test_what_can_keep_nothing_is_no_store(store):
    check_resume(None)
    check_resume(MemoryStore())
    with pytest.raises(PlanError, match="ParquetStore"):
        check_resume(store)


def test_a_wish_for_ticks():
    start, end = at("03-02 14:00"), at("03-02 15:00")
    wanted = want_ticks(contract(), start, end, "BID_ASK", use_rth=False, now=NOW)

    assert str(wanted) == "BID_ASK ticks of ESH6"
    assert wanted.key.bar_size == "ticks"
    with pytest.raises(PlanError, match="MIDPOINT"):
        want_ticks(contract(), start, end, "LAST", use_rth=False, now=NOW)


def test_only_what_has_a_con_id_can_be_kept():
    check_store(contract())
    with pytest.raises(PlanError, match="conId"):
        check_store(Future("ES", "202603", "CME"))


def test_a_contract_is_named_by_what_it_has():
    assert name_of(contract()) == "ESH6"
    assert name_of(Stock("SPY", "SMART", "USD")) == "SPY"
