import datetime as dt
from decimal import Decimal

import pytest
from ib_async import Index

from ibkit._ib._market_data import Message
from ibkit.streams import _plans as plans
from ibkit.streams._kinds import Kind
from ibkit.streams._quote import Quote
from ibkit.streams._values import Bar, Book, BookRow

NOW = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


class Client:
    """Writes down what it is asked to send."""

    def __getattr__(self, name):
        return lambda *arguments: (name, *arguments)


def sent(plan, wants=None, feed=None):
    wants = plan.wants if wants is None else wants
    request = plan.request(frozenset(wants), feed or plan.feed(), NOW)
    return request.send(Client(), 5), request.cancel(Client(), 5)


def test_the_contract_is_a_copy(es):
    plan = plans.plan_quotes(es, ())
    es.conId = 99

    assert (plan.contract.conId, plan.spec.con_id) == (1, 1)


def test_generic_ticks_are_sent_in_one_order(es):
    plan = plans.plan_quotes(es, (236, 233))

    assert sent(plan) == (
        ("reqMktData", 5, plan.contract, "233,236", False, False, []),
        ("cancelMktData", 5),
    )
    assert sent(plan, {233, 236, 100})[0][3] == "100,233,236"


def test_generic_ticks_are_no_part_of_the_key(es):
    assert plans.plan_quotes(es, (236,)).spec == plans.plan_quotes(es, ()).spec


def test_a_snapshot_is_a_line_of_its_own_without_generic_ticks(es):
    plan = plans.plan_quotes(es, (), snapshot=True)

    assert plan.spec.kind is Kind.SNAPSHOT
    assert sent(plan)[0][3:5] == ("", True)


@pytest.mark.parametrize("kind", ["Last", "AllLast", "BidAsk", "MidPoint"])
def test_ticks(es, kind):
    plan = plans.plan_ticks(es, kind, ignore_size=False)
    feed = plan.feed()
    read = {"BidAsk": feed.bid_ask, "MidPoint": feed.midpoint}.get(kind, feed.trade)

    assert sent(plan)[0] == ("reqTickByTickData", 5, plan.contract, kind, 0, False)
    assert plan.routes(feed) == {Message.TICK: read}


def test_ignoring_sizes_is_another_request(es):
    plan = plans.plan_ticks(es, "BidAsk", ignore_size=True)

    assert plan.spec != plans.plan_ticks(es, "BidAsk", ignore_size=False).spec
    assert sent(plan)[0][-1] is True


def test_the_smart_flag_is_repeated_in_the_cancel(es):
    plan = plans.plan_depth(es, 5, smart=True)

    assert sent(plan) == (
        ("reqMktDepth", 5, plan.contract, 5, True, []),
        ("cancelMktDepth", 5, True),
    )
    assert plan.spec != plans.plan_depth(es, 5, smart=False).spec


def test_more_rows_are_a_wider_request_for_the_same_book(es):
    narrow, wide = plans.plan_depth(es, 5, smart=False), plans.plan_depth(es, 10, smart=False)

    assert narrow.spec == wide.spec
    assert sent(narrow, narrow.wants | wide.wants)[0][3] == 10


def test_each_request_for_depth_begins_with_an_empty_book(es):
    plan = plans.plan_depth(es, 2, smart=False)
    feed = plan.feed()
    feed.live = True
    feed.depth(["12", "1", "1", "0", "0", "1", "100", "1"], NOW)
    plan.begins(frozenset(range(7)), feed)

    assert (feed.builder.rows, feed.builder.book(1, NOW).bids) == (7, ())


def test_five_second_bars(es):
    plan = plans.plan_bars_5s(es, "MIDPOINT", rth=True)

    assert sent(plan)[0] == ("reqRealTimeBars", 5, plan.contract, 5, "MIDPOINT", True, [])


def test_bars_are_asked_for_in_epoch_seconds_and_kept_up_to_date(es):
    plan = plans.plan_bars(es, "1 min", "1 D", "TRADES", keep=10, rth=False)
    ask, cancel = sent(plan)

    assert ask == (
        *("reqHistoricalData", 5, plan.contract, "", "1 D", "1 min", "TRADES"),
        *(False, 2, True, []),
    )
    assert cancel == ("cancelHistoricalData", 5)


def test_a_new_request_for_bars_reaches_back_over_the_hole(es):
    plan = plans.plan_bars(es, "1 min", "1800 S", "TRADES", keep=10, rth=False)
    feed = plan.feed()
    before = NOW - dt.timedelta(hours=2)
    feed.series.update(Bar(1, before, before, *([Decimal(1)] * 4)))

    assert sent(plan, feed=feed)[0][4] == "7320 S"


def test_a_consumer_that_wants_to_keep_more_bars_gets_them(es):
    plan = plans.plan_bars(es, "1 min", "1 D", "TRADES", keep=10, rth=False)
    feed = plan.feed()
    plans.plan_bars(es, "1 min", "1 D", "TRADES", keep=500, rth=False).joins(feed)
    plan.joins(feed)

    assert feed.series.bars.maxlen == 500


def test_a_first_quote_has_both_sides(es):
    plan = plans.plan_quotes(es, ())

    assert plan.is_whole(Quote(1, NOW, bid=Decimal(1), ask=Decimal(2)))
    assert not plan.is_whole(Quote(1, NOW, bid=Decimal(1), last=Decimal(2)))


def test_a_first_quote_of_an_index_has_a_last_price():
    plan = plans.plan_quotes(Index("SPX", "CBOE", conId=1), ())

    assert plan.is_whole(Quote(1, NOW, last=Decimal(1)))
    assert not plan.is_whole(Quote(1, NOW))


def test_a_first_book_has_both_sides(es):
    plan = plans.plan_depth(es, 5, smart=False)
    row = (BookRow(Decimal(1), Decimal(1)),)

    assert plan.is_whole(Book(1, NOW, row, row))
    assert not plan.is_whole(Book(1, NOW, row))


def test_a_plan_names_itself(es):
    assert plans.plan_ticks(es, "BidAsk", ignore_size=True).name == "ticks ES1 BidAsk ignore size"
