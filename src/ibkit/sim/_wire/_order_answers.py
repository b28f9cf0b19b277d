"""openOrder and completedOrder: the whole order goes back to the client."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

from ibkit.sim._wire._contract_fields import DeltaNeutral
from ibkit.sim._wire._order_fields import (
    CONDITION_TYPES,
    PEG_BENCH,
    ConditionFields,
)
from ibkit.sim._wire._order_messages import CompletedOrder, OpenOrder
from ibkit.sim._wire._writing import Part, Writer, parts_of, table_of, when, writer_of

Echo: TypeAlias = OpenOrder | CompletedOrder

_CONTRACT = """
    contract.con_id contract.symbol contract.sec_type contract.last_trade_date_or_contract_month
    contract.strike contract.right contract.multiplier contract.exchange contract.currency
    contract.local_symbol contract.trading_class
"""
_TERMS = """
    order.action order.total_quantity order.order_type order.lmt_price order.aux_price order.tif
    order.oca_group order.account order.open_close order.origin order.order_ref
"""
_ADVISOR = "order.fa_group order.fa_method order.fa_percentage order.fa_profile"
_UNTIL_EXEMPT = """
    order.model_code order.good_till_date order.rule80a order.percent_offset order.settling_firm
    order.short_sale_slot order.designated_location order.exempt_code
"""
_PEG_TO_STOCK = """
    order.starting_price order.stock_ref_price order.delta order.stock_range_lower
    order.stock_range_upper order.display_size
"""
_VOLATILITY = """
    order.volatility order.volatility_type order.delta_neutral_order_type
    order.delta_neutral_aux_price
"""
_COMBO = """
    contract.combo_legs_descrip contract.combo_legs order.order_combo_legs
    order.smart_combo_routing_params order.scale_init_level_size order.scale_subs_level_size
    order.scale_price_increment
"""
_TRAIL = """
    order.continuous_update order.reference_price_type order.trail_stop_price
    order.trailing_percent
"""
_SCALE = """
    order.scale_price_adjust_value order.scale_price_adjust_interval order.scale_profit_offset
    order.scale_auto_reset order.scale_init_position order.scale_init_fill_qty
    order.scale_random_percent
"""
_BENCHMARK = """
    order.reference_contract_id order.is_pegged_change_amount_decrease
    order.pegged_change_amount order.reference_change_amount order.reference_exchange_id
"""
_MIDPOINT = """
    order.min_trade_qty order.min_compete_size order.compete_against_best_offset
    order.mid_offset_at_whole order.mid_offset_at_half
"""
_CLEARING = "order.clearing_account order.clearing_intent order.not_held"

_OPEN_HEAD = f"""
    order_id {_CONTRACT} {_TERMS} order.client_id order.perm_id order.outside_rth order.hidden
    order.discretionary_amt order.good_after_time order.shares_allocation {_ADVISOR}
    {_UNTIL_EXEMPT} order.auction_strategy {_PEG_TO_STOCK} order.block_order order.sweep_to_fill
    order.all_or_none order.min_qty order.oca_type order.e_trade_only order.firm_quote_only
    order.nbbo_price_cap order.parent_id order.trigger_method {_VOLATILITY}
"""
_OPEN_DELTA_NEUTRAL = """
    order.delta_neutral_con_id order.delta_neutral_settling_firm
    order.delta_neutral_clearing_account order.delta_neutral_clearing_intent
    order.delta_neutral_open_close order.delta_neutral_short_sale
    order.delta_neutral_short_sale_slot order.delta_neutral_designated_location
"""
_OPEN_STATE = """
    order.solicited order.what_if state.status state.init_margin_before
    state.maint_margin_before state.equity_with_loan_before state.init_margin_change
    state.maint_margin_change state.equity_with_loan_change state.init_margin_after
    state.maint_margin_after state.equity_with_loan_after state.commission state.min_commission
    state.max_commission state.commission_currency state.warning_text
    order.randomize_size order.randomize_price
"""
_OPEN_TAIL = f"""
    order.adjusted_order_type order.trigger_price order.trail_stop_price order.lmt_price_offset
    order.adjusted_stop_price order.adjusted_stop_limit_price order.adjusted_trailing_amount
    order.adjustable_trailing_unit order.soft_dollar_tier_name order.soft_dollar_tier_val
    order.soft_dollar_tier_display_name order.cash_qty order.dont_use_auto_price_for_hedge
    order.is_oms_container order.discretionary_up_to_limit_price order.use_price_mgmt_algo
    order.duration order.post_to_ats order.auto_cancel_parent {_MIDPOINT}
"""

_COMPLETED_HEAD = f"""
    {_CONTRACT} {_TERMS} order.perm_id order.outside_rth order.hidden order.discretionary_amt
    order.good_after_time {_ADVISOR} {_UNTIL_EXEMPT} {_PEG_TO_STOCK} order.sweep_to_fill
    order.all_or_none order.min_qty order.oca_type order.trigger_method {_VOLATILITY}
"""
_COMPLETED_DELTA_NEUTRAL = """
    order.delta_neutral_con_id order.delta_neutral_short_sale
    order.delta_neutral_short_sale_slot order.delta_neutral_designated_location
"""
_COMPLETED_STATE = "order.solicited state.status order.randomize_size order.randomize_price"
_COMPLETED_TAIL = f"""
    order.trail_stop_price order.lmt_price_offset order.cash_qty
    order.dont_use_auto_price_for_hedge order.is_oms_container order.auto_cancel_date
    order.filled_quantity order.ref_futures_con_id order.auto_cancel_parent@157
    order.shareholder order.imbalance_only order.route_marketable_to_bbo order.parent_perm_id
    state.completed_time state.completed_status {_MIDPOINT}
"""


@cache
def open_order(version: int) -> Writer:
    def fields(paths: str) -> Writer:
        return table_of(OpenOrder, version, paths)

    return parts_of(
        fields(_OPEN_HEAD),
        when(_is_delta_neutral, fields(_OPEN_DELTA_NEUTRAL)),
        fields(f"{_TRAIL} order.basis_points order.basis_points_type {_COMBO}"),
        when(_scales, fields(_SCALE)),
        fields("order.hedge_type"),
        when(_hedges, fields("order.hedge_param")),
        fields(f"order.opt_out_smart_routing {_CLEARING}"),
        _delta_neutral_contract(version),
        fields("order.algo_strategy"),
        when(_has_algo, fields("order.algo_params")),
        fields(_OPEN_STATE),
        when(_is_pegged_to_benchmark, fields(_BENCHMARK)),
        _conditions(version),
        fields(_OPEN_TAIL),
    )


@cache
def completed_order(version: int) -> Writer:
    def fields(paths: str) -> Writer:
        return table_of(CompletedOrder, version, paths)

    return parts_of(
        fields(_COMPLETED_HEAD),
        when(_is_delta_neutral, fields(_COMPLETED_DELTA_NEUTRAL)),
        fields(f"{_TRAIL} {_COMBO}"),
        when(_scales, fields(_SCALE)),
        fields("order.hedge_type"),
        when(_hedges, fields("order.hedge_param")),
        fields(_CLEARING),
        _delta_neutral_contract(version),
        fields("order.algo_strategy"),
        when(_has_algo, fields("order.algo_params")),
        fields(_COMPLETED_STATE),
        when(_is_pegged_to_benchmark, fields(_BENCHMARK)),
        _conditions(version),
        fields(_COMPLETED_TAIL),
    )


def _is_delta_neutral(echo: Echo) -> bool:
    return bool(echo.order.delta_neutral_order_type)


def _scales(echo: Echo) -> bool:
    increment = echo.order.scale_price_increment
    return increment is not None and increment > 0


def _hedges(echo: Echo) -> bool:
    return bool(echo.order.hedge_type)


def _has_algo(echo: Echo) -> bool:
    return bool(echo.order.algo_strategy)


def _is_pegged_to_benchmark(echo: Echo) -> bool:
    return echo.order.order_type in PEG_BENCH


def _delta_neutral_contract(version: int) -> Part:
    write_underlying = writer_of(DeltaNeutral, version)

    def write(echo: Echo) -> str:
        underlying = echo.contract.delta_neutral_contract
        return "0" if underlying is None else f"1\0{write_underlying(underlying)}"

    return write


def _conditions(version: int) -> Part:
    writers = {
        condition: (number, writer_of(condition, version))
        for number, condition in CONDITION_TYPES.items()
    }
    flags = table_of(
        OpenOrder, version, "order.conditions_ignore_rth order.conditions_cancel_order"
    )

    def write_one(condition: ConditionFields) -> str:
        number, write_fields = writers[type(condition)]
        return f"{number}\0{write_fields(condition)}"

    def write(echo: Echo) -> str:
        conditions = echo.order.conditions
        if not conditions:
            return "0"
        return "\0".join([str(len(conditions)), *map(write_one, conditions), flags(echo)])

    return write
