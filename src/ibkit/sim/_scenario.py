"""What a simulated gateway does where TWS is undocumented, configurable or moody.

Every field says which fact it settles; the defaults follow the captures where there are any.
The numbers in brackets are sections of ``docs/explanation/simulator-fidelity.md``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Attribute, field, frozen, validators

from ibkit.sim._checked import by_type, changed, is_above_zero, refusal


def _at_least_one(_: object, at: Attribute[Any], value: int) -> None:
    if value < 1:
        raise refusal(at.name, value, "a whole number of at least 1")


def _account_name(_: object, at: Attribute[Any], value: str) -> None:
    if not re.fullmatch(r"[^\s,]+", value):
        raise refusal(at.name, value, "a name without blanks and commas, such as 'DU1000001'")


def _currency(_: object, at: Attribute[Any], value: str) -> None:
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise refusal(at.name, value, "a currency such as 'USD'")


def _told_apart(_: object, at: Attribute[Any], value: Sequence[Account]) -> None:
    names = [account.name for account in value]
    if not names or len(set(names)) < len(names):
        raise refusal(at.name, names, "at least one account, each with a name of its own")


def _zone(_: object, at: Attribute[Any], value: str) -> None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal(at.name, value, "an IANA time zone, such as 'US/Eastern'") from None


@frozen(kw_only=True, repr=False, field_transformer=by_type)
class Limits:
    """What one user may have at a time, by default a plain user's rights at IB."""

    lines: int = 100
    """Quotes and real-time bars of all clients together: 101 (3.1)."""
    tick_by_tick: int = 5
    """Tick-by-tick streams: 10190 (3.1)."""
    depth: int = 3
    """Books; one that several clients look at counts once: 309 (3.1)."""
    open_history: int = 50
    """Historical requests that are not answered yet; see `history_excess` (3.1)."""
    real_time_requests: int = 50
    """Live bars and real-time bars: 456. IB does not say how many (3.1)."""
    account_summaries: int = 2
    """Account summaries of all clients together: 322 (3.1)."""
    clients: int = 32
    """Connections; one more is closed. With which words TWS does so is not on record (4.1)."""
    messages_per_second: int = field(default=50, validator=_at_least_one)
    """Messages of one client (4.4)."""
    message_excess: Literal["delay", "reject"] = "delay"
    """What happens to messages above the rate: they wait, or 100 and the third time the end of
    the connection; a setting of TWS (4.4)."""
    history_pacing: bool = True
    """Hold small bars to IB's pacing, 162, and new real-time bars to 60 in ten minutes, 420
    (3.1, 3.5)."""
    history_excess: Literal["queue", "refuse"] = "queue"
    """What happens to requests above `open_history`: they wait, or 162 (undocumented, 3.1)."""
    duplicate_lines: bool = True
    """An instrument asked for twice takes two lines (undocumented, 3.1)."""
    tick_by_tick_seconds: int = 0
    """Least time between two tick-by-tick requests for an instrument. IB documents 15; users find
    that it is not enforced (3.3)."""
    symbol_search_seconds: int = 1
    """Least time between two searches of symbols (2.1)."""

    __repr__ = changed


@frozen(kw_only=True, field_transformer=by_type)
class Account:
    """One account of the gateway's user. IB's paper accounts begin with ``D``."""

    name: str = field(default="DU1000001", validator=_account_name)
    currency: str = field(default="USD", validator=_currency)
    cash: Decimal = Decimal(1_000_000)


@frozen(kw_only=True, repr=False, field_transformer=by_type)
class Scenario:
    """The switches of a gateway.

    A value that its switch does not know is a `ValueError` that says which it knows.

    >>> Scenario(fills="full", price_band=0.1)
    Scenario(fills='full', price_band=Decimal('0.1'))
    """

    accounts: tuple[Account, ...] = field(default=(Account(),), validator=_told_apart)
    """The accounts of the user, the first one being the default."""
    limits: Limits = Limits()
    """What the user may have at a time."""
    zone: str = field(default="US/Eastern", validator=_zone)
    """The zone of the gateway's log-in, in which it writes times."""
    sessions: bool = False
    """Keep real trading hours. Off: every market is open at any hour of any day."""
    market_data: Literal["live", "delayed", "none", "competing"] = "live"
    """The user's rights. ``competing``: another session has the data, 10197 (section 5)."""
    read_only: bool = False
    """Refuse all orders with 321; a setting of TWS (4.4)."""
    master_client_id: int | None = None
    """The client that hears of every client's orders; a setting of TWS (1.1)."""
    download_open_orders: bool = False
    """Send the open orders before managedAccounts on connecting (4.1)."""
    offline_login: Literal["2110", "1100"] = "2110"
    """What a client hears that logs in while IB is out of reach (undocumented, 4.3)."""
    partial_parent: Literal["filled", "all", "none"] = "filled"
    """Which part of a child works while its parent is part-filled (undocumented, 1.5)."""
    user_cancel_takes_siblings: bool = True
    """A user's cancel of one bracket exit also cancels the other (old OCA rule A, 1.5)."""
    oca_rounding: Literal["floor", "nearest"] = "floor"
    """How what remains of a reduced OCA order is rounded (undocumented, 1.6)."""
    cross_client_cancel: Literal["refuse", "allow"] = "refuse"
    """Cancel of another client's order: the documents say no (10147), captures say yes (1.1)."""
    offline_orders: Literal["wait", "refuse"] = "wait"
    """What happens to orders sent while IB is out of reach: they are sent when it is back, or
    10328; a setting of TWS (4.3)."""
    search_excess: Literal["refuse", "drop"] = "refuse"
    """What happens to searches of symbols that come too fast: 10159, or nothing (2.1)."""
    history_latency: int = 0
    """Milliseconds from a historical request to its answer. While it lasts the request is open."""
    empty_executions_end: bool = True
    """Send execDetailsEnd also when there is no execution; one capture has none (1.10)."""
    continuous_orders: Literal["refuse", "accept"] = "refuse"
    """Orders on CONTFUT: not for orders, users say; others had them accepted (2.3)."""
    expiry_reason: str = ""
    """What stands behind ``reason:`` in the 202 of an order that expires (undocumented, 1.8)."""
    late_opening: Literal["queue", "reject"] = "queue"
    """OPG orders after the opening: for the next one, or 201 (undocumented, 1.7)."""
    direct_route: Literal["silent", "warn", "hold"] = "silent"
    """Stock orders for an exchange instead of SMART: nothing, 10311 once, or 10311 and nothing
    placed until the order is sent again (5)."""
    cross_side_warning: bool = False
    """Send 2137 with an order that would turn a position over (5)."""
    execution_before_status: bool = True
    """Send execDetails before the orderStatus of a fill, as captured; or after it (1.4)."""
    duplicate_statuses: bool = False
    """Send every orderStatus twice (duplicates are frequent, 1.3)."""
    skip_market_status: bool = False
    """Send no orderStatus for market orders that fill at once (documented as possible, 1.3)."""
    commission_before_execution: bool = False
    """Send commissionReport before execDetails (possible, 1.4)."""
    day_order_notice: bool = False
    """Answer every DAY order with notice 10349, as newer gateways do."""
    ioc_remainder_notice: bool = True
    """Send 202 for the cancelled rest of an IOC order (captures differ, 1.8)."""
    fills: Literal["touch", "full"] = "touch"
    """How much fills at once: what stands at the touch, or everything."""
    slippage_ticks: int = 0
    """How many ticks worse than the touch an aggressive order fares."""
    submit_latency: int = 0
    """Milliseconds from the gateway to the exchange, for new orders and modifications."""
    cancel_latency: int = 0
    """Milliseconds from a cancel to its confirmation. Fills may come in between."""
    commission_delay: int = 0
    """Milliseconds from a fill to its commission report."""
    parent_delay: int = 0
    """Milliseconds for which a new parent is not known to its children (10006, 1.5)."""
    child_follows_parent_tif: bool = False
    """A child never outlives its parent's time in force (1.5, from the order ticket's guide)."""
    native_stop_exchanges: tuple[str, ...] = ()
    """Exchanges that hold stop orders themselves: Submitted instead of PreSubmitted (1.5)."""
    fill_or_kill: Literal["cancel", "inactive"] = "cancel"
    """FOK: fill or cancel as an exchange does, or end Inactive as paper accounts do (1.8)."""
    modify_to_market: bool = False
    """Let a live LMT become MKT. The code table says no (329), a capture says yes (1.9)."""
    global_cancel_notice: bool = False
    """Send 161 for orders that a cancel of all finds already cancelled with their group (1.9)."""
    future_fill_echo: bool = False
    """Send openOrder after a future's fill too, as captured for stocks only (1.4)."""
    price_band: Decimal | None = field(default=None, validator=validators.optional(is_above_zero))
    """Share of the market price beyond which a limit is too aggressive: 202 (1.4)."""
    large_order: Decimal | None = field(default=None, validator=validators.optional(is_above_zero))
    """Size above which a limit order is rejected with 201 (1.4)."""
    refuse_both_sides: bool = False
    """Reject an order against a working one on the other side of the same contract (1.5)."""
    no_permission: tuple[str, ...] = ()
    """Security types that this user may not trade: 460 (1.12)."""

    __repr__ = changed
