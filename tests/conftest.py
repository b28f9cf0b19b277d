"""What holds for every test: hypothesis profiles, the loopback guard, nothing left running."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
import weakref
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# --- profiles ----------------------------------------------------------------
# `fast` is what `pytest` alone runs. A failure prints the blob that reproduces it.

settings.register_profile("fast", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True)
settings.register_profile(
    "deep",
    max_examples=2_000,
    stateful_step_count=100,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="run slow tests, and many more examples")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--deep"):
        settings.load_profile("deep")
    sys.addaudithook(_refuse_strangers)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Share out the whole suite over the cores, but run a chosen file or test in this process."""
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS or config.args == ["tests"]
    return None if whole else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--deep"):
        return
    skip = pytest.mark.skip(reason="belongs to the deep profile: pytest --deep")
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(skip)


@pytest.hookimpl(trylast=True)
def pytest_report_header() -> str:
    return f"hypothesis: profile {settings.get_current_profile_name()}"


# --- nothing but loopback ------------------------------------------------------


class StrayConnection(Exception):
    """A test tried to reach something that is not this machine."""


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host in {None, "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:  # a name: it would have to be looked up elsewhere
        return False


_WATCHED = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}


def _refuse_strangers(event: str, args: tuple[object, ...]) -> None:
    # An audit hook sees every socket, those of C extensions and other threads too.
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in _WATCHED and isinstance(args[1], tuple):  # a path is local by nature
        host = args[1][0]
    else:
        return
    if not _is_loopback(host):
        raise StrayConnection(f"{event}: tests speak to this machine only, not to {host!r}")


# --- nothing left running --------------------------------------------------------

_loops: weakref.WeakSet[asyncio.BaseEventLoop] = weakref.WeakSet()
_make_loop = asyncio.BaseEventLoop.__init__


def _remember_loop(loop: asyncio.BaseEventLoop) -> None:
    _make_loop(loop)
    _loops.add(loop)


asyncio.BaseEventLoop.__init__ = _remember_loop  # type: ignore[method-assign]  # to see all


def _open_loops() -> set[asyncio.BaseEventLoop]:
    return {loop for loop in _loops if not loop.is_closed()}


_stayed: set[asyncio.BaseEventLoop] = set()
"""The loops that the last test left open."""


def _close_idle(loops: set[asyncio.BaseEventLoop]) -> None:
    while loops:
        loop = loops.pop()
        if not loop.is_running():
            loop.close()


def _pending() -> dict[asyncio.Task[object], asyncio.BaseEventLoop]:
    return {task: loop for loop in _open_loops() for task in asyncio.all_tasks(loop)}


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail the test that leaves an event loop running or a task unfinished.

    An idle loop may stay: a blocking `IB` takes the loop of its thread, and keeps it. It is closed
    before the next test, whose own loop would displace it and leave it to the garbage collector.
    """
    _close_idle(_stayed)
    loops, tasks = _open_loops(), _pending()
    yield
    _stayed.update(_open_loops() - loops)
    _let_sockets_close()
    running = [repr(loop) for loop in _open_loops() - loops if loop.is_running()]
    left = {task: loop for task, loop in _pending().items() if task not in tasks}
    unfinished = [repr(task) for task in left]
    _cancel(left)
    if running:
        pytest.fail("event loops left running:\n" + "\n".join(running), pytrace=False)
    if unfinished:
        pytest.fail("tasks left unfinished:\n" + "\n".join(unfinished), pytrace=False)


def _let_sockets_close() -> None:
    """Give each idle loop a pass: a blocking `disconnect` leaves its last callback to the loop."""
    for loop in _open_loops():
        if not loop.is_running():
            loop.run_until_complete(asyncio.sleep(0))


def _cancel(tasks: dict[asyncio.Task[object], asyncio.BaseEventLoop]) -> None:
    """Cancel what a test left, so that the next one starts clean."""
    for task, loop in tasks.items():
        if not loop.is_running():
            task.cancel()
            loop.run_until_complete(asyncio.gather(task, return_exceptions=True))


@pytest.fixture(autouse=True, scope="session")
def idle_loops_closed() -> Iterator[None]:
    yield
    _close_idle(_open_loops())
