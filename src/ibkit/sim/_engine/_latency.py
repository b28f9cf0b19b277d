"""How long things take on their way."""

from __future__ import annotations

import datetime as dt
from typing import final

from attrs import frozen

from ibkit.sim._checked import by_type


@final
@frozen(kw_only=True, field_transformer=by_type)
class Latency:
    """Delays of the simulated world. All zero: what is asked happens within the same call."""

    submit: dt.timedelta = dt.timedelta(0)
    """From the gateway to the exchange: new orders and modifications."""
    cancel: dt.timedelta = dt.timedelta(0)
    """From a cancel to its confirmation; fills may come in between."""
    commission: dt.timedelta = dt.timedelta(0)
    """From a fill to its commission report."""
