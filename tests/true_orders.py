"""Orders as the ledger shows them, in short, for tests of what looks at them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from ib_async import Contract, Order

from ibkit._ib._codes import CODES, Notice
from ibkit.state import Owner, TrueFill, TrueOrder

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.timezone.utc)
ES = Contract(conId=1, secType="FUT", symbol="ES", localSymbol="ESH6", exchange="CME")


TERMS = set(vars(Order()))


def true_order(status: str = "Submitted", order_id: int = 10, **fields: Any) -> TrueOrder:
    """An order of client 3: SELL 2 STP 4990; fields of the order or of the truth about it."""
    terms = {name: fields.pop(name) for name in TERMS & fields.keys()}
    order = Order(
        **{"orderId": order_id, "clientId": 3, "action": "SELL", "totalQuantity": 2.0,
           "orderType": "STP", "auxPrice": 4990.0, "tif": "DAY", **terms}
    )  # fmt: skip
    truth: dict[str, Any] = {
        "contract": ES,
        "order": order,
        "client_id": 3,
        "order_id": order_id,
        "perm_id": 900 + order_id if status else 0,
        "owner": Owner.OURS,
        "epoch": 1,
        "status": status,
    }
    made = {**truth, **fields}
    for name in ("filled", "average_price"):
        if made.get(name) is not None:
            made[name] = Decimal(str(made[name]))
    return TrueOrder(**made)


def notice(code: int, text: str = "") -> Notice:
    """A message of TWS about an order."""
    return CODES.notice(code, text)


def fill(perm_id: int, **fields: Any) -> TrueFill:
    """An execution of client 3: one sold at 5000."""
    values: dict[str, Any] = {
        "exec_id": f"e{perm_id}", "contract": ES, "account": "DU1", "order_id": 10, "client_id": 3,
        "perm_id": perm_id, "order_ref": "", "side": "SLD", "size": Decimal(1),
        "price": Decimal(5000), "time": NOW, "exchange": "CME", "cumulative": Decimal(1),
    }  # fmt: skip
    return TrueFill(**{**values, **fields})
