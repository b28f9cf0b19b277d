"""The OCA groups: by name within an account, whatever the instruments (gateway-behaviour 1.6)."""

from __future__ import annotations

from typing import final

from ibkit.sim._engine._order import Order


@final
class Group:
    """The live members of one group."""

    __slots__ = ("account", "members", "name")

    def __init__(self, account: str, name: str) -> None:
        self.account, self.name = account, name
        self.members: dict[Order, None] = {}

    def others(self, order: Order) -> tuple[Order, ...]:
        """Return the other members, oldest first."""
        return tuple(member for member in self.members if member is not order)


@final
class Groups:
    """All groups of the broker. A group lives as long as it has a member."""

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}

    def join(self, order: Order, name: str) -> None:
        """Put an order into a group, and out of its earlier one."""
        self.leave(order)
        key = (order.account, name)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(*key)
        group.members[order] = None
        order.group = group

    def leave(self, order: Order) -> None:
        """Take an order out of its group."""
        group, order.group = order.group, None
        if group is None:
            return
        group.members.pop(order, None)
        if not group.members:
            self._groups.pop((group.account, group.name), None)

    def __len__(self) -> int:
        return len(self._groups)
