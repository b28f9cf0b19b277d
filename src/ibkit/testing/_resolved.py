"""An instrument of the simulated market as an ib_async contract."""

from __future__ import annotations

from ib_async import Contract

from ibkit.sim import Instrument


def contract_of(instrument: Instrument, *, qualified: bool = True) -> Contract:
    """Return the contract as a client holds it once it is resolved; or, without its conId, before.

    Either way it names one instrument only. Shares are routed through SMART.
    """
    is_share = instrument.sec_type == "STK"
    last_trade = instrument.last_trade
    return Contract.create(
        secType=instrument.sec_type,
        conId=instrument.con_id if qualified else 0,
        symbol=instrument.symbol,
        lastTradeDateOrContractMonth=f"{last_trade:%Y%m%d}" if last_trade else "",
        multiplier=instrument.multiplier,
        exchange="SMART" if is_share else instrument.exchange,
        primaryExchange=instrument.primary_exchange if is_share else "",
        currency=instrument.currency,
        localSymbol=instrument.local_symbol,
        tradingClass=instrument.trading_class,
    )
