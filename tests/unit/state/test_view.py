import asyncio
import datetime as dt
from decimal import Decimal

import pytest
from attrs import define, field

from ibkit._ib._events import SafeEvent
from ibkit._ib._health import HealthRecord
from ibkit._ib._link_table import LinkState
from ibkit.errors import NotConnected, PlanError, StateUnknown, WaitTimeout
from ibkit.state import _view
from ibkit.state._view import Added, View

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)


@define
class FakeLink:
    state: LinkState = LinkState.UP
    since: dt.datetime = NOW
    reason: str = "synchronised"
    changed: SafeEvent = field(factory=lambda: SafeEvent("link", HealthRecord()))


@pytest.fixture
def event():
    return SafeEvent("view", HealthRecord())


@pytest.fixture
def link():
    return FakeLink()


def numbers(link, event, content):
    return View("numbers", link, lambda: content, lambda value: {"value": value}, event)


def test_a_view_reads_through_at_every_read(link, event):
    content = {}
    view = numbers(link, event, content)
    content[1] = Decimal(5)

    assert dict(view) == {1: 5}
    assert view.get(2) is None
    assert repr(view).splitlines()[-1].strip() == "5"


@pytest.mark.parametrize(
    ("state", "error"), [(LinkState.DOWN, NotConnected), (LinkState.SYNCING, StateUnknown)]
)
def test_no_way_of_reading_is_empty_when_nothing_is_known(link, event, state, error):
    link.state = state
    view = numbers(link, event, {})

    for read in (len, list, lambda v: v[1], lambda v: v.get(1), lambda v: 1 in v, View.rows):
        with pytest.raises(error):
            read(view)
    assert "unknown" in repr(view)
    assert "unknown" in view._repr_html_()


def test_a_reader_that_falls_behind_is_told(link, event, monkeypatch):
    monkeypatch.setattr(_view, "BUFFER", 3)
    view = numbers(link, event, {})

    async def main():
        changes = view.changes()
        first = asyncio.ensure_future(changes.__anext__())
        await asyncio.sleep(0)
        for n in range(10):
            event.emit(Added(n, Decimal(n)))
        kept = [await first, await changes.__anext__(), await changes.__anext__()]
        assert [change.key for change in kept] == [0, 1, 2]
        with pytest.raises(StateUnknown, match="slow"):
            await changes.__anext__()
        await changes.aclose()

    asyncio.run(main())


def test_a_view_can_be_waited_for_without_a_loop(link, event):
    assert numbers(link, event, {1: Decimal(1)}).until(lambda view: 1 in view) is None


def test_waiting_ends_when_the_view_changes_and_not_before(link, event):
    content = {}
    view = numbers(link, event, content)

    async def main():
        waiting = asyncio.ensure_future(view.until_async(lambda v: 1 in v))
        await asyncio.sleep(0)
        event.emit(Added(2, Decimal(2)))
        await asyncio.sleep(0)
        assert not waiting.done()
        content[1] = Decimal(1)
        event.emit(Added(1, Decimal(1)))
        await waiting

    asyncio.run(main())


def test_waiting_raises_when_the_connection_is_lost(link, event):
    view = numbers(link, event, {})

    async def main():
        waiting = asyncio.ensure_future(view.until_async(lambda v: 1 in v))
        await asyncio.sleep(0)
        link.state = LinkState.DOWN
        link.changed.emit(None)
        with pytest.raises(NotConnected):
            await waiting

    asyncio.run(main())


@pytest.mark.parametrize("error", [ZeroDivisionError, TimeoutError, asyncio.TimeoutError])
def test_what_a_predicate_raises_is_raised_as_it_is(link, event, error):
    def raises(_):
        raise error("mine")

    with pytest.raises(error, match="mine"):
        numbers(link, event, {}).until(raises, timeout=5)


def test_a_wait_ends_with_its_timeout_and_shows_the_view(link, event):
    with pytest.raises(WaitTimeout, match="numbers"):
        numbers(link, event, {}).until(lambda _: False, timeout=0.001)


async def never(_):
    return False


@pytest.mark.parametrize("predicate", [None, True, "flat", never])
def test_a_predicate_that_cannot_decide_is_refused(link, event, predicate):
    with pytest.raises(PlanError, match="predicate"):
        numbers(link, event, {}).until(predicate)


def test_a_timeout_that_is_no_number_is_refused(link, event):
    with pytest.raises(PlanError, match="timeout"):
        numbers(link, event, {}).until(lambda _: False, timeout="5")
