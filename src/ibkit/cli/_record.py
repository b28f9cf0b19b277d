"""``ibkit record``: write down what programs and a TWS say to each other."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

from ibkit.cli._console import Console


def record(options: argparse.Namespace, console: Console) -> NoReturn:
    """Become a proxy in front of the TWS at ``--host``, until Ctrl-C is pressed."""
    names = "kept" if options.keep_accounts else "replaced"
    console.line(f"recording to {options.out}; account numbers are {names}, Ctrl-C ends it")
    console.line(f"connect your programs here instead of to {options.host}:{options.port}:")
    os.execv(sys.executable, command_of(options))  # noqa: S606


def command_of(options: argparse.Namespace) -> list[str]:
    """The proxy."""
    proxy = [sys.executable, "-m", "ibkit.sim", "--port", str(options.listen)]
    proxy += ["--upstream", f"{options.host}:{options.port}", "--record", options.out]
    return proxy if options.keep_accounts else [*proxy, "--scrub"]
