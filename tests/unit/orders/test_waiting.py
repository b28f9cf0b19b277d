import asyncio

import pytest

from ibkit._ib._events import SafeEvent
from ibkit._ib._health import HealthRecord
from ibkit.orders._waiting import wait_until
from ibkit.testing import run_virtual


def events():
    health = HealthRecord()
    return SafeEvent("one", health), SafeEvent("two", health)


def test_what_is_so_already_is_not_waited_for():
    async def main():
        one, _ = events()
        await wait_until(lambda: True, one)
        return len(one)

    assert run_virtual(main()) == 0


def test_every_event_has_the_predicate_asked_again():
    async def main():
        one, two = events()
        seen, began = [], asyncio.get_running_loop().time()
        waiting = asyncio.ensure_future(wait_until(lambda: len(seen) == 2, one, two))
        for event in (one, two):
            await asyncio.sleep(1)
            seen.append(event)
            event.emit(None)
        await waiting
        return asyncio.get_running_loop().time() - began

    assert run_virtual(main()) == pytest.approx(2, abs=1e-3)


def test_nobody_listens_any_more_when_the_wait_is_given_up():
    async def main():
        one, two = events()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(wait_until(lambda: False, one, two), 5)
        return len(one), len(two)

    assert run_virtual(main()) == (0, 0)


def test_what_the_predicate_raises_is_raised_and_nobody_listens_any_more():
    async def main():
        one, _ = events()
        with pytest.raises(ZeroDivisionError):
            await wait_until(lambda: 1 // (1 - len(one)) == 9, one)
        return len(one)

    assert run_virtual(main()) == 0
