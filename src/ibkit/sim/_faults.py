"""What goes wrong with messages: never answered, missing, doubled, late, wrong, cut off.

Rules name messages as the API does (``ReqPositions``, ``PositionEnd``, ``OrderStatus``) and are
used up: each works for a number of messages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Literal, final

from attrs import define, field, setters

from ibkit.sim._checked import whole

Effect = Literal["drop", "double", "delay", "cut", "cut_after", "refuse", "alter", "instead"]


def _times(_: object, __: object, value: int) -> None:
    whole("times", value, least=1)


def _client_id(_: object, __: object, value: int | None) -> None:
    if value is not None:
        whole("client_id", value)


@final
@define(kw_only=True, on_setattr=setters.NO_OP)
class Rule:
    """What happens to the next messages of a name."""

    message: str
    effect: Effect
    times: int = field(default=1, validator=_times)
    client_id: int | None = field(default=None, validator=_client_id)
    """Only this client's messages."""
    skip: int = 0
    """Let so many messages pass first."""
    delay: dt.timedelta = dt.timedelta(0)
    error: tuple[int, str] = (0, "")
    """The code and the text of a refusal."""
    change: Callable[[Any], Any] | None = None
    """Makes an altered answer of an answer."""
    action: Callable[..., None] | None = None
    """Takes session, request and time in the place of what answers a request."""

    def fits(self, client_id: int, name: str) -> bool:
        """Whether the rule is for this message."""
        return self.message == name and self.client_id in (None, client_id)


@final
class Interference:
    """The rules in force. `active` is false while there are none, so that nothing is looked up."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self.active: bool = False

    def add(self, rule: Rule) -> None:
        """Put a rule in force, after those that are."""
        self._rules.append(rule)
        self.active = True

    def clear(self) -> None:
        """Let everything pass again."""
        self._rules.clear()
        self.active = False

    def use(self, client_id: int, name: str) -> Rule | None:
        """The rule that a message falls under, which is thereby used once."""
        for rule in self._rules:
            if rule.fits(client_id, name):
                if rule.skip > 0:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                if rule.times <= 0:
                    self._rules.remove(rule)
                    self.active = bool(self._rules)
                return rule
        return None
