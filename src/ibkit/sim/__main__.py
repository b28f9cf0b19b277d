"""``python -m ibkit.sim``: a gateway to connect to."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from attrs import evolve

from ibkit.sim._gateway import SimGateway
from ibkit.sim._scenario import Account, Scenario
from ibkit.sim._scenario_file import ScenarioFileError, load_scenario


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(
        prog="python -m ibkit.sim",
        description="A simulated TWS / IB Gateway. Connect any API client of server version 157 "
        "to 178; Ctrl-C ends it.",
    )
    p.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    p.add_argument("--port", type=int, default=7497, help="port; 0 takes a free one")
    p.add_argument("--seed", type=int, default=1, help="the seed of the market")
    p.add_argument("--speed", type=float, default=1.0, help="simulated seconds per second")
    p.add_argument("--sessions", action="store_true", help="keep real trading hours")
    p.add_argument("--scenario", type=Path, metavar="FILE", help="switches, from a TOML file")
    p.add_argument(
        "--replay",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="play a CSV or Parquet file of ticks or bars for an instrument (repeatable)",
    )
    p.add_argument("--zone", default=None, help="what times without a zone mean in replay files")
    p.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="NAME[=CASH]",
        help="an account (repeatable; default DU1000001=1000000)",
    )
    p.add_argument("--lines", type=int, help="market-data lines (default 100)")
    p.add_argument("--trace", action="store_true", help="print every message with its meaning")
    return p


def scenario_of(options: argparse.Namespace) -> Scenario:
    """The scenario that the options describe. Raises `ScenarioFileError`, `ValueError`."""
    scenario = load_scenario(options.scenario) if options.scenario else Scenario()
    if options.account:
        scenario = evolve(scenario, accounts=tuple(map(_account, options.account)))
    if options.lines is not None:
        scenario = evolve(scenario, limits=evolve(scenario.limits, lines=options.lines))
    return evolve(scenario, sessions=True) if options.sessions else scenario


def _account(text: str) -> Account:
    name, _, cash = text.partition("=")
    return Account(name=name, cash=Decimal(cash)) if cash else Account(name=name)


async def serve(options: argparse.Namespace) -> None:
    """Run until a signal ends it."""
    gateway = SimGateway(
        seed=options.seed,
        host=options.host,
        port=options.port,
        scenario=scenario_of(options),
        speed=options.speed,
    )
    async with gateway:
        if options.trace:
            gateway.trace_to(sys.stdout)
        for text in options.replay:
            name, _, file = text.partition("=")
            gateway.market.replay(name, Path(file), naive_zone=options.zone)
        print(f"listening on {gateway.host}:{gateway.port}", flush=True)  # noqa: T201
        await _until_stopped()


async def _until_stopped() -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # not on Windows
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        asyncio.run(serve(options))
    except KeyboardInterrupt:
        pass
    except (OSError, LookupError, ValueError, ScenarioFileError) as error:
        print(f"ibkit.sim: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
