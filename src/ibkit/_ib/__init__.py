"""The one door to the input, output and internals of ib_async."""

from ._codes import (
    CODES as CODES,
    Code as Code,
    Codes as Codes,
    Notice as Notice,
    Scope as Scope,
    Severity as Severity,
)
from ._farms import (
    Farm as Farm,
    FarmChanged as FarmChanged,
    FarmKind as FarmKind,
    FarmState as FarmState,
)
from ._greeting import Address as Address
from ._health import HandlerFailure as HandlerFailure, Health as Health
from ._link import Link as Link, Patience as Patience
from ._link_table import LinkChanged as LinkChanged, LinkState as LinkState
from ._pacer import PacerStatistics as PacerStatistics, Pacing as Pacing
from ._reconnect import Reconnect as Reconnect
from ._what_if import WhatIf as WhatIf

__all__ = [
    "CODES",
    "Address",
    "Code",
    "Codes",
    "Farm",
    "FarmChanged",
    "FarmKind",
    "FarmState",
    "HandlerFailure",
    "Health",
    "Link",
    "LinkChanged",
    "LinkState",
    "Notice",
    "PacerStatistics",
    "Pacing",
    "Patience",
    "Reconnect",
    "Scope",
    "Severity",
    "WhatIf",
]
