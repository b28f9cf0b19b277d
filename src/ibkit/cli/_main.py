"""The command line of `ibkit`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from ibkit import __version__
from ibkit.cli import _values as values
from ibkit.cli._console import Console, console
from ibkit.errors import IbkitError

TWS = 7497
"""The port of a TWS with a paper account."""


def parser() -> argparse.ArgumentParser:
    """All commands."""
    top = argparse.ArgumentParser(
        prog="ibkit",
        description="Tools on top of ib_async. Commands that need a gateway use a simulated one "
        "unless --host names a real one.",
    )
    top.add_argument("--version", action="version", version=f"ibkit {__version__}")
    top.add_argument("--verbose", action="store_true", help="show the log")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="place a bracket and watch it fill and close")
    _trial(demo)
    demo.set_defaults(run=_demo)

    check = commands.add_parser("check", help="try what ibkit needs of a TWS; trades nothing")
    _trial(check)
    check.set_defaults(run=_check)

    chain = commands.add_parser("chain", help="show the months of a futures product")
    chain.add_argument("root", help="the product: ES, 6E, CL, FDAX ...")
    chain.add_argument("--months", choices=("listed", "active"), default="listed")
    chain.add_argument(
        "--volumes",
        type=values.count,
        default=6,
        help="ask for the volume of so many months (default 6)",
    )
    _connection(chain)
    chain.set_defaults(run=_chain)

    roll = commands.add_parser("roll", help="move a futures position to the next month")
    roll.add_argument("root", help="the product: ES, 6E, CL, FDAX ...")
    roll.add_argument("--dry-run", action="store_true", help="show the plan, send nothing")
    roll.add_argument("--html", metavar="FILE", default="", help="write the plan as a page, too")
    roll.add_argument("--early", action="store_true", help="roll also before it is due")
    roll.add_argument("--how", choices=("spread", "legs"), default="spread")
    roll.add_argument(
        "--limit", type=values.price, help="net price of the spread (default the middle)"
    )
    roll.add_argument(
        "--timeout",
        type=values.seconds,
        help="seconds to wait at a price (default 60, simulated 5)",
    )
    roll.add_argument(
        "--then",
        choices=("cross", "stop"),
        default="cross",
        help="if it does not fill: take the market's price (default), or stop",
    )
    roll.add_argument("--yes", action="store_true", help="do not ask before orders are sent")
    roll.add_argument("--allow-live", action="store_true", help="also in a live account")
    _connection(roll)
    roll.set_defaults(run=_roll)

    watch = commands.add_parser("watch", help="watch quotes of front months")
    watch.add_argument("roots", nargs="+", metavar="ROOT", help="products: ES NQ CL ...")
    watch.add_argument("--seconds", type=values.seconds, default=None, help="stop after so long")
    _connection(watch)
    watch.set_defaults(run=_watch)

    record = commands.add_parser("record", help="record what programs and a TWS say to each other")
    record.add_argument("--host", default="127.0.0.1", help="the TWS (default 127.0.0.1)")
    record.add_argument("--port", type=values.port, default=TWS, help="its API port (default 7497)")
    record.add_argument("--out", required=True, metavar="FILE", help="the transcript; replaced")
    record.add_argument(
        "--listen",
        type=values.own_port,
        default=4000,
        help="the port for your programs (default 4000)",
    )
    record.add_argument(
        "--keep-accounts", action="store_true", help="leave account numbers as they are"
    )
    record.set_defaults(run=_record)

    sim = commands.add_parser("sim", help="run the simulated gateway", add_help=False)
    sim.set_defaults(run=_sim)
    return top


def _connection(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="", help="a paper TWS or gateway; default: simulated")
    command.add_argument("--port", type=values.port, help="the API port at --host (default 7497)")
    command.add_argument(
        "--client-id", type=values.count, default=27, help="API client id (default 27)"
    )


def _trial(command: argparse.ArgumentParser) -> None:
    _connection(command)
    command.add_argument("--root", default="ES", help="the futures product (default ES)")
    command.add_argument(
        "--patience", type=values.seconds, default=12.0, help="seconds that each step may take"
    )


def _demo(options: argparse.Namespace, out: Console) -> int:
    from ibkit.cli._demo import demo

    return demo(options, out)


def _check(options: argparse.Namespace, out: Console) -> int:
    from ibkit.cli._check import check

    return check(options, out)


def _chain(options: argparse.Namespace, out: Console) -> int:
    from ibkit.cli._chain import chain

    return chain(options, out)


def _roll(options: argparse.Namespace, out: Console) -> int:
    from ibkit.cli._roll import roll

    return roll(options, out)


def _watch(options: argparse.Namespace, out: Console) -> int:
    from ibkit.cli._watch import watch

    return watch(options, out)


def _record(options: argparse.Namespace, out: Console) -> int:
    from ibkit.cli._record import record

    return record(options, out)


def _sim(options: argparse.Namespace, _: Console) -> int:
    os.execv(sys.executable, [sys.executable, "-m", "ibkit.sim", *options.arguments])  # noqa: S606


def options_of(given: Sequence[str]) -> argparse.Namespace:
    """What the command line says; the command `sim` has options of its own, which it reads."""
    p = parser()
    options, rest = p.parse_known_args(given)
    if options.run is _sim:
        options.arguments = rest
    elif rest:
        p.error(f"unrecognized arguments: {' '.join(rest)}")
    if "client_id" in options:
        if options.port and not options.host:
            p.error("--port is the port at a --host; without one a simulated gateway is used")
        options.port = options.port or TWS
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = options_of(sys.argv[1:] if arguments is None else arguments)
    level = logging.INFO if options.verbose else logging.CRITICAL
    logging.basicConfig(level=level, format="%(name)s: %(message)s")
    run = options.run
    try:
        return int(run(options, console()))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (IbkitError, OSError, RuntimeError) as error:
        print(f"ibkit: {error}", file=sys.stderr)
        return 1
