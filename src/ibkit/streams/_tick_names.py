"""The names of a quote's extra ticks, by their number at IB (gateway-behaviour 3.2)."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES: Mapping[int, str] = {
    15: "low_13_weeks",
    16: "high_13_weeks",
    17: "low_26_weeks",
    18: "high_26_weeks",
    19: "low_52_weeks",
    20: "high_52_weeks",
    21: "average_volume",
    22: "open_interest",
    23: "historical_volatility",
    24: "implied_volatility",
    25: "option_bid_exchange",
    26: "option_ask_exchange",
    27: "call_open_interest",
    28: "put_open_interest",
    29: "call_volume",
    30: "put_volume",
    31: "index_future_premium",
    34: "auction_volume",
    35: "auction_price",
    36: "auction_imbalance",
    46: "shortable",
    47: "fundamental_ratios",
    48: "rt_volume",
    50: "bid_yield",
    51: "ask_yield",
    52: "last_yield",
    54: "trade_count",
    55: "trade_rate",
    56: "volume_rate",
    57: "last_rth_trade",
    58: "rt_historical_volatility",
    59: "dividends",
    60: "bond_factor_multiplier",
    61: "regulatory_imbalance",
    62: "news",
    63: "volume_3_minutes",
    64: "volume_5_minutes",
    65: "volume_10_minutes",
    77: "rt_trade_volume",
    78: "creditman_mark_price",
    79: "creditman_slow_mark_price",
    85: "last_reg_time",
    86: "futures_open_interest",
    87: "average_option_volume",
    89: "shortable_shares",
    92: "etf_nav_close",
    93: "etf_nav_prior_close",
    94: "etf_nav_bid",
    95: "etf_nav_ask",
    96: "etf_nav_last",
    97: "etf_frozen_nav_last",
    98: "etf_nav_high",
    99: "etf_nav_low",
    101: "estimated_ipo_midpoint",
    102: "final_ipo_last",
    103: "bid_yield",
    104: "ask_yield",
}


def tick_name(number: str) -> str:
    """Name a tick; one that nobody knows goes by its number.

    >>> tick_name("89"), tick_name("787")
    ('shortable_shares', 'tick_787')
    """
    name = _NAMES.get(int(number)) if number.isdigit() else None
    return name or f"tick_{number}"
