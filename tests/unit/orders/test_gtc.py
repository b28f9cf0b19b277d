import datetime as dt

from ibkit.orders._birth import new_group_id
from ibkit.orders._gtc import enduring
from true_orders import true_order

TODAY = dt.date(2026, 3, 2)


def ours(days_ago, **fields):
    made = new_group_id(TODAY - dt.timedelta(days=days_ago), 7)
    return true_order(orderRef=f"ik/{made}:s1:s1:", **{"tif": "GTC", **fields})


def test_only_what_outlives_the_day_is_listed_the_oldest_first():
    orders = [ours(1), ours(9), true_order(), ours(40, tif="GTD"), true_order(tif="GTC")]

    found = enduring(orders, TODAY)

    assert [one.age.days if one.age else None for one in found] == [40, 9, 1, None]


def test_an_order_of_others_has_no_known_age():
    (one,) = enduring([true_order(tif="GTC", orderRef="mine")], TODAY)

    assert (one.placed, one.age) == (None, None)
    assert str(one).endswith("GTC, of unknown age")
    assert repr(one) == f"<GtcOrder {one}>"  # a tuple of them is printed as it is


def test_when_it_ends_is_read_from_the_order():
    gtd = ours(1, tif="GTD", goodTillDate="20260401 16:00:00 US/Eastern")
    gtc = ours(1, autoCancelDate="20260330 16:00:00 US/Eastern", goodTillDate="")
    plain = ours(1)

    ends = [enduring([one], TODAY)[0].ends for one in (gtd, gtc, plain)]

    assert [end and end.date() for end in ends] == [
        dt.date(2026, 4, 1), dt.date(2026, 3, 30), None,
    ]  # fmt: skip


def test_a_line_says_what_it_is_how_old_and_when_it_ends():
    (one,) = enduring([ours(3, tif="GTD", goodTillDate="20260401 16:00:00 US/Eastern")], TODAY)

    assert str(one) == ("SELL 2 ESH6 STP Submitted, filled 0: GTD, 3 days old, ends 2026-04-01")
