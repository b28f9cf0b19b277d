"""A contract as it stands in messages, and which of its fields each message carries."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ibkit.sim._wire._fields import BlankDecimal, Since, Strike


class ComboLeg(NamedTuple):
    """One leg of a BAG."""

    con_id: int = 0
    ratio: int = 0
    action: str = ""
    exchange: str = ""
    open_close: int = 0
    short_sale_slot: int = 0
    designated_location: str = ""
    exempt_code: int = -1


class DeltaNeutral(NamedTuple):
    """The underlying of a delta-neutral combination."""

    con_id: int = 0
    delta: BlankDecimal = None
    price: BlankDecimal = None


class ContractFields(NamedTuple):
    """A contract; names are those of the official API in snake_case."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    last_trade_date_or_contract_month: str = ""
    strike: Strike = None
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False
    sec_id_type: str = ""
    sec_id: str = ""
    issuer_id: Annotated[str, Since(176)] = ""
    combo_legs_descrip: str = ""
    combo_legs: tuple[ComboLeg, ...] = ()
    delta_neutral_contract: DeltaNeutral | None = None


class Carries(NamedTuple):
    """The fields of a contract that a message carries, in their order on the wire."""

    names: tuple[str, ...]


_TERMS = (
    "con_id",
    "symbol",
    "sec_type",
    "last_trade_date_or_contract_month",
    "strike",
    "right",
    "multiplier",
)
_LOCAL = ("currency", "local_symbol", "trading_class")
_FULL = (*_TERMS, "exchange", "primary_exchange", *_LOCAL)

FullContract = Annotated[ContractFields, Carries(_FULL)]
"""As in most requests."""
FullOrExpired = Annotated[ContractFields, Carries((*_FULL, "include_expired"))]
"""As in requests for history."""
ContractQuery = Annotated[
    ContractFields,
    Carries((*_FULL, "include_expired", "sec_id_type", "sec_id", "issuer_id")),
]
"""As in reqContractDetails."""
OrderContract = Annotated[ContractFields, Carries((*_FULL, "sec_id_type", "sec_id"))]
"""As in placeOrder."""
RoutedContract = Annotated[ContractFields, Carries((*_TERMS, "exchange", *_LOCAL))]
"""Without a primary exchange: exerciseOptions, and most answers."""
HeldContract = Annotated[ContractFields, Carries((*_TERMS, "primary_exchange", *_LOCAL))]
"""As in updatePortfolio, which says where a contract is listed."""
CompanyContract = Annotated[
    ContractFields,
    Carries(
        (
            "con_id",
            "symbol",
            "sec_type",
            "exchange",
            "primary_exchange",
            "currency",
            "local_symbol",
        )
    ),
]
"""As in reqFundamentalData."""
