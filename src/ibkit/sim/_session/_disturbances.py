"""Carries out what the rules of `ibkit.sim._faults` say of one request or one answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from ibkit.sim import _wire as wire

if TYPE_CHECKING:
    from ibkit.sim._faults import Effect, Rule
    from ibkit.sim._session._session import Session


# -- requests


def _lost(session: Session, request: wire.Request, rule: Rule, now: dt.datetime) -> None:
    """Nobody ever sees the request."""


def _cut(session: Session, request: wire.Request, rule: Rule, now: dt.datetime) -> None:
    session.cut()


def _cut_after(session: Session, request: wire.Request, rule: Rule, now: dt.datetime) -> None:
    session.floor.handle(session, request, now)
    session.cut()


def _handled_late(session: Session, request: wire.Request, rule: Rule, now: dt.datetime) -> None:
    def handle(due: dt.datetime) -> None:
        if not session.closing:
            session.floor.handle(session, request, due)

    session.floor.timers.at(now + rule.delay, handle)


def _refused(session: Session, request: wire.Request, rule: Rule, now: dt.datetime) -> None:
    req_id = getattr(request, "req_id", getattr(request, "order_id", -1))
    session.error(req_id, *rule.error)


def _instead(session: Session, request: wire.Request, rule: Rule, now: dt.datetime) -> None:
    assert rule.action is not None
    rule.action(session, request, now)


ON_REQUESTS: dict[Effect, Callable[[Session, wire.Request, Rule, dt.datetime], None]] = {
    "drop": _lost,
    "cut": _cut,
    "cut_after": _cut_after,
    "delay": _handled_late,
    "refuse": _refused,
    "instead": _instead,
}


# -- answers


def _missing(session: Session, answer: wire.Answer, rule: Rule) -> None:
    """Nobody ever gets the answer."""


def _doubled(session: Session, answer: wire.Answer, rule: Rule) -> None:
    session.put(answer)
    session.put(answer)


def _late(session: Session, answer: wire.Answer, rule: Rule) -> None:
    floor = session.floor
    floor.timers.at(floor.now + rule.delay, lambda _: session.put(answer))


def _altered(session: Session, answer: wire.Answer, rule: Rule) -> None:
    assert rule.change is not None
    session.put(rule.change(answer))


ON_ANSWERS: dict[Effect, Callable[[Session, wire.Answer, Rule], None]] = {
    "drop": _missing,
    "double": _doubled,
    "delay": _late,
    "alter": _altered,
}
