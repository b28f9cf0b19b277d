"""One link for all parts that stand on the same IB."""

from __future__ import annotations

from ib_async import IB

from ._link import Link

_NAME = "_ibkit_link"


def link_of(ib: IB) -> Link:
    """The link that watches *ib*; the first caller adopts it, the others share it."""
    link = ib.__dict__.get(_NAME)
    if not isinstance(link, Link):
        link = Link.adopt(ib)
        share(link)
    return link


def share(link: Link) -> None:
    """Make *link* the one that later callers of `link_of` get."""
    link.ib.__dict__[_NAME] = link
