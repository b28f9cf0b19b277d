"""``python -m ibkit.sim``: a gateway to connect to."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TextIO

from attrs import asdict, evolve

from ibkit.sim._checked import number
from ibkit.sim._gateway import SimGateway
from ibkit.sim._scenario import Account, Scenario
from ibkit.sim._scenario_file import (
    ScenarioFile,
    ScenarioFileError,
    build_limits,
    read_scenario_file,
)
from ibkit.sim._transcript_gateway import TranscriptGateway
from ibkit.sim._transcript_recorder import TranscriptRecorder

EPILOG = """\
A gateway to try things on:              python -m ibkit.sim --port 7497 --trace
Record what a client and a TWS say:      python -m ibkit.sim --port 4000 --upstream localhost:7497 \
--record day.txt
Serve that to any client:                python -m ibkit.sim --serve-transcript day.txt
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog="python -m ibkit.sim",
        description="A simulated TWS / IB Gateway. Connect any API client of server version 157 "
        "to 178; Ctrl-C ends it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    p.add_argument(
        "--port", type=_port, default=7497, help="port (default 7497); 0 takes a free one"
    )
    p.add_argument("--speed", type=float, default=1.0, help="simulated seconds per second")
    _add_world(p.add_argument_group("the simulated world"))
    _add_transcripts(p.add_argument_group("what is said"))
    return p


def _add_world(p: argparse._ArgumentGroup) -> None:
    p.add_argument("--seed", type=int, default=1, help="the seed of the market")
    p.add_argument("--sessions", action="store_true", help="keep real trading hours")
    p.add_argument(
        "--scenario", type=Path, metavar="FILE", help="switches and faults, from a TOML file"
    )
    p.add_argument(
        "--replay",
        type=_replay,
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="play a CSV or Parquet file of ticks or bars for an instrument (repeatable)",
    )
    p.add_argument("--zone", default=None, help="what times without a zone mean in replay files")
    p.add_argument(
        "--account",
        type=_account,
        action="append",
        default=[],
        metavar="NAME[=CASH]",
        help="an account (repeatable; default DU1000001=1000000)",
    )
    p.add_argument("--lines", type=int, help="market-data lines (default 100)")
    p.add_argument(
        "--limit",
        type=_limit,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any limit by the name it has in `ibkit.sim.Limits`, such as depth=10 (repeatable)",
    )


def _add_transcripts(p: argparse._ArgumentGroup) -> None:
    p.add_argument("--trace", action="store_true", help="print every message with its meaning")
    p.add_argument("--record", type=Path, metavar="FILE", help="write the traffic to a transcript")
    p.add_argument("--scrub", action="store_true", help="no account numbers in the transcript")
    p.add_argument(
        "--upstream",
        type=_address,
        metavar="HOST:PORT",
        help="simulate nothing: pass everything on to this TWS, and record it",
    )
    p.add_argument(
        "--serve-transcript",
        type=Path,
        metavar="FILE",
        help="simulate nothing: answer from a transcript",
    )


# -- values


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _account(text: str) -> Account:
    name, _, cash = text.partition("=")
    try:
        return Account(name=name, cash=number("cash", cash)) if cash else Account(name=name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _limit(text: str) -> tuple[str, object]:
    name, found, value = text.partition("=")
    if not (found and name and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    words: dict[str, object] = {"true": True, "false": False}
    return name, int(value) if value.isdecimal() else words.get(value, value)


def _replay(text: str) -> tuple[str, Path]:
    name, found, file = text.partition("=")
    if not (found and name and file):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, Path(file)


def _address(text: str) -> tuple[str, int]:
    host, found, port = text.rpartition(":")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host or "127.0.0.1", _port(port)


def world_of(options: argparse.Namespace) -> ScenarioFile:
    """The scenario and the faults that the options describe. Raises `ScenarioFileError`."""
    scenario, schedule = (
        read_scenario_file(options.scenario) if options.scenario else ScenarioFile(Scenario(), [])
    )
    if options.account:
        scenario = evolve(scenario, accounts=tuple(options.account))
    if options.lines is not None:
        scenario = evolve(scenario, limits=evolve(scenario.limits, lines=options.lines))
    if options.limit:
        limits = build_limits({**asdict(scenario.limits), **dict(options.limit)}, "--limit")
        scenario = evolve(scenario, limits=limits)
    if options.sessions:
        scenario = evolve(scenario, sessions=True)
    return ScenarioFile(scenario, schedule)


# -- the three services


@contextlib.asynccontextmanager
async def _simulation(options: argparse.Namespace) -> AsyncIterator[int]:
    scenario, schedule = world_of(options)
    gateway = SimGateway(
        seed=options.seed,
        host=options.host,
        port=options.port,
        scenario=scenario,
        speed=options.speed,
    )
    async with gateway:
        if options.trace:
            gateway.trace_to(_by_lines(sys.stdout))
        if options.record:
            gateway.record_to(options.record, scrub=options.scrub)
        for name, file in options.replay:
            gateway.market.replay(name, file, naive_zone=options.zone)
        try:
            gateway.faults.schedule(schedule)
        except ValueError as error:
            raise ScenarioFileError(f"{options.scenario}: {error}") from error
        yield gateway.port


@contextlib.asynccontextmanager
async def _recorder(options: argparse.Namespace) -> AsyncIterator[int]:
    async with TranscriptRecorder(
        options.record,
        options.upstream,
        host=options.host,
        port=options.port,
        scrub=options.scrub,
    ) as recorder:
        yield recorder.port


@contextlib.asynccontextmanager
async def _transcript(options: argparse.Namespace) -> AsyncIterator[int]:
    async with TranscriptGateway(
        options.serve_transcript, host=options.host, port=options.port, speed=options.speed
    ) as gateway:
        yield gateway.port


def service_of(options: argparse.Namespace) -> AbstractAsyncContextManager[int]:
    """What the options ask for; entered, it tells its port."""
    if options.serve_transcript:
        return _transcript(options)
    return _recorder(options) if options.upstream else _simulation(options)


async def serve(options: argparse.Namespace) -> None:
    """Run until a signal ends it."""
    async with service_of(options) as port:
        stopped = _stopped_by_signals()
        print(f"listening on {options.host}:{port}", flush=True)  # noqa: T201
        await stopped.wait()


def _by_lines(stream: TextIO) -> TextIO:
    """Let what follows a pipe see each line when it is written."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(line_buffering=True)
    return stream


def _stopped_by_signals() -> asyncio.Event:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # not on Windows
            loop.add_signal_handler(end, stopped.set)
    return stopped


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    p = parser()
    options = p.parse_args(arguments)
    if options.upstream and not options.record:
        p.error("--upstream needs --record FILE")
    if options.serve_transcript and (options.upstream or options.record):
        p.error("--serve-transcript answers from a file; it records nothing")
    if options.scrub and not options.record:
        p.error("--scrub is for the transcript that --record FILE writes")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        asyncio.run(serve(options))
    except KeyboardInterrupt:
        pass
    except (OSError, LookupError, ValueError) as error:
        print(f"ibkit.sim: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
