from __future__ import annotations

import builtins
import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ibkit.sim._market import Market, Quote, Trade
from ibkit.sim._market._replay import ReplayError, from_rows, read

UTC = dt.timezone.utc
NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.fixture
def es(market: Market):
    return market.named("ES", NOW)


def trades(ticks) -> list[tuple[dt.datetime, Decimal, Decimal]]:
    return [(tick.time, tick.price, tick.size) for tick in ticks if isinstance(tick, Trade)]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-11-23 09:00:00", "America/Chicago"),
        ("2026-11-23T09:00", "America/Chicago"),
        ("20261123 09:00:00", "US/Central"),
        ("20261123  09:00:00", "US/Central"),
        ("20261123 09:00:00 US/Central", None),
        ("20261123-15:00:00 UTC", None),
        ("2026-11-23T15:00:00Z", None),
        ("2026-11-23 15:00:00.000+00:00", None),
        ("2026-11-23 16:00:00+0100", None),
        ("1795446000", None),
        ("1795446000.0", None),
        ("1795446000000", None),
        ("1795446000000000", None),
        ("1795446000000000000", None),
        (1795446000, None),
        (dt.datetime(2026, 11, 23, 15, 0, tzinfo=UTC), None),
        (dt.datetime(2026, 11, 23, 9, 0), "US/Central"),  # noqa: DTZ001  # that is the case
    ],
)
def test_times_in_every_usual_form(es, text, zone) -> None:
    [quote, trade] = from_rows([{"time": text, "price": "5000", "size": 2}], es, zone)

    assert quote.time == trade.time == NOW


def test_a_naive_time_needs_to_be_told_what_it_means(es) -> None:
    with pytest.raises(ReplayError, match=r"row 1: time .* has no zone; .* naive_zone"):
        from_rows([{"time": "2026-11-23 09:00:00", "price": 1}], es, None)
    with pytest.raises(ReplayError, match="not an IANA time zone"):
        from_rows([{"time": "2026-11-23 09:00:00", "price": 1}], es, "Chicago")


def test_date_and_time_may_stand_in_two_columns(es) -> None:
    rows = [{"Date": "2026-11-23", "Time": "09:00:00", "Last": 5000, "Volume": 3}]

    assert trades(from_rows(rows, es, "US/Central")) == [(NOW, 5000, 3)]


def test_a_date_alone_is_its_midnight(es) -> None:
    rows = [{"date": dt.date(2026, 11, 23), "price": 1}, {"date": "20261124", "price": 2}]
    ticks = trades(from_rows(rows, es, "UTC"))

    assert [time.day for time, _, _ in ticks] == [23, 24]


def test_a_bar_becomes_four_trades_that_make_it_again(es) -> None:
    rows = [
        {"time": NOW, "open": 10, "high": 14, "low": 9, "close": 12, "volume": 10},
        {"time": NOW + dt.timedelta(minutes=5), "open": 12, "high": 13, "low": 8, "close": 9},
    ]
    ticks = trades(from_rows(rows, es, None))

    assert [price for _, price, _ in ticks] == [10, 9, 14, 12, 12, 13, 8, 9]
    assert sum(size for _, _, size in ticks[:4]) == 10
    assert ticks[0][0] == NOW
    assert ticks[3][0] == NOW + dt.timedelta(minutes=5) - dt.timedelta(milliseconds=1)
    assert [time for time, _, _ in ticks] == sorted(time for time, _, _ in ticks)


def test_without_quotes_a_trade_stands_on_the_bid(es) -> None:
    [quote, trade] = from_rows([{"time": NOW, "price": "5000"}], es, None)

    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, trade.price) == (5000, Decimal("5000.25"), 5000)
    assert trade.size == 1


def test_quotes_are_taken_as_they_are(es) -> None:
    rows = [
        {"ts_event": NOW, "bid_px": 5, "ask_px": 6, "bid_sz": 2, "ask_sz": 3, "other": "x"},
        {"ts_event": NOW, "bid_px": None, "ask_px": 6},
        {"ts_event": NOW, "bid_px": 5, "ask_px": 6, "price": 6, "size": 4},
    ]
    first, second, _, trade = from_rows(rows, es, None)

    assert (first.bid, first.bid_size, first.ask, first.ask_size) == (5, 2, 6, 3)
    assert (second.bid, second.bid_size, second.ask) == (None, 0, 6)
    assert (trade.price, trade.size) == (6, 4)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"price": 1}, "no time"),
        ({"time": "soon", "price": 1}, "'soon' is not understood"),
        ({"time": "2026-13-01 00:00:00Z", "price": 1}, "not understood"),
        ({"time": NOW, "price": "x"}, "price 'x' is not a number"),
        ({"time": NOW, "bid": "inf", "ask": 5}, "bid 'inf' is not a number"),
        ({"time": NOW, "volume": 5}, "no prices"),
        ({"time": NOW, "open": 1, "high": 2}, "a bar without low, close"),
        ({"time": NOW, "open": 1, "high": 2, "low": 1.5, "close": 2}, "open 1 high 2 low 1.5"),
    ],
)
def test_a_wrong_row_is_named(es, row, reason: str) -> None:
    with pytest.raises(ReplayError) as caught:
        from_rows([{"time": NOW, "price": 1}, row], es, "UTC", "bars.csv")

    assert caught.value.row == 2
    assert str(caught.value).startswith("bars.csv, row 2: ")
    assert reason in caught.value.reason


def test_no_rows_are_an_error(es) -> None:
    with pytest.raises(ReplayError, match="no rows"):
        from_rows([], es, None)


def test_a_csv_file(es, tmp_path) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(
        "\ufeffTimestamp,Open,High,Low,Close,Volume\n2026-11-23 15:00:00Z,10,14,9,12,8\n"
    )

    assert [price for _, price, _ in trades(read(file, es, None))] == [10, 9, 14, 12]


def test_a_parquet_file(es, tmp_path) -> None:
    file = tmp_path / "ticks.parquet"
    table = pa.table({"timestamp": [NOW, NOW], "price": [5000.25, 5000.5], "size": [1, 2]})
    pq.write_table(table, file)

    assert trades(read(file, es, None)) == [
        (NOW, Decimal("5000.25"), 1),
        (NOW, Decimal("5000.5"), 2),
    ]


def test_parquet_without_pyarrow_names_the_extra(es, tmp_path, monkeypatch) -> None:
    load = builtins.__import__

    def refuse(name: str, *rest: object):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)

    with pytest.raises(ReplayError, match=r"ibkit\[parquet\]"):
        read(tmp_path / "ticks.parquet", es, None)


def test_a_missing_file_is_the_system_s_error(es, tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing.csv", es, None)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Open,High,Low,Close,Adj Close,Volume\n2026-11-20,10,12,9,11,11,400\n",
        "date;open;high;low;close;volume\n20.11.2026 00:00:00.000;10;12;9;11;400\n",
        "Date\tTime\tOpen\tHigh\tLow\tClose\tVol\n11/20/2026\t00:00\t10\t12\t9\t11\t400\n",
        "Gmt time,Open,High,Low,Close,Volume\n20.11.2026 00:00:00.000,10,12,9,11,400\n",
        ",date,open,high,low,close,volume\n0,2026-11-20 00:00:00-00:00,10.0,12.0,9.0,11.0,400.0\n",
    ],
    ids=["yahoo", "semicolons", "tabs", "dukascopy", "ib_async"],
)
def test_files_of_many_makers_work_as_they_are(es, tmp_path, text: str) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(text)
    found = trades(read(file, es, "UTC"))

    assert [price for _, price, _ in found] == [10, 9, 12, 11]
    assert found[0][0] == dt.datetime(2026, 11, 20, tzinfo=UTC)
    assert sum(size for _, _, size in found) == 400


def test_quotes_as_ib_async_writes_them(es) -> None:
    row = {"time": "2026-11-23 15:00:00+00:00", "tickAttribBidAsk": "x", "priceBid": 10.0}
    row |= {"priceAsk": 11.0, "sizeBid": 3.0, "sizeAsk": 4.0}

    assert from_rows([row], es, None) == [
        Quote(es.con_id, NOW, Decimal(10), Decimal(3), Decimal(11), Decimal(4))
    ]


@pytest.mark.parametrize("missing", ["", "NaN", "nan", "null", None, float("nan")])
def test_a_figure_that_is_missing_is_no_number(es, missing) -> None:
    row = {"time": "2026-11-23T15:00Z", "open": 1, "high": 1, "low": 1, "close": 1}

    assert [size for _, _, size in trades(from_rows([row | {"volume": missing}], es, None))] == [
        1,
        1,
        1,
        1,
    ]


def test_a_size_below_0_is_not_known_as_ib_writes_it(es) -> None:
    bar = {"time": NOW, "open": 5, "high": 6, "low": 4, "close": 5, "volume": -1}
    ticks = from_rows([bar], es, None)

    assert [size for _, _, size in trades(ticks)] == [1, 1, 1, 1]


def test_a_side_without_a_price_has_no_size_either(es) -> None:
    (quote,) = from_rows([{"time": NOW, "bid": "nan", "bid_size": 7, "ask": 5}], es, None)

    assert (quote.bid, quote.bid_size) == (None, 0)


@pytest.mark.parametrize("name", ["ticks.csv", "ticks.parquet"])
def test_a_file_that_is_something_else_is_named(es, tmp_path, name) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe nothing of the kind")

    with pytest.raises(ReplayError, match=f"{name}: is not what its name says"):
        read(tmp_path / name, es, None)
