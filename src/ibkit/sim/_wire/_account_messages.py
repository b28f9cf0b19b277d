"""Messages about accounts: values, positions, profit and loss, advisors."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ibkit.sim._wire._contract_fields import HeldContract, RoutedContract
from ibkit.sim._wire._fields import MaxDecimal


class ReqAccountUpdates(NamedTuple):
    subscribe: bool
    acct_code: str


class ReqManagedAccts(NamedTuple):
    pass


class RequestFA(NamedTuple):
    fa_data: int


class ReplaceFA(NamedTuple):
    fa_data: int
    cxml: str
    req_id: int


class ReqPositions(NamedTuple):
    pass


class CancelPositions(NamedTuple):
    pass


class ReqAccountSummary(NamedTuple):
    req_id: int
    group_name: str
    tags: str


class CancelAccountSummary(NamedTuple):
    req_id: int


class ReqPositionsMulti(NamedTuple):
    req_id: int
    account: str
    model_code: str


class CancelPositionsMulti(NamedTuple):
    req_id: int


class ReqAccountUpdatesMulti(NamedTuple):
    req_id: int
    account: str
    model_code: str
    ledger_and_nlv: bool


class CancelAccountUpdatesMulti(NamedTuple):
    req_id: int


class ReqSoftDollarTiers(NamedTuple):
    req_id: int


class ReqFamilyCodes(NamedTuple):
    pass


class ReqPnL(NamedTuple):
    req_id: int
    account: str
    model_code: str


class CancelPnL(NamedTuple):
    req_id: int


class ReqPnLSingle(NamedTuple):
    req_id: int
    account: str
    model_code: str
    con_id: int


class CancelPnLSingle(NamedTuple):
    req_id: int


class UpdateAccountValue(NamedTuple):
    key: str
    value: str
    currency: str
    account_name: str


class UpdatePortfolio(NamedTuple):
    contract: HeldContract
    position: Decimal
    market_price: Decimal
    market_value: Decimal
    average_cost: Decimal
    unrealized_pnl: MaxDecimal
    realized_pnl: MaxDecimal
    account_name: str


class UpdateAccountTime(NamedTuple):
    """`time_stamp` is ``HH:MM``."""

    time_stamp: str


class AccountDownloadEnd(NamedTuple):
    account_name: str


class ManagedAccounts(NamedTuple):
    """Account names, joined by commas."""

    accounts_list: str


class ReceiveFA(NamedTuple):
    fa_data_type: int
    xml: str


class ReplaceFAEnd(NamedTuple):
    req_id: int
    text: str


class Position(NamedTuple):
    account: str
    contract: RoutedContract
    position: Decimal
    avg_cost: Decimal


class PositionEnd(NamedTuple):
    pass


class PositionMulti(NamedTuple):
    req_id: int
    account: str
    contract: RoutedContract
    position: Decimal
    avg_cost: Decimal
    model_code: str


class PositionMultiEnd(NamedTuple):
    req_id: int


class AccountSummary(NamedTuple):
    req_id: int
    account: str
    tag: str
    value: str
    currency: str


class AccountSummaryEnd(NamedTuple):
    req_id: int


class AccountUpdateMulti(NamedTuple):
    req_id: int
    account: str
    model_code: str
    key: str
    value: str
    currency: str


class AccountUpdateMultiEnd(NamedTuple):
    req_id: int


class PnL(NamedTuple):
    req_id: int
    daily_pnl: MaxDecimal
    unrealized_pnl: MaxDecimal
    realized_pnl: MaxDecimal


class PnLSingle(NamedTuple):
    req_id: int
    pos: Decimal
    daily_pnl: MaxDecimal
    unrealized_pnl: MaxDecimal
    realized_pnl: MaxDecimal
    value: MaxDecimal


class SoftDollarTier(NamedTuple):
    name: str
    val: str
    display_name: str


class SoftDollarTiers(NamedTuple):
    req_id: int
    tiers: tuple[SoftDollarTier, ...] = ()


class FamilyCode(NamedTuple):
    account_id: str
    family_code: str


class FamilyCodes(NamedTuple):
    codes: tuple[FamilyCode, ...] = ()
