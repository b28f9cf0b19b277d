"""Whether TWS means an order that was sent, and what an execution belongs to. Pure."""

from __future__ import annotations

from ib_async import Contract, Order

from ._fill import TrueFill
from ._order import TrueOrder


def is_leg(contract: Contract, fill: TrueFill) -> bool:
    """A combo reports its own execution and one for each leg; the legs do not count (1.4)."""
    return contract.secType == "BAG" and fill.contract.secType != "BAG"


def is_it(truth: TrueOrder, contract: Contract, shown: Order) -> bool:
    """Whether TWS can mean the order that was sent: an id may be handed out again."""
    same = (truth.order.orderRef, truth.order.action) == (shown.orderRef, shown.action)
    return same and _same_contract(truth.contract, contract)


def is_what_was_sent(truth: TrueOrder, contract: Contract, shown: Order) -> bool:
    """Whether everything that is not filled in by TWS agrees."""
    return is_it(truth, contract, shown) and any(
        all(getattr(sent, name) == getattr(shown, name) for name in _IDENTITY)
        for sent in (truth.order, truth.wanted)
        if sent is not None
    )


_IDENTITY = ("orderType", "totalQuantity")


def _same_contract(sent: Contract, shown: Contract) -> bool:
    if "BAG" in (sent.secType, shown.secType):  # its conId is not known to who sends it
        return _legs(sent) == _legs(shown)
    return sent.conId == shown.conId if sent.conId else sent.symbol == shown.symbol


def _legs(contract: Contract) -> list[tuple[int, int, str]]:
    return sorted((leg.conId, leg.ratio, leg.action) for leg in contract.comboLegs or ())
