"""What to do next in a roll: a table of rules over what the broker shows.

The rules are asked in order, and the first that has steps decides. They keep to three promises.

* Protection first: exits of the new month are placed as soon as a part of it is held, and those
  of the old month keep their size until the broker shows the new ones. Until then they cover, in
  the old month, what is held in both.
* Nothing twice: an order of the roll is sent only while none works, for no more than what is
  held in the old month, and only if positions and fills tell the same story.
* Nothing in silence: what cannot be settled by the rules stops the roll with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from . import _exit_rules as exits, _order_rules as orders
from ._look import Decision, Look, Progress
from ._plan import RollPlan
from ._shown import Shown


class Rule(NamedTuple):
    """One row: when it applies, and what is done."""

    name: str
    decide: Callable[[Look], Decision | None]


def decide(plan: RollPlan, shown: Shown, progress: Progress, now: dt.datetime) -> Decision:
    """Ask the rules in turn; the last one always has an answer."""
    look = Look(plan=plan, shown=shown, progress=progress, now=now)
    return next(found for rule in RULES if (found := rule.decide(look)) is not None)


RULES: tuple[Rule, ...] = (
    Rule("something is on the wrong side, or was sent twice: withdraw, then halt", orders.trouble),
    Rule("the roll's order exceeds what is held in the old month: withdraw it", orders.too_large),
    Rule("the new month is held without its exits: place them", exits.protect),
    Rule("positions and fills differ: wait, then believe the position, and tell", exits.settle),
    Rule("exits exceed what is held: cut them", exits.trim),
    Rule("the roll's order works: wait, reprice it, or fall back", orders.working),
    Rule("it was stopped: halt with the reason", orders.halted),
    Rule("one leg is ahead: send the other", orders.even_out),
    Rule("something is left in the old month: send the roll's order", orders.send),
    Rule("nothing is left: finish", orders.done),
)
"""The table, in order."""


def draw_rules() -> str:
    """Write the table as Markdown, for the documentation."""
    rows = "\n".join(f"| {number} | {rule.name} |" for number, rule in enumerate(RULES, 1))
    return f"| | the first row that applies decides |\n|---|---|\n{rows}\n"
