"""The gateway as a pytest plugin, virtual time, strategies and state machines.

Nothing is imported before it is used: pytest loads this package in every project where ibkit is
installed, and neither hypothesis nor pytest is needed for the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibkit.testing._assertions import (
        assert_flat as assert_flat,
        assert_no_orphans as assert_no_orphans,
        assert_protected as assert_protected,
        assert_sent_once as assert_sent_once,
    )
    from ibkit.testing._clock import VirtualLoop as VirtualLoop
    from ibkit.testing._connect import plug_in as plug_in, plugged_in as plugged_in
    from ibkit.testing._leftovers import LeftOpen as LeftOpen
    from ibkit.testing._machine import GatewayMachine as GatewayMachine
    from ibkit.testing._stuck import VirtualTimeError as VirtualTimeError
    from ibkit.testing._wallclock import run_virtual as run_virtual, virtual_time as virtual_time

_HOMES = {
    "GatewayMachine": "_machine",
    "LeftOpen": "_leftovers",
    "VirtualLoop": "_clock",
    "VirtualTimeError": "_stuck",
    "assert_flat": "_assertions",
    "assert_no_orphans": "_assertions",
    "assert_protected": "_assertions",
    "assert_sent_once": "_assertions",
    "plug_in": "_connect",
    "plugged_in": "_connect",
    "run_virtual": "_wallclock",
    "virtual_time": "_wallclock",
}

__all__ = [
    "GatewayMachine",
    "LeftOpen",
    "VirtualLoop",
    "VirtualTimeError",
    "assert_flat",
    "assert_no_orphans",
    "assert_protected",
    "assert_sent_once",
    "plug_in",
    "plugged_in",
    "run_virtual",
    "virtual_time",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | _HOMES.keys())
