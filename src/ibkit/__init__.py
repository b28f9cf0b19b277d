"""ibkit: contracts, orders, streams and state on top of ib_async, and a gateway to try them on."""

__version__ = "0.1.0"
