import datetime as dt
from decimal import Decimal

import pytest

from ibkit.streams._kinds import DataType
from ibkit.streams._quote_feed import QuoteFeed as PlainFeed

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)
LATER = AT + dt.timedelta(seconds=1)
UTC = dt.timezone.utc


@pytest.fixture
def feed():
    return live(QuoteFeed(7))


def live(feed):
    feed.live = True
    feed.seen = []
    feed.puts = [feed.seen.append]
    return feed


class QuoteFeed(PlainFeed):
    """One with room for what a test sees."""

    __slots__ = ("seen",)


def price(feed, tick, price, size=1, at=AT):
    feed.price(["1", "6", "1", str(tick), str(price), str(size), "0"], at)
    return feed.latest


def size(feed, tick, size, at=AT):
    feed.size(["2", "6", "1", str(tick), str(size)], at)
    return feed.latest


def text(feed, tick, text):
    feed.text(["46", "6", "1", str(tick), text], AT)
    return feed.latest


def generic(feed, tick, value):
    feed.generic(["45", "6", "1", str(tick), str(value)], AT)
    return feed.latest


@pytest.mark.parametrize(
    ("ticks", "field"),
    [((1, 66), "bid"), ((2, 67), "ask"), ((4, 68), "last")],
)
def test_a_price_comes_with_its_size_live_or_delayed(feed, ticks, field):
    for tick in ticks:
        quote = price(feed, tick, "5000.25", 3)

        assert getattr(quote, field) == Decimal("5000.25")
        assert getattr(quote, f"{field}_size") == 3


@pytest.mark.parametrize(
    ("ticks", "field"),
    [((6, 72), "high"), ((7, 73), "low"), ((9, 75), "close"), ((14, 76), "open"), ((37,), "mark")],
)
def test_prices_of_the_day(feed, ticks, field):
    for tick in ticks:
        assert getattr(price(feed, tick, "5000.25", 0), field) == Decimal("5000.25")


def test_every_value_is_a_whole_quote_of_its_own(feed):
    first = price(feed, 1, 5000)
    second = price(feed, 2, 5001, at=LATER)

    assert (first.bid, first.ask, first.arrived) == (5000, None, AT)
    assert (second.bid, second.ask, second.arrived) == (5000, 5001, LATER)
    assert feed.seen == [first, second]


@pytest.mark.parametrize(
    ("tick", "value", "amount", "expected"),
    [
        (1, -1, 0, None),
        (1, 0, 0, None),
        (1, -1, 2, -1),  # a spread that is bid -1
        (1, "-1.25", 0, Decimal("-1.25")),
        (2, "0.0005", 10, Decimal("0.0005")),
        (1, "0.65", 0, Decimal("0.65")),
    ],
)
def test_no_bid_and_a_bid_of_minus_one(feed, tick, value, amount, expected):
    quote = price(feed, tick, value, amount)

    assert (quote.bid if tick == 1 else quote.ask) == expected


def test_a_side_that_goes_away_is_not_there_any_more(feed):
    price(feed, 1, 5000, 3)

    assert price(feed, 1, -1, 0)[3:5] == (None, None)


def test_an_empty_price_says_nothing(feed):
    price(feed, 1, 5000)
    price(feed, 1, "")

    assert len(feed.seen) == 1


def test_day_prices_of_zero_are_absent_but_not_for_a_combo(feed):
    combo = live(QuoteFeed(7, "BAG"))

    assert price(feed, 9, 0, 0).close is None
    assert price(combo, 9, 0, 0).close == 0
    assert price(combo, 9, -1, 0).close is None


def test_an_index_may_pass_through_minus_one():
    index = live(QuoteFeed(7, "IND"))

    assert price(index, 4, -1, 0).last == -1
    price(index, 9, 5000, 0)  # one with a close is of the other sort
    assert price(index, 4, -1, 0).last is None


def test_a_size_alone_changes_the_size_alone(feed):
    price(feed, 1, 5000, 3)

    assert size(feed, 0, 9)[3:5] == (5000, 9)


def test_a_size_that_is_known_already_is_no_news(feed):
    price(feed, 1, 5000, 3)
    size(feed, 0, "3", at=LATER)

    assert (len(feed.seen), feed.repeats, feed.arrived) == (1, 1, LATER)


def test_the_same_last_size_again_is_another_trade(feed):
    price(feed, 4, 5000, 3)
    size(feed, 5, 3)

    assert len(feed.seen) == 2


def test_volume_and_generic_sizes(feed):
    assert size(feed, 8, 123456).volume == 123456
    assert size(feed, 86, 999).extra == {"futures_open_interest": 999}


@pytest.mark.parametrize(("value", "halted"), [(-1, None), (0, False), (1, True), (2, True)])
def test_halted_is_not_the_same_as_not_known(feed, value, halted):
    assert generic(feed, 49, value).halted is halted


def test_generic_ticks_below_zero_are_kept(feed):
    assert generic(feed, 31, "-12.5").extra == {"index_future_premium": Decimal("-12.5")}


def test_texts(feed):
    assert text(feed, 45, "1795185000").last_time == AT
    assert text(feed, 32, "Q").bid_exchange == "Q"
    assert text(feed, 59, "0.83,0.92,20130219,0.23").extra["dividends"] == "0.83,0.92,20130219,0.23"
    assert text(feed, 9999, "new").extra["tick_9999"] == "new"


def test_a_trade_report_gives_price_time_and_vwap(feed):
    quote = text(feed, 48, "701.28;2;1795185000471;67854;701.46918464;true")

    assert (quote.last, quote.last_size) == (Decimal("701.28"), 2)
    assert quote.last_time == AT + dt.timedelta(milliseconds=471)
    assert (quote.vwap, quote.extra["rt_volume"]) == (Decimal("701.46918464"), 67854)


def test_a_trade_report_without_a_price_leaves_the_last_trade_alone(feed):
    price(feed, 4, 700, 1)

    assert text(feed, 48, ";5;1795185000471;67859;701.4;false").last == 700


def test_a_report_that_cannot_be_read_is_counted(feed):
    text(feed, 48, "701.28;2")

    assert feed.faults == 1


def test_greeks_that_could_not_be_computed_are_not_there(feed):
    numbers = ["0.2", "0.5", "-1", "0", "0.01", "-2", "1.7976931348623157E308", "5000"]
    feed.greeks(["21", "1", "13", "0", *numbers], AT)
    greeks = feed.latest.greeks

    assert greeks[:5] == (Decimal("0.2"), Decimal("0.5"), None, 0, Decimal("0.01"))
    assert greeks[5:] == (None, None, 5000)


@pytest.mark.parametrize(
    ("tick", "field"), [(10, "bid_greeks"), (81, "ask_greeks"), (12, "last_greeks"), (83, "greeks")]
)
def test_greeks_go_where_they_belong(feed, tick, field):
    feed.greeks(["21", "1", str(tick), "0", *(["0.5"] * 8)], AT)

    assert getattr(feed.latest, field).delta == Decimal("0.5")


def test_the_type_of_data_is_said_with_the_next_value_and_is_no_value_itself(feed):
    told = []
    feed.on_delayed = lambda: told.append("delayed")
    for number in (1, 3, 3, 4):
        feed.data_type(["58", "1", "1", str(number)], AT)

    assert (feed.seen, told) == ([], ["delayed", "delayed"])
    assert price(feed, 66, 5000).data_type is DataType.DELAYED_FROZEN


def test_a_quote_is_of_no_type_before_tws_has_said_one(feed):
    assert price(feed, 1, 5000).data_type is None


def test_after_clearing_nothing_of_the_past_shows(feed):
    price(feed, 1, 5000)
    generic(feed, 46, 3)
    feed.data_type(["58", "1", "1", "1"], AT)
    feed.clear()
    quote = price(feed, 2, 5001, at=LATER)

    assert quote == (7, LATER, None, None, None, 5001, *quote[6:])
    assert set(quote[7:-1]) == {None}
    assert quote.extra == {}


def test_earlier_quotes_do_not_change_when_a_generic_tick_comes(feed):
    before = generic(feed, 46, 3)
    generic(feed, 46, 4)

    assert before.extra == {"shortable": 3}


@pytest.mark.parametrize("message", ["price", "size", "generic", "text", "greeks"])
def test_nothing_is_delivered_while_the_line_is_not_live(feed, message):
    feed.live = False
    getattr(feed, message)(["1", "6", "1", "1", "5000", "1", "0"], AT)

    assert (feed.seen, feed.missed) == ([], 1)


def test_what_has_no_number_leaves_nothing_behind(feed):
    price(feed, 1, "5000", 3)
    generic(feed, 23, "")
    size(feed, 9999, "")
    price(feed, 9999, "-1", 0)
    feed.greeks(["21", "1", "9999", "0", *["0.5"] * 8], AT)
    quote = price(feed, 1, "-1.7976931348623157E308", "")

    assert (quote.bid, quote.bid_size) == (None, None)
    assert dict(quote.extra) == {}
    assert quote.greeks is None


def test_a_price_of_a_kind_that_is_new_goes_by_its_number(feed):
    assert price(feed, 9999, "12.5").extra["tick_9999"] == Decimal("12.5")


def test_a_trade_report_may_leave_out_its_time_and_volume(feed):
    quote = text(feed, 48, "701.28;2;;;701.4;true")

    assert (quote.last, quote.last_time, "rt_volume" in quote.extra) == (
        *(Decimal("701.28"), None),
        False,
    )
