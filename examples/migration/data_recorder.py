"""Record quotes of some instruments to a CSV file until somebody stops the program.

A program as one writes it on ib_async: events, `ib.run()`. It knows nothing of ibkit.
"""

import csv
import sys
from pathlib import Path

from ib_async import IB, Contract, Forex, Future, Stock, Ticker

CONTRACTS = [Future("ES", "202603", "CME"), Stock("AAPL", "SMART", "USD"), Forex("EURUSD")]


class Recorder:
    """Writes a row for each update."""

    def __init__(self, ib: IB, path: Path) -> None:
        self.ib = ib
        self.file = path.open("w", newline="", encoding="utf-8")
        self.writer = csv.writer(self.file)
        self.writer.writerow(["time", "symbol", "bid", "ask", "last", "volume"])

    def start(self, contracts: list[Contract]) -> None:
        self.ib.pendingTickersEvent += self.on_tickers
        for contract in self.ib.qualifyContracts(*contracts):
            self.ib.reqMktData(contract)

    def on_tickers(self, tickers: set[Ticker]) -> None:
        for t in tickers:
            self.writer.writerow([t.time, t.contract.localSymbol, t.bid, t.ask, t.last, t.volume])

    def stop(self) -> None:
        self.file.close()


def main(path: str = "quotes.csv") -> None:
    """Record until interrupted."""
    ib = IB()
    ib.connect("127.0.0.1", 7497, clientId=18)
    recorder = Recorder(ib, Path(path))
    recorder.start(CONTRACTS)
    try:
        ib.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        ib.disconnect()
        recorder.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
