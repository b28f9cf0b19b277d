"""Buy one ES with a target and a stop, and wait for the result.

A script as one writes it on ib_async, or wrote it on ib_insync. It knows nothing of ibkit;
tests/integration/test_migration.py runs it against the simulated gateway as it is.
"""

from ib_async import IB, Future, util


def main() -> float:
    """Return the realized profit or loss."""
    ib = IB()
    ib.connect("127.0.0.1", 7497, clientId=17)
    contract = Future("ES", "202603", "CME")
    ib.qualifyContracts(contract)

    ticker = ib.reqMktData(contract)
    while util.isNan(ticker.ask):
        ib.sleep(0.1)
    price = ticker.ask

    trades = [
        ib.placeOrder(contract, order)
        for order in ib.bracketOrder("BUY", 1, price, price + 5, price - 5)
    ]
    while not all(trade.isDone() for trade in trades):
        ib.waitOnUpdate(timeout=60)
    ib.sleep(1)  # the commission comes a little later

    profit = sum(
        fill.commissionReport.realizedPNL for fill in ib.fills() if fill.execution.side == "SLD"
    )
    for trade in trades:
        print(trade.order.action, trade.order.orderType, trade.orderStatus.status)
    ib.disconnect()
    return profit


if __name__ == "__main__":
    main()
