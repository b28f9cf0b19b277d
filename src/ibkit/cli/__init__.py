"""The command `ibkit`."""

from ibkit.cli._main import main as main

__all__ = ["main"]
