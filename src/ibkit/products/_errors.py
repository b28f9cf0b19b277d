"""What the facts of this package cannot answer, said with a type.

`IbkitError` is defined here because this package imports nothing of ibkit; `ibkit.errors` hands
it on as the root of the whole tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define


class IbkitError(Exception):
    """The root of every error that ibkit raises on purpose."""


@define(eq=False, str=False)
class UnknownProduct(IbkitError, LookupError):
    """No product in the table goes by this name.

    >>> str(UnknownProduct("ESS", nearest=("ES", "MES")))
    "no product is called 'ESS'; nearest: ES, MES. Extend the table with PRODUCTS.extended(...)"
    """

    name: str
    nearest: Sequence[str] = ()

    def __str__(self) -> str:
        nearest = f"nearest: {', '.join(self.nearest)}. " if self.nearest else ""
        return (
            f"no product is called {self.name!r}; {nearest}"
            "Extend the table with PRODUCTS.extended(...)"
        )


@define(eq=False, str=False)
class AmbiguousProduct(IbkitError, LookupError):
    """Several products share this name, as DAX is the IB symbol of three sizes."""

    name: str
    candidates: Sequence[str]
    """One phrase per product: root, exchange, multiplier and trading class."""

    def __str__(self) -> str:
        return (
            f"{self.name!r} is the name of {len(self.candidates)} products: "
            f"{'; '.join(self.candidates)}. Ask for one by its root"
        )


@define(eq=False, str=False)
class MalformedMonth(IbkitError, ValueError):
    """A text that names no contract month."""

    received: object
    reason: str
    accepted: str = "2026-12, 202612, Z26, Z2026, DEC 26, Dec 2026, or Z6 together with `today`"

    def __str__(self) -> str:
        return f"contract month {self.received!r}: {self.reason}; accepted are {self.accepted}"


@define(eq=False, str=False)
class MalformedSymbol(IbkitError, ValueError):
    """A text that is no local symbol of a future."""

    received: str
    reason: str

    def __str__(self) -> str:
        return (
            f"local symbol {self.received!r}: {self.reason}; accepted are ESZ6, ESZ26, ESZ2026, "
            "'FESX DEC 26' and 'FESX 20261218 M'"
        )


@define(eq=False, str=False)
class RuleUnknown(IbkitError, LookupError):
    """The table does not say how this date of the product is found."""

    product: str
    what: str
    """``last trade`` or ``first notice``."""
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.product}: the {self.what} date is not known: {self.reason}. Ask the gateway "
            "(reqContractDetails), or give the product a rule with attrs.evolve"
        )


@define(eq=False, str=False)
class CalendarLimit(IbkitError, ValueError):
    """A business-day calendar was asked about days that it does not know."""

    calendar: str
    reason: str

    def __str__(self) -> str:
        return f"calendar {self.calendar}: {self.reason}"


@define(eq=False, str=False)
class MissingExtra(IbkitError, ImportError):
    """An optional dependency is not installed."""

    package: str
    extra: str

    def __str__(self) -> str:
        return f"{self.package} is not installed; run: pip install 'ibkit[{self.extra}]'"
