"""The exchanges of futures as IB names them, and the names that are no longer right."""

from __future__ import annotations

from attrs import frozen

from ._product import Product


@frozen
class Exchange:
    """Where a future trades.

    >>> EXCHANGES["CME"]
    Exchange(name='CME', zone='America/Chicago', ib_zone='US/Central', calendar='US')
    """

    name: str
    zone: str
    """The zone of its clock, as IANA names it."""
    ib_zone: str
    """The same zone as IB writes it. Seen in captures for CME (US/Central), IPE (GB) and in the
    notes of gateway-behaviour 2.2 (Japan, Hongkong, MET, Australia/NSW); the rest by analogy."""
    calendar: str
    """The name of its business-day calendar."""


def _table(*rows: tuple[str, str, str, str]) -> dict[str, Exchange]:
    return {
        name: Exchange(name, zone, ib_zone, calendar)
        for names, zone, ib_zone, calendar in rows
        for name in names.split()
    }


EXCHANGES = _table(
    ("CME CBOT CFE", "America/Chicago", "US/Central", "US"),
    ("NYMEX COMEX NYBOT NYSELIFFE", "America/New_York", "US/Eastern", "US"),
    ("EUREX", "Europe/Berlin", "MET", "EUREX"),
    ("MONEP MATIF", "Europe/Paris", "MET", "TARGET"),
    ("FTA", "Europe/Amsterdam", "MET", "TARGET"),
    ("MEFFRV", "Europe/Madrid", "MET", "TARGET"),
    ("IDEM", "Europe/Rome", "MET", "MILAN"),
    ("OMS", "Europe/Stockholm", "MET", "STOCKHOLM"),
    ("IPE ICEEU ICEEUSOFT ENDEX", "Europe/London", "GB", "LONDON"),
    ("CDE", "America/Toronto", "US/Eastern", "TORONTO"),
    ("OSE.JPN", "Asia/Tokyo", "Japan", "JAPAN"),
    ("HKFE", "Asia/Hong_Kong", "Hongkong", "HONG_KONG"),
    ("SGX", "Asia/Singapore", "Singapore", "SINGAPORE"),
    ("KSE", "Asia/Seoul", "Asia/Seoul", "KOREA"),
    ("SNFE", "Australia/Sydney", "Australia/NSW", "SYDNEY"),
)
"""By IB's name: every exchange of the shipped table."""


@frozen
class Correction:
    """An exchange name that had to be replaced, and why."""

    given: str
    exchange: str
    reason: str

    def __str__(self) -> str:
        return f"{self.given} -> {self.exchange}: {self.reason}"


_REASONS = {
    "GLOBEX": "IB dropped the name GLOBEX (now CME) in 2022 and answers it with error 200",
    "ECBOT": "IB dropped the name ECBOT (now CBOT) in 2022 and answers it with error 200",
    "CMECRYPTO": "IB moved the crypto futures from CMECRYPTO to CME in 2022",
    "DTB": "IB merged DTB into EUREX in July 2022",
    "SOFFEX": "IB merged SOFFEX into EUREX in July 2022",
    "KCBT": "Kansas City wheat moved to CBOT",
    "NYMEX": "IB moved the metals of COMEX from NYMEX to COMEX in 2022",
    "SMART": "a future trades on its own exchange; it is not smart-routed",
}
"""Sources: gateway-behaviour 2.4 and those of the table (``futures.md``)."""
_NEVER_A_FUTURES_EXCHANGE = frozenset(_REASONS) - {"NYMEX"}


def corrected_exchange(product: Product, given: str) -> Correction | None:
    """Say which exchange was meant where IB does not take the given one.

    None if there is nothing to correct: the name is right, empty, or not known to be wrong
    (then the gateway decides).

    >>> from ibkit.products import product
    >>> print(corrected_exchange(product("ES"), "GLOBEX"))
    GLOBEX -> CME: IB dropped the name GLOBEX (now CME) in 2022 and answers it with error 200
    >>> print(corrected_exchange(product("GC"), "NYMEX"))
    NYMEX -> COMEX: IB moved the metals of COMEX from NYMEX to COMEX in 2022
    >>> corrected_exchange(product("CL"), "NYMEX") is None
    True
    """
    obsolete = given in product.obsolete_exchanges
    if given == product.exchange or not (obsolete or given in _NEVER_A_FUTURES_EXCHANGE):
        return None
    where = f"{product.root} trades on {product.exchange}"
    why = _REASONS.get(given, where)
    return Correction(given, product.exchange, why if obsolete else f"{why}; {where}")
