"""The pytest plugin `ibkit`: a gateway, clients and virtual time for tests of trading code.

Every test that asks for one of the fixtures runs on one virtual loop: coroutine tests and
asynchronous fixtures too, whoever else (pytest-asyncio, anyio) would run them otherwise. Other
tests are not touched, and until a fixture is asked for nothing but pytest is imported.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from collections.abc import Callable, Collection, Generator, Iterator
from datetime import datetime
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from ib_async import IB

    from ibkit.desk import Desk
    from ibkit.sim import SimGateway, TranscriptGateway
    from ibkit.testing._clock import VirtualLoop
    from ibkit.testing._trace import TraceLog

FIXTURE = "virtual_time"
"""Whoever uses it, directly or not, runs on the virtual loop."""

MARKER = """\
ibkit(*, seed, scenario, start, client_id, modules, lost_errors, transcript): \
options for the fixtures of ibkit; see ibkit's guide "Test your strategy"\
"""


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


OPTIONS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "client_id": (_is_count, "a whole number of at least 0"),
    "lost_errors": (lambda value: value == "allow", "'allow'"),
    "modules": (lambda value: not isinstance(value, str), "a list of modules or their names"),
    "scenario": (
        lambda value: value is None or type(value).__name__ == "Scenario",
        "a Scenario of ibkit.sim",
    ),
    "seed": (
        lambda value: value in (None, "random") or type(value) is int,
        "a whole number, or 'random'",
    ),
    "start": (
        lambda value: isinstance(value, datetime) and value.utcoffset() is not None,
        "a datetime with a time zone",
    ),
    "transcript": (lambda value: value is None or isinstance(value, (str, os.PathLike)), "a path"),
}
"""What the marker takes: whether a value will do, and what would."""
BREATH = 0.01
"""Virtual seconds after which what was just sent has arrived."""

_loop: pytest.StashKey[VirtualLoop] = pytest.StashKey()
_seed: pytest.StashKey[int] = pytest.StashKey()
_trace: pytest.StashKey[TraceLog] = pytest.StashKey()
_complaints: pytest.StashKey[list[str]] = pytest.StashKey()


# --- options -------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ibkit", "trading code on a simulated gateway")
    group.addoption(
        "--ibkit-tcp",
        action="store_true",
        help="connect over sockets on 127.0.0.1 instead of in memory",
    )
    group.addoption(
        "--ibkit-seed",
        type=_seed_option,
        metavar="N|random",
        help="seed of the market in every test, or another one in each run "
        "(default: one of its own for each test, the same in each run)",
    )
    group.addoption(
        "--ibkit-trace",
        action="store_true",
        help="show the messages between the clients and the gateway in a failing test",
    )


def _seed_option(text: str) -> int | str:
    try:
        return text if text == "random" else int(text)
    except ValueError:
        raise ArgumentTypeError(f"got {text!r}; wanted a whole number, or random") from None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test say, the closest last."""
    options: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("ibkit"))):
        if mark.args or not mark.kwargs.keys() <= OPTIONS.keys():
            raise pytest.UsageError(
                f"{item.nodeid}: {mark} is not understood; "
                f"pytest.mark.ibkit takes keywords only: {', '.join(sorted(OPTIONS))}"
            )
        options |= mark.kwargs
    for name, value in options.items():
        fits, wanted = OPTIONS[name]
        if not fits(value):
            raise pytest.UsageError(
                f"{item.nodeid}: pytest.mark.ibkit({name}=...): got {value!r}; wanted {wanted}"
            )
    return options


def _seed_of(item: pytest.Item) -> int:
    asked = _marked(item).get("seed", item.config.getoption("--ibkit-seed"))
    if asked == "random":
        return int.from_bytes(os.urandom(4), "big")
    return crc32(item.nodeid.encode()) if asked is None else int(asked)


# --- fixtures --------------------------------------------------------------------


@pytest.fixture
def virtual_time(request: pytest.FixtureRequest) -> Iterator[VirtualLoop]:
    """The event loop of the test; its clock jumps over every wait."""
    from ibkit.testing._clock import MONDAY, VirtualLoop
    from ibkit.testing._wallclock import virtual_time as in_virtual_time

    options = _marked(request.node)
    loop = VirtualLoop(start=options.get("start", MONDAY))
    with in_virtual_time(loop, modules=options.get("modules", ())):
        request.node.stash[_loop] = loop
        try:
            yield loop
        finally:
            del request.node.stash[_loop]


@pytest.fixture
def gateway(
    request: pytest.FixtureRequest, virtual_time: VirtualLoop
) -> Iterator[SimGateway | TranscriptGateway]:
    """A simulated gateway to which every client of ib_async connects, whatever it dials.

    With ``pytest.mark.ibkit(transcript="day.txt")`` one that answers from a transcript; the path
    is relative to the folder of the test file.
    """
    from ibkit.testing._rig import running_transcript

    transcript = _marked(request.node).get("transcript")
    if transcript is None:
        yield from _simulated(request, virtual_time)
        return
    tcp = request.config.getoption("--ibkit-tcp")
    with running_transcript(virtual_time, request.path.parent / transcript, tcp=tcp) as running:
        yield running


def _simulated(request: pytest.FixtureRequest, loop: VirtualLoop) -> Iterator[SimGateway]:
    from ibkit.testing._leftovers import complaint, open_lines, open_orders
    from ibkit.testing._rig import running_gateway

    item = request.node
    item.stash[_seed] = _seed_of(item)
    options = {"seed": item.stash[_seed], "scenario": _marked(item).get("scenario")}
    tcp = request.config.getoption("--ibkit-tcp")
    with running_gateway(loop, tcp=tcp, **options) as running:
        if request.config.getoption("--ibkit-trace"):
            _start_trace(item, running)
        yield running
        loop.advance(BREATH)
        if left := complaint([*open_orders(running), *open_lines(running)]):
            item.warn(left)


@pytest.fixture
def ib(
    request: pytest.FixtureRequest,
    virtual_time: VirtualLoop,
    gateway: SimGateway | TranscriptGateway,
) -> Iterator[IB]:
    """An unmodified `ib_async.IB`, connected to the gateway and synchronised."""
    from ibkit.sim import SimGateway
    from ibkit.testing._leftovers import complaint, open_lines
    from ibkit.testing._rig import connected_client

    client_id = _marked(request.node).get("client_id", 1)
    with connected_client(virtual_time, client_id) as client:
        yield client
        virtual_time.advance(BREATH)
        lines = open_lines(gateway, client_id) if isinstance(gateway, SimGateway) else []
        if left := complaint(lines):
            request.node.warn(left)


@pytest.fixture
def desk(virtual_time: VirtualLoop, ib: IB) -> Iterator[Desk]:
    """A `Desk` on the connected client, open."""
    from ibkit.desk import Desk

    desk = virtual_time.run_until_complete(Desk(ib).open_async())
    try:
        yield desk
    finally:
        desk.close()


def _start_trace(item: pytest.Item, gateway: SimGateway) -> None:
    from ibkit.testing._trace import TraceLog

    item.stash[_trace] = TraceLog()
    gateway.trace_to(item.stash[_trace])


# --- who runs what -----------------------------------------------------------------


class VirtualTest(pytest.Function):
    """A coroutine test that runs on the loop of its fixtures."""

    def runtest(self) -> None:
        _refuse_other_backends(self.funcargs.get("anyio_backend", "asyncio"))
        names = self._fixtureinfo.argnames
        test = self.obj(**{name: self.funcargs[name] for name in names})
        self.stash[_loop].run_until_complete(test)


def _refuse_other_backends(backend: Any) -> None:
    name = backend if isinstance(backend, str) else backend[0]  # anyio: or with its options
    if name != "asyncio":
        pytest.skip(f"ib_async runs on asyncio only, not on {name}")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    session.items[:] = map(_taken_over, session.items)


def _taken_over(item: pytest.Item) -> pytest.Item:
    """Take a coroutine test away from whoever would run it on another loop."""
    if not (isinstance(item, pytest.Function) and _is_ours(item.fixturenames)):
        return item
    if not iscoroutinefunction(item.obj):
        return item
    taken: VirtualTest = VirtualTest.from_parent(
        item.parent,
        name=item.name,
        callspec=getattr(item, "callspec", None),
        callobj=item.obj,
        fixtureinfo=item._fixtureinfo,  # noqa: SLF001 - as pytest-asyncio does, to make an item anew
        keywords=item.keywords,
        originalname=item.originalname,
    )
    for name in ("extra_keyword_matches", "own_markers", "stash", "user_properties"):
        setattr(taken, name, getattr(item, name))
    return taken


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Run an asynchronous fixture of such a test on the loop of the test."""
    func = fixturedef.func
    is_async = iscoroutinefunction(func) or isasyncgenfunction(func)
    if not (is_async and fixturedef.scope == "function" and _is_ours(request.fixturenames)):
        return (yield)
    from ibkit.testing._async_fixtures import blocking_fixture

    loop = request.getfixturevalue(FIXTURE)
    fixturedef.func = blocking_fixture(func, loop, request)  # type: ignore[misc]  # as pytest-asyncio and anyio do
    try:
        return (yield)
    finally:
        fixturedef.func = func  # type: ignore[misc]  # as it was


def _is_ours(fixturenames: Collection[str]) -> bool:
    return FIXTURE in fixturenames


# --- what to say -----------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    loop = item.stash.get(_loop, None)
    if loop is None:
        return (yield)
    from ibkit.testing._forgotten import accusation, forgotten_awaits
    from ibkit.testing._lost_errors import lost_errors, report
    from ibkit.testing._stuck import VirtualTimeError

    with forgotten_awaits() as forgotten, lost_errors(loop) as lost:
        try:
            yield
        except BaseException as error:
            item.stash[_complaints] = [*accusation(forgotten), *report(lost)]
            if isinstance(error, VirtualTimeError):
                loop.give_up()
            raise
    complaints = accusation(forgotten)
    if _marked(item).get("lost_errors") != "allow":
        complaints += report(lost)
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections += _sections(item)
    return report


def _sections(item: pytest.Item) -> Iterator[tuple[str, str]]:
    for complaint in item.stash.get(_complaints, ()):
        yield "ibkit", complaint
    if _trace in item.stash:
        yield (
            "ibkit: messages (time, client, > to and < from the gateway)",
            item.stash[_trace].text(),
        )
    if _seed in item.stash:
        seed = item.stash[_seed]
        yield "ibkit: seed", f"the market had the seed {seed}; --ibkit-seed={seed} repeats it"
