"""The repair rules: one table from what is known of a group to what has to be done about it.

Theory. IB does most of it by itself: it starts children when their parent fills, reduces or
cancels the siblings of an order that fills, cancels children with their parent. The rules are for
when it does not, when it does too much (the children of one parent are one OCA group, so a filled
target takes the other slices' exits along), and when somebody else trades the position. They
compare, slice by slice, what each exit should still be with what it is. So they need no memory,
may be asked as often as one likes, and once their actions are confirmed they have no more to say.

What keeps them from doing harm:

* while anything is unknown, the only action is to ask the broker;
* an order with an unanswered change is left alone, so that nothing is sent twice;
* what IB does itself gets the time to happen (`settled`) before a rule does it;
* an exit is put back once; a second loss is told, not fought;
* each order is touched by one rule at a time, the first in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ibkit.orders import _repair_rules
from ibkit.orders._actions import Action, Alert, AskBroker, CancelLeg, CloseOut, RollBack
from ibkit.orders._facts import GroupFacts
from ibkit.orders._picture import Picture, study


class RepairRule(NamedTuple):
    """One row. `act` gives its actions, or none when it does not apply."""

    name: str
    meaning: str
    act: Callable[[str, Picture], Iterable[Action]]
    settled: bool = False
    """It waits until IB has done its own part."""
    closing: bool = False
    """It also counts while the user is on the way out."""


REPAIR_RULES: tuple[RepairRule, ...] = (
    RepairRule(
        "ask-first",
        "sent, and the connection was lost before an answer: ask what arrived, send nothing",
        _repair_rules.ask,
        closing=True,
    ),
    RepairRule(
        "lives-twice",
        "an order that seemed lost came back beside the one that replaced it: cancel it, tell",
        _repair_rules.lives_twice,
        closing=True,
    ),
    RepairRule(
        "flipped",
        "more was closed than opened: cancel all, tell",
        _repair_rules.flipped,
        closing=True,
    ),
    RepairRule(
        "closed-outside",
        "somebody else closed the position: cancel all, tell",
        _repair_rules.closed_outside,
        settled=True,
        closing=True,
    ),
    RepairRule(
        "change-refused",
        "TWS refused a modification: the acknowledged terms are the terms again, tell",
        _repair_rules.refused,
        closing=True,
    ),
    RepairRule(
        "cancel-all", "the user wants to be out: cancel all", _repair_rules.cancel_all, closing=True
    ),
    RepairRule(
        "close-out",
        "the user wants to be out, and no order is left: close what is open; tell when that "
        "is refused twice",
        _repair_rules.close_out,
        closing=True,
    ),
    RepairRule(
        "child-gone",
        "an exit was refused, or never arrived, before the entry filled: cancel the entry, tell",
        _repair_rules.child_gone,
    ),
    RepairRule(
        "entry-refused",
        "the entry of one slice was refused, and the others go on: tell",
        _repair_rules.entry_refused,
        settled=True,
    ),
    RepairRule(
        "exit-before-entry",
        "an exit filled while the rest of its entry still works: cancel that rest",
        _repair_rules.exit_before_entry,
    ),
    RepairRule(
        "entry-gone",
        "the entry ended without a fill, and its exits live on: cancel them",
        _repair_rules.entry_gone,
        settled=True,
    ),
    RepairRule(
        "left-over",
        "all is closed, and exits live on: cancel them",
        _repair_rules.left_over,
        settled=True,
    ),
    RepairRule(
        "entry-ended-short",
        "the entry filled in part and ended: its exits shrink to the fill",
        _repair_rules.entry_short,
    ),
    RepairRule(
        "unlinked-sibling",
        "one exit filled, and others of its slice are not linked to it at IB: they shrink at once",
        _repair_rules.unlinked_sibling,
    ),
    RepairRule(
        "reduced-elsewhere",
        "the position shrank by other hands: tell",
        _repair_rules.reduced_elsewhere,
        settled=True,
    ),
    RepairRule(
        "exit-too-large",
        "an exit is larger than what it has to close, such as beside one that filled in part: "
        "it shrinks, the last slices first",
        _repair_rules.too_large,
        settled=True,
    ),
    RepairRule(
        "slice-filled",
        "managed: the entry filled, so the exits of what is filled are sent",
        _repair_rules.slice_filled,
    ),
    RepairRule(
        "put-back",
        "an exit of an open position was refused or taken away: send it once more",
        _repair_rules.put_back,
    ),
    RepairRule(
        "lost-again", "an exit that was put back is gone again: tell", _repair_rules.lost_again
    ),
    RepairRule(
        "slice-grows",
        "managed: more of the entry filled, so the exits that stand grow",
        _repair_rules.slice_grows,
    ),
    RepairRule(
        "exit-too-small",
        "an exit is smaller than what is open: let it grow",
        _repair_rules.too_small,
        settled=True,
    ),
    RepairRule(
        "guard-done",
        "managed: the slices' own stops stand, so the provisional one shrinks away",
        _repair_rules.guard_done,
    ),
    RepairRule(
        "break-even",
        "so many targets are filled: the stops that are left move to the entry price",
        _repair_rules.break_even,
    ),
    RepairRule(
        "expires-soon", "exits expire with a position open: tell before", _repair_rules.expires
    ),
    RepairRule("expired", "exits expired with a position open: tell", _repair_rules.expired),
    RepairRule(
        "unprotected",
        "something is open without a working exit: tell, at once",
        _repair_rules.unprotected,
    ),
)
"""From facts to actions, in the order in which they are asked."""


def repair(facts: GroupFacts) -> tuple[Action, ...]:
    """Return what has to be done about a group, in that order.

    >>> from decimal import Decimal
    >>> from ibkit.orders import LegFacts, LegStatus
    >>> one = Decimal(1)
    >>> entry = LegFacts(role="entry", kind="entry", size=one, status=LegStatus.FILLED, filled=one)
    >>> stop = LegFacts(role="stop-1", kind="stop", number=1, size=one,
    ...                 status=LegStatus.REJECTED, reason="110 off the grid")
    >>> for action in repair(GroupFacts(form="separate", legs=(entry, stop))):
    ...     print(action)
    Replace(rule='put-back', role='stop-1', size=Decimal('1'))
    Alert(rule='unprotected', severity='critical', text='1 of 1 open has no working exit; \
stop-1: 110 off the grid', roles=())
    """
    if not facts.connected:
        return ()
    picture = study(facts)
    busy = {leg.role for leg in facts.legs if leg.in_flight} | facts.told
    actions: list[Action] = []
    for rule in REPAIR_RULES:
        if (rule.settled and not facts.settled) or (facts.closing and not rule.closing):
            continue
        for action in rule.act(rule.name, picture):
            if isinstance(action, AskBroker):
                return (action,)
            touched = _touched(action)
            if touched not in busy:
                actions.append(action)
                busy.add(touched)
    return tuple(actions)


def _touched(action: Action) -> str:
    """Say what an action touches: an order, the position, or the user's attention."""
    if isinstance(action, Alert):
        return action.key
    if isinstance(action, RollBack):
        return f"terms of {action.role}"  # it changes nothing at the broker
    if isinstance(action, CancelLeg) and action.double:
        return f"double of {action.role}"
    return "" if isinstance(action, (CloseOut, AskBroker)) else action.role


def draw_repair() -> str:
    """Write the table as Markdown, for the documentation."""
    rows = "\n".join(
        f"| {rule.name} | {rule.meaning} | {'yes' if rule.settled else 'no'} |"
        for rule in REPAIR_RULES
    )
    return f"| rule | when, and what is done | waits for IB |\n|---|---|---|\n{rows}\n"
