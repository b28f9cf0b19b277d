"""contractDetails, bondContractDetails and scannerData, whose fields mix those of the contract
with those of its details.
"""

from __future__ import annotations

from ibkit.sim._wire._contract_messages import BondContractData, ContractData
from ibkit.sim._wire._service_messages import ScannerData, ScannerRow
from ibkit.sim._wire._writing import Writer, parts_of, rows_of, table_of

_CONTRACT_DETAILS = """
    req_id
    details.contract.symbol details.contract.sec_type details.last_trade
    details.contract.strike details.contract.right details.contract.exchange
    details.contract.currency details.contract.local_symbol details.market_name
    details.contract.trading_class details.contract.con_id details.min_tick
    details.md_size_multiplier@157-164
    details.contract.multiplier details.order_types details.valid_exchanges
    details.price_magnifier details.under_con_id details.long_name
    details.contract.primary_exchange details.contract_month details.industry
    details.category details.subcategory details.time_zone_id details.trading_hours
    details.liquid_hours details.ev_rule details.ev_multiplier details.sec_id_list
    details.agg_group details.under_symbol details.under_sec_type details.market_rule_ids
    details.real_expiration_date details.stock_type
    details.size_increment@163-164
    details.min_size@164 details.size_increment@164 details.suggested_size_increment@164
"""

_BOND_DETAILS = """
    req_id
    details.contract.symbol details.contract.sec_type details.cusip details.coupon
    details.maturity details.issue_date details.ratings details.bond_type details.coupon_type
    details.convertible details.callable details.putable details.desc_append
    details.contract.exchange details.contract.currency details.market_name
    details.contract.trading_class details.contract.con_id details.min_tick
    details.md_size_multiplier@157-164
    details.order_types details.valid_exchanges details.next_option_date
    details.next_option_type details.next_option_partial details.notes details.long_name
    details.ev_rule details.ev_multiplier details.sec_id_list details.agg_group
    details.market_rule_ids
    details.min_size@164 details.size_increment@164 details.suggested_size_increment@164
"""

_SCANNER_ROW = """
    rank contract.con_id contract.symbol contract.sec_type
    contract.last_trade_date_or_contract_month contract.strike contract.right
    contract.exchange contract.currency contract.local_symbol market_name
    contract.trading_class distance benchmark projection legs_str
"""


def contract_details(version: int) -> Writer:
    return table_of(ContractData, version, _CONTRACT_DETAILS)


def bond_details(version: int) -> Writer:
    return table_of(BondContractData, version, _BOND_DETAILS)


def scanner_data(version: int) -> Writer:
    rows = rows_of(table_of(ScannerRow, version, _SCANNER_ROW))
    return parts_of(table_of(ScannerData, version, "req_id"), lambda data: rows(data.rows))
