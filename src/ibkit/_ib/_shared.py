"""One link for all parts that stand on the same IB."""

from __future__ import annotations

from ib_async import IB

from ._arguments import instance
from ._link import SHARED, Link


def link_of(ib: IB) -> Link:
    """The link that watches *ib*; the first caller adopts it, the others share it.

    A link that somebody made, such as that of a desk, is the one of its IB until released.
    """
    instance(ib, "ib", IB, "an IB of ib_async; open_desk(host, port) makes its own")
    link = vars(ib).get(SHARED)
    return link if isinstance(link, Link) else Link.adopt(ib)
