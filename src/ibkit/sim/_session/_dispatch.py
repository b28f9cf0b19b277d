"""Which handler answers which request. One table; every request of the protocol is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ibkit.sim import _wire as wire
from ibkit.sim._session import (
    _account as account,
    _contracts as contracts,
    _depth as depth,
    _history as history,
    _login as login,
    _option_calculations as options,
    _orders as orders,
    _pnl as pnl,
    _quotes as quotes,
    _real_time_bars as real_time_bars,
    _side_services as side,
    _tick_by_tick as tick_by_tick,
)

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

Handler = Callable[["Session", Any, dt.datetime], None]

HANDLERS: dict[type[wire.Request], Handler] = {
    # log-in and the gateway itself
    wire.StartApi: login.start_api,
    wire.ReqIds: login.ids,
    wire.ReqManagedAccts: login.managed_accounts,
    wire.ReqCurrentTime: login.current_time,
    wire.ReqUserInfo: login.user_info,
    wire.SetServerLogLevel: login.ignore,
    wire.ReqSoftDollarTiers: login.soft_dollar_tiers,
    wire.ReqFamilyCodes: login.family_codes,
    # contracts
    wire.ReqContractDetails: contracts.details,
    wire.ReqMatchingSymbols: contracts.matching_symbols,
    wire.ReqMarketRule: contracts.market_rule,
    wire.ReqSecDefOptParams: contracts.option_params,
    wire.ReqSmartComponents: contracts.smart_components,
    wire.ReqMktDepthExchanges: contracts.depth_exchanges,
    # orders
    wire.PlaceOrder: orders.place,
    wire.CancelOrder: orders.cancel,
    wire.ReqGlobalCancel: orders.cancel_all,
    wire.ReqOpenOrders: orders.open_orders,
    wire.ReqAllOpenOrders: orders.all_open_orders,
    wire.ReqAutoOpenOrders: orders.auto_open_orders,
    wire.ReqCompletedOrders: orders.completed_orders,
    wire.ReqExecutions: orders.executions,
    # accounts
    wire.ReqAccountUpdates: account.updates,
    wire.ReqAccountSummary: account.summary,
    wire.CancelAccountSummary: account.cancel_summary,
    wire.ReqPositions: account.positions,
    wire.CancelPositions: account.cancel_positions,
    wire.ReqPositionsMulti: account.positions_multi,
    wire.CancelPositionsMulti: account.cancel_positions_multi,
    wire.ReqAccountUpdatesMulti: account.updates_multi,
    wire.CancelAccountUpdatesMulti: account.cancel_updates_multi,
    wire.ReqPnL: pnl.account,
    wire.CancelPnL: pnl.cancel_account,
    wire.ReqPnLSingle: pnl.single,
    wire.CancelPnLSingle: pnl.cancel_single,
    # market data
    wire.ReqMktData: quotes.request,
    wire.CancelMktData: quotes.cancel,
    wire.ReqMarketDataType: quotes.market_data_type,
    wire.ReqTickByTickData: tick_by_tick.request,
    wire.CancelTickByTickData: tick_by_tick.cancel,
    wire.ReqMktDepth: depth.request,
    wire.CancelMktDepth: depth.cancel,
    wire.ReqRealTimeBars: real_time_bars.request,
    wire.CancelRealTimeBars: real_time_bars.cancel,
    wire.CalculateImpliedVolatility: options.implied_volatility,
    wire.CalculateOptionPrice: options.option_price,
    wire.CancelCalculateImpliedVolatility: login.ignore,
    wire.CancelCalculateOptionPrice: login.ignore,
    # history
    wire.ReqHistoricalData: history.bars,
    wire.CancelHistoricalData: history.cancel_bars,
    wire.ReqHistoricalTicks: history.ticks,
    wire.ReqHeadTimeStamp: history.head_timestamp,
    wire.CancelHeadTimeStamp: login.ignore,
    wire.ReqHistogramData: history.histogram,
    wire.CancelHistogramData: login.ignore,
    # what a plain user has no rights to
    **dict.fromkeys(side.UNAVAILABLE, side.unavailable),
    wire.ReqScannerParameters: side.scanner_parameters,
    wire.CancelScannerSubscription: side.cancel_scanner,
    wire.CancelFundamentalData: side.cancel_unknown,
    wire.ReqNewsProviders: side.news_providers,
    wire.ReqNewsBulletins: login.ignore,
    wire.CancelNewsBulletins: login.ignore,
    wire.CancelWshMetaData: login.ignore,
    wire.CancelWshEventData: login.ignore,
    wire.QueryDisplayGroups: side.display_groups,
    wire.UnsubscribeFromGroupEvents: login.ignore,
}


def refuse_unknown(session: Session, request: wire.Request, now: dt.datetime) -> None:
    """An id that no client of this version sends: 505, and the session lives."""
    session.refuse(-1, 505)
