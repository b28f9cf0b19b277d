import asyncio
import functools
import logging
from datetime import datetime, timezone

import pytest

from ibkit._ib._health import HealthRecord, name_of

NOON = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)


@pytest.fixture
def record():
    return HealthRecord(clock=lambda: NOON)


def handler():
    pass


class Callable:
    def __call__(self):
        pass

    def method(self):
        pass


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (print, "print"),
        (handler, "handler"),
        (functools.partial(functools.partial(handler)), "handler"),
        (Callable().method, "Callable.method"),
        (Callable(), "Callable"),
    ],
)
def test_callables_have_names(thing, name):
    assert name_of(thing).split(":")[-1].endswith(name)


def test_a_new_record_is_well(record):
    health = record.current()

    assert (health.handler_errors, health.last_error, health.running_tasks) == (0, None, 0)


def test_a_failure_is_logged_counted_and_readable(record, caplog):
    error = ZeroDivisionError("a typo")
    record.failed("handler on_fill of execDetailsEvent", error)
    health = record.current()

    assert health.handler_errors == 1
    assert health.last_error.context == "handler on_fill of execDetailsEvent"
    assert health.last_error.error == "ZeroDivisionError('a typo')"
    assert health.last_error.exception is error
    assert health.last_error.time == NOON
    assert health.errors_by_handler == {"handler on_fill of execDetailsEvent": 1}
    assert caplog.records[0].exc_info[1] is error
    assert "on_fill" in caplog.text


def test_a_picture_does_not_change(record):
    record.failed("a", ValueError())
    health = record.current()
    record.failed("a", ValueError())

    assert health.handler_errors == 1
    assert health.errors_by_handler == {"a": 1}


def test_repeats_are_counted_but_do_not_fill_the_log(record, caplog):
    for _ in range(1000):
        record.failed("on every tick", ValueError())

    assert record.current().handler_errors == 1000
    assert len(caplog.records) == 10  # 1, 2, 4 ... 512


def test_the_number_of_handlers_is_bounded(record, caplog):
    caplog.set_level(logging.CRITICAL, "ibkit")
    for index in range(1000):
        record.failed(f"handler {index}", ValueError())

    assert len(record.current().errors_by_handler) == 201
    assert record.current().errors_by_handler["others"] == 800


async def test_a_task_is_held_until_it_ends(record):
    ended = []

    async def work():
        await asyncio.sleep(1)
        ended.append(1)

    record.spawn(work(), "a background task")
    assert record.current().running_tasks == 1
    await asyncio.sleep(2)

    assert ended == [1]
    assert record.current().running_tasks == 0


async def test_a_task_that_fails_is_recorded(record):
    async def work():
        raise ZeroDivisionError

    record.spawn(work(), "a background task")
    await asyncio.sleep(0.1)

    assert record.current().errors_by_handler == {"a background task": 1}


async def test_a_cancelled_task_is_no_failure(record):
    record.spawn(asyncio.sleep(100), "a background task")
    record.cancel_tasks()
    await asyncio.sleep(0.1)

    assert record.current().handler_errors == 0
    assert record.current().running_tasks == 0
