"""ibkit: contracts, orders, streams and state on top of ib_async, and a gateway to try them on.

The names here are those that most programs begin with; each part has its own package:
`ibkit.contracts`, `ibkit.orders`, `ibkit.streams`, `ibkit.state`, `ibkit.history`, `ibkit.sim`,
`ibkit.testing`, `ibkit.products`, `ibkit.errors`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibkit._ib._codes import (
        CODES as CODES,
        Code as Code,
        Codes as Codes,
        Effect as Effect,
        Notice as Notice,
        Scope as Scope,
        Severity as Severity,
    )
    from ibkit._ib._health import Health as Health
    from ibkit._ib._link import Link as Link
    from ibkit._ib._link_table import LinkChanged as LinkChanged, LinkState as LinkState
    from ibkit._ib._reconnect import Reconnect as Reconnect
    from ibkit.desk import Desk as Desk, open_desk as open_desk

__version__ = "0.1.0"

__all__ = [
    "CODES",
    "Code",
    "Codes",
    "Desk",
    "Effect",
    "Health",
    "Link",
    "LinkChanged",
    "LinkState",
    "Notice",
    "Reconnect",
    "Scope",
    "Severity",
    "open_desk",
]

_HOMES = {
    "CODES": "ibkit._ib._codes",
    "Code": "ibkit._ib._codes",
    "Codes": "ibkit._ib._codes",
    "Desk": "ibkit.desk",
    "Effect": "ibkit._ib._codes",
    "Health": "ibkit._ib._health",
    "Link": "ibkit._ib._link",
    "LinkChanged": "ibkit._ib._link_table",
    "LinkState": "ibkit._ib._link_table",
    "Notice": "ibkit._ib._codes",
    "Reconnect": "ibkit._ib._reconnect",
    "Scope": "ibkit._ib._codes",
    "Severity": "ibkit._ib._codes",
    "open_desk": "ibkit.desk",
}


def __getattr__(name: str) -> object:
    """Import a name when it is first used.

    Not at once, because the simulator lives in this package and must do without ib_async, and
    because `ibkit.products` and `ibkit.testing` are used by programs that need no more.
    """
    if name not in _HOMES:
        raise AttributeError(f"module 'ibkit' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
