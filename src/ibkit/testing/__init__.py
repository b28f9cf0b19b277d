"""The gateway as a pytest plugin, virtual time, strategies and state machines."""

from ibkit.testing._clock import VirtualLoop as VirtualLoop
from ibkit.testing._connect import plug_in as plug_in
from ibkit.testing._stuck import VirtualTimeError as VirtualTimeError
from ibkit.testing._wallclock import run_virtual as run_virtual, virtual_time as virtual_time

__all__ = ["VirtualLoop", "VirtualTimeError", "plug_in", "run_virtual", "virtual_time"]
