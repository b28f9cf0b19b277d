from decimal import Decimal

import pytest

from ibkit.errors import PlanError
from ibkit.orders import Day, Fok, Gtc, Limit, Market, Opg, Stop
from ibkit.orders._layout import LAYOUTS, Slice, cut, exit_tif

STOP = Stop(4990)


def test_what_the_targets_leave_is_a_slice_with_only_the_stop():
    slices = cut(Decimal(5), [Slice(Decimal(2), Limit(5010), None)], STOP)

    assert slices == [Slice(Decimal(2), Limit(5010), STOP), Slice(Decimal(3), None, STOP)]


def test_the_stop_of_a_target_goes_before_that_of_the_bracket():
    (one,) = cut(Decimal(1), [Slice(Decimal(1), Limit(5010), Stop(4995))], STOP)

    assert one.stop == Stop(4995)


def test_fractions_are_cut_exactly():
    slices = cut(Decimal("0.3"), [Slice(Decimal("0.1"), Limit(5010), None)], STOP)

    assert slices[1].size == Decimal("0.2")


@pytest.mark.parametrize(
    ("sizes", "stop", "field"), [([3], STOP, "targets"), ([1], None, "stop"), ([], None, "stop")]
)
def test_a_cut_that_does_not_fit_is_refused(sizes, stop, field):
    with pytest.raises(PlanError) as caught:
        cut(Decimal(2), [Slice(Decimal(n), Limit(5010), None) for n in sizes], stop)

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("leg", "tif", "expected"),
    [
        (Market(), Day(), Day()),
        (Market(), Gtc(), Gtc()),
        (Market(), Fok(), Day()),
        (Market(tif=Opg()), Gtc(), Day()),
        (Market(tif=Gtc()), Day(), Gtc()),
    ],
)
def test_exits_do_not_end_with_the_moment_of_the_entry(leg, tif, expected):
    assert exit_tif(leg, tif) == expected


def test_every_form_has_a_layout():
    assert set(LAYOUTS) == {"separate", "managed", "attached"}
