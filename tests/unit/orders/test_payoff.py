import sys
from decimal import Decimal

import pytest

from ibkit.errors import MissingExtra, PlanError
from ibkit.orders import (
    FromFill,
    Limit,
    Market,
    PriceGrid,
    Stop,
    StopLimit,
    Target,
    Trail,
    bracket,
    bracket_from_fill,
    payoff,
    single,
)


def points(picture):
    return [(int(point.price), int(point.result)) for point in picture.points]


def test_a_short_bracket_wins_below():
    picture = payoff(bracket("SELL", 2, entry=Limit(100), take_profit=90, stop=105), point_value=5)

    assert points(picture) == [(90, 100), (100, 0), (105, -50)]
    assert (picture.risk, picture.reward, picture.ratio) == (50, 100, 2)
    assert (picture.open_below, picture.open_above) == (0, 0)


@pytest.mark.parametrize("form", ["separate", "attached", "managed"])
def test_the_form_does_not_change_the_result(form):
    group = bracket(
        "BUY", 4, entry=Limit(100), targets=[Target(1, 110), Target(2, 120)], stop=95, slices=form
    )
    picture = payoff(group)

    assert points(picture) == [(95, -20), (100, 0), (110, 40), (120, 70)]
    assert (picture.open_above, picture.open_below) == (1, 0)
    assert (picture.risk, picture.reward) == (20, None)


def test_each_slice_has_its_own_stop():
    group = bracket(
        "BUY", 2, entry=Limit(100), targets=[Target(1, 110, stop=98), Target(1, 120)], stop=95
    )

    assert points(payoff(group)) == [(95, -7), (98, -4), (100, 0), (110, 20), (120, 30)]


def test_what_has_no_stop_goes_on():
    picture = payoff(bracket("BUY", 2, entry=Limit(100), take_profit=110))

    assert picture.open_below == 2
    assert (picture.risk, picture.reward, picture.ratio) == (None, 20, None)


def test_a_trailing_exit_counts_at_its_start():
    group = bracket(
        "BUY", 2, entry=Limit(100), targets=[Target(1, 110), Target(1, Trail(amount=8, start=97))],
        stop=95,
    )  # fmt: skip
    picture = payoff(group)

    assert points(picture) == [(95, -8), (97, -6), (100, 0), (110, 20)]
    assert picture.open_above == 1


def test_exits_from_the_fill_need_the_fill_and_perhaps_the_grid():
    group = bracket_from_fill("BUY", 1, take_profit=FromFill(+10), stop=FromFill(ticks=-20))

    with pytest.raises(PlanError, match="at which one it fills"):
        payoff(group)
    with pytest.raises(PlanError, match="price grid"):
        payoff(group, fill=100)
    picture = payoff(group, fill=100, grid=PriceGrid([(0, "0.25")]))
    assert points(picture) == [(95, -5), (100, 0), (110, 10)]


@pytest.mark.parametrize(
    ("entry", "price"), [(Stop(100), 100), (StopLimit(99, 100), 100), (Limit(100), 100)]
)
def test_the_entry_is_where_it_fills_at_worst(entry, price):
    assert payoff(bracket("BUY", 1, entry=entry, stop=90)).entry == price


def test_the_result_at_the_entry_is_nothing():
    picture = payoff(bracket("BUY", "0.5", entry=Market(), stop=-1, take_profit=1), fill="-0.5")

    assert dict(picture.points)[Decimal("-0.5")] == 0


def test_one_order_has_no_payoff():
    with pytest.raises(PlanError, match="a bracket"):
        payoff(single("BUY", 1, Market()))


# -- the picture


def drawn(group, **options):
    """Draw on axes of ours; the curve, and what is written."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    figure, given = pyplot.subplots()
    axes = payoff(group, **options).plot(given)
    curve = axes.lines[0]
    pyplot.close(figure)

    assert axes is given
    points = zip(curve.get_xdata(), curve.get_ydata(), strict=True)
    return [tuple(map(float, point)) for point in points], [text.get_text() for text in axes.texts]


def test_a_bracket_is_drawn_flat_beyond_its_exits():
    group = bracket("BUY", 2, entry=Limit(100), take_profit=110, stop=95)
    curve, marks = drawn(group, point_value=5)

    assert curve == [(91.25, -50), (95, -50), (100, 0), (110, 100), (113.75, 100)]
    assert marks == ["95: -50", "100: 0", "110: 100"]


@pytest.mark.parametrize(
    ("side", "stop", "below", "above"),
    [
        ("BUY", 96, (95, -8), (101, 2)),
        ("SELL", 104, (99, 2), (105, -8)),
    ],
)
def test_what_is_held_beyond_the_last_exit_goes_on(side, stop, below, above):
    curve, _ = drawn(bracket(side, 2, entry=Limit(100), stop=stop))

    assert (curve[0], curve[-1]) == (below, above)


def test_without_axes_a_figure_is_made():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    axes = payoff(bracket("BUY", 1, entry=Limit(100), stop=95)).plot()

    assert axes.get_xlabel() == "price"
    pyplot.close("all")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(MissingExtra, match=r"matplotlib.*ibkit\[plot\]"):
        payoff(bracket("BUY", 1, entry=Limit(100), stop=95)).plot()
