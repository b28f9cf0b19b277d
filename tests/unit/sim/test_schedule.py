import inspect

import pytest
from hypothesis import given, strategies as st

from ibkit.sim import At, FaultDesk, random_schedule
from ibkit.sim._schedule import KINDS

names = st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4)


@given(st.integers(), st.floats(0, 3600), names)
def test_a_schedule_printed_is_python_that_makes_it_again(seed, seconds, faults):
    schedule = random_schedule(seed, seconds, faults)

    assert eval(repr(schedule), {"At": At}) == schedule


@given(st.integers(0, 1000), st.floats(0, 3600), names)
def test_the_same_arguments_give_the_same_schedule_in_order_of_time(seed, seconds, faults):
    schedule = random_schedule(seed, seconds, faults)

    assert schedule == random_schedule(seed, seconds, faults)
    assert schedule == sorted(schedule, key=lambda line: line.seconds)
    assert all(0 <= line.seconds <= seconds for line in schedule)


@given(st.integers(0, 1000), st.floats(0, 3600), names)
def test_what_is_broken_for_a_while_is_mended_by_the_end(seed, seconds, faults):
    schedule = random_schedule(seed, seconds, faults)
    breaks = [line for line in schedule if line.fault in faults and KINDS[line.fault].mended_by]

    for line in breaks:
        mender = KINDS[line.fault].mended_by
        assert any(m.fault == mender and m.seconds >= line.seconds for m in schedule)


def test_seeds_differ():
    assert len({repr(random_schedule(seed, 600)) for seed in range(20)}) == 20


def test_one_fault_comes_in_so_many_seconds():
    schedule = random_schedule(1, 100_000, ["cut"], every=50)

    assert 1900 < len(schedule) < 2100


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_line_is_a_method_with_arguments_that_it_takes(name):
    for line in random_schedule(5, 2000, [name]):
        method = getattr(FaultDesk, line.fault)

        inspect.signature(method).bind(None, **line.arguments)


def test_faults_that_need_no_order_may_be_chosen_by_chance():
    by_hand = {"schedule", "switch", "clear", "alter", "move_port", "restore", "farm_up"}
    of_orders = {"hold_next_order", "release_order", "refuse_next_order", "reject_order"}
    of_orders |= {"cancel_order", "fill_order", "fill_in_one_burst", "report_status"}
    of_orders |= {"correct_fill", "bust_fill", "place_by_hand", "place_as_client"}
    public = {name for name in vars(FaultDesk) if not name.startswith("_")}

    assert public - by_hand - of_orders == set(KINDS)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"faults": ["cut", "quake"]}, "quake; chance may choose from cut"),
        ({"seconds": -1}, "seconds: got -1; wanted seconds"),
        ({"every": 0}, "every: got 0; wanted a number above 0"),
        ({"seed": "x"}, "seed: got 'x'; wanted a whole number"),
    ],
)
def test_impossible_schedules_are_refused(options, word):
    with pytest.raises(ValueError, match=word):
        random_schedule(**{"seed": 1, "seconds": 60, **options})


def test_no_faults_no_lines():
    assert random_schedule(1, 3600, []) == []
