"""One link for all parts that stand on the same IB."""

from __future__ import annotations

from ib_async import IB

from ._link import SHARED, Link


def link_of(ib: IB) -> Link:
    """The link that watches *ib*; the first caller adopts it, the others share it.

    A link that somebody made, such as that of a desk, is the one of its IB until released.
    """
    link = vars(ib).get(SHARED)
    return link if isinstance(link, Link) else Link.adopt(ib)
