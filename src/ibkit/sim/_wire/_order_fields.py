"""An order as it stands in messages, in the order in which placeOrder carries its fields.

Consecutive fields are read as blocks (`_place_order`), so their sequence here *is* the wire
sequence. What only answers carry stands at the end.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ibkit.sim._wire._fields import (
    BlankBool,
    BlankDecimal,
    BlankInt,
    MaxDecimal,
    MaxInt,
    Offset,
    Since,
    Tags,
    TagValue,
    Until,
)


class PriceConditionFields(NamedTuple):
    """Type 1. `conjunction` (``a`` or ``o``) joins a condition with the next one."""

    conjunction: str
    is_more: bool
    price: BlankDecimal
    con_id: int
    exch: str
    trigger_method: int


class TimeConditionFields(NamedTuple):
    """Type 3."""

    conjunction: str
    is_more: bool
    time: str


class MarginConditionFields(NamedTuple):
    """Type 4: the margin cushion in percent."""

    conjunction: str
    is_more: bool
    percent: BlankDecimal


class ExecutionConditionFields(NamedTuple):
    """Type 5: any trade of mine in that symbol."""

    conjunction: str
    sec_type: str
    exch: str
    symbol: str


class VolumeConditionFields(NamedTuple):
    """Type 6."""

    conjunction: str
    is_more: bool
    volume: int
    con_id: int
    exch: str


class PercentChangeConditionFields(NamedTuple):
    """Type 7."""

    conjunction: str
    is_more: bool
    change_percent: BlankDecimal
    con_id: int
    exch: str


ConditionFields = (
    PriceConditionFields
    | TimeConditionFields
    | MarginConditionFields
    | ExecutionConditionFields
    | VolumeConditionFields
    | PercentChangeConditionFields
)

CONDITION_TYPES: dict[int, type] = {
    1: PriceConditionFields,
    3: TimeConditionFields,
    4: MarginConditionFields,
    5: ExecutionConditionFields,
    6: VolumeConditionFields,
    7: PercentChangeConditionFields,
}
PEG_BENCH = frozenset({"PEG BENCH", "PEGBENCH"})
PEG_BEST = frozenset({"PEG BEST", "PEGBEST"})
PEG_MID = frozenset({"PEG MID", "PEGMID"})


class OrderFields(NamedTuple):
    """An order; names are those of the official API in snake_case. ``None`` is unset."""

    action: str = ""
    total_quantity: BlankDecimal = None
    order_type: str = ""
    lmt_price: BlankDecimal = None
    aux_price: BlankDecimal = None
    tif: str = ""
    oca_group: str = ""
    account: str = ""
    open_close: str = ""
    origin: int = 0
    order_ref: str = ""
    transmit: bool = True
    parent_id: int = 0
    block_order: bool = False
    sweep_to_fill: bool = False
    display_size: BlankInt = None
    trigger_method: int = 0
    outside_rth: bool = False
    hidden: bool = False
    order_combo_legs: tuple[BlankDecimal, ...] = ()
    """The price of each leg of a BAG."""
    smart_combo_routing_params: tuple[TagValue, ...] = ()
    shares_allocation: str = ""
    """Obsolete, always sent empty."""
    discretionary_amt: MaxDecimal = None
    good_after_time: str = ""
    good_till_date: str = ""
    fa_group: str = ""
    fa_method: str = ""
    fa_percentage: str = ""
    fa_profile: Annotated[str, Until(177)] = ""
    model_code: str = ""
    short_sale_slot: int = 0
    designated_location: str = ""
    exempt_code: int = -1
    oca_type: int = 0
    rule80a: str = ""
    settling_firm: str = ""
    all_or_none: bool = False
    min_qty: BlankInt = None
    percent_offset: BlankDecimal = None
    e_trade_only: bool = False
    firm_quote_only: bool = False
    nbbo_price_cap: BlankDecimal = None
    auction_strategy: int = 0
    starting_price: BlankDecimal = None
    stock_ref_price: BlankDecimal = None
    delta: BlankDecimal = None
    stock_range_lower: BlankDecimal = None
    stock_range_upper: BlankDecimal = None
    override_percentage_constraints: bool = False
    volatility: BlankDecimal = None
    volatility_type: MaxInt = None
    delta_neutral_order_type: str = ""
    delta_neutral_aux_price: BlankDecimal = None
    delta_neutral_con_id: int = 0
    delta_neutral_settling_firm: str = ""
    delta_neutral_clearing_account: str = ""
    delta_neutral_clearing_intent: str = ""
    delta_neutral_open_close: str = ""
    delta_neutral_short_sale: bool = False
    delta_neutral_short_sale_slot: int = 0
    delta_neutral_designated_location: str = ""
    continuous_update: bool = False
    reference_price_type: MaxInt = None
    trail_stop_price: MaxDecimal = None
    trailing_percent: BlankDecimal = None
    scale_init_level_size: BlankInt = None
    scale_subs_level_size: BlankInt = None
    scale_price_increment: BlankDecimal = None
    scale_price_adjust_value: BlankDecimal = None
    scale_price_adjust_interval: BlankInt = None
    scale_profit_offset: BlankDecimal = None
    scale_auto_reset: bool = False
    scale_init_position: BlankInt = None
    scale_init_fill_qty: BlankInt = None
    scale_random_percent: bool = False
    scale_table: str = ""
    active_start_time: str = ""
    active_stop_time: str = ""
    hedge_type: str = ""
    hedge_param: str = ""
    opt_out_smart_routing: bool = False
    clearing_account: str = ""
    clearing_intent: str = ""
    not_held: bool = False
    algo_strategy: str = ""
    algo_params: tuple[TagValue, ...] = ()
    algo_id: str = ""
    what_if: bool = False
    order_misc_options: Tags = ()
    solicited: bool = False
    randomize_size: bool = False
    randomize_price: bool = False
    reference_contract_id: int = 0
    is_pegged_change_amount_decrease: bool = False
    pegged_change_amount: BlankDecimal = None
    reference_change_amount: BlankDecimal = None
    reference_exchange_id: str = ""
    conditions: tuple[ConditionFields, ...] = ()
    conditions_ignore_rth: bool = False
    conditions_cancel_order: bool = False
    adjusted_order_type: str = ""
    trigger_price: MaxDecimal = None
    lmt_price_offset: MaxDecimal = None
    adjusted_stop_price: MaxDecimal = None
    adjusted_stop_limit_price: MaxDecimal = None
    adjusted_trailing_amount: MaxDecimal = None
    adjustable_trailing_unit: int = 0
    ext_operator: str = ""
    soft_dollar_tier_name: str = ""
    soft_dollar_tier_val: str = ""
    cash_qty: MaxDecimal = None
    mifid2_decision_maker: str = ""
    mifid2_decision_algo: str = ""
    mifid2_execution_trader: str = ""
    mifid2_execution_algo: str = ""
    dont_use_auto_price_for_hedge: bool = False
    is_oms_container: bool = False
    discretionary_up_to_limit_price: bool = False
    use_price_mgmt_algo: BlankBool = None
    duration: Annotated[BlankInt, Since(158)] = None
    post_to_ats: Annotated[BlankInt, Since(160)] = None
    auto_cancel_parent: Annotated[bool, Since(162)] = False
    advanced_error_override: Annotated[str, Since(166)] = ""
    manual_order_time: Annotated[str, Since(169)] = ""
    min_trade_qty: Annotated[BlankInt, Since(170)] = None
    min_compete_size: Annotated[BlankInt, Since(170)] = None
    compete_against_best_offset: Annotated[Offset, Since(170)] = None
    """Infinity: up to the midpoint."""
    mid_offset_at_whole: Annotated[BlankDecimal, Since(170)] = None
    mid_offset_at_half: Annotated[BlankDecimal, Since(170)] = None
    # Only in answers:
    client_id: int = 0
    perm_id: int = 0
    basis_points: BlankDecimal = None
    basis_points_type: BlankInt = None
    soft_dollar_tier_display_name: str = ""
    auto_cancel_date: str = ""
    filled_quantity: MaxDecimal = None
    ref_futures_con_id: MaxInt = None
    shareholder: str = ""
    imbalance_only: bool = False
    route_marketable_to_bbo: bool = False
    parent_perm_id: int = 0


class OrderStateFields(NamedTuple):
    """What the broker says of an order: its status, and the margins of a what-if."""

    status: str = ""
    init_margin_before: MaxDecimal = None
    maint_margin_before: MaxDecimal = None
    equity_with_loan_before: MaxDecimal = None
    init_margin_change: MaxDecimal = None
    maint_margin_change: MaxDecimal = None
    equity_with_loan_change: MaxDecimal = None
    init_margin_after: MaxDecimal = None
    maint_margin_after: MaxDecimal = None
    equity_with_loan_after: MaxDecimal = None
    commission: MaxDecimal = None
    min_commission: MaxDecimal = None
    max_commission: MaxDecimal = None
    commission_currency: str = ""
    warning_text: str = ""
    completed_time: str = ""
    completed_status: str = ""
