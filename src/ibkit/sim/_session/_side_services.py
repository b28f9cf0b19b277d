"""What this gateway understands and does not simulate: each gets the error of a real one.

News, fundamentals, scanners, Wall Street Horizon and advisor functions need subscriptions that
a plain user does not have; the answers are those of a user without them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

from ibkit.sim import _wire as wire

if TYPE_CHECKING:
    from ibkit.sim._session._session import Session

UNAVAILABLE: dict[type[wire.Request], tuple[int, str]] = {
    wire.ReqFundamentalData: (
        430,
        "The fundamentals data for the security specified is not available.Not allowed",
    ),
    wire.ReqNewsArticle: (10172, "Failed to request news article:Not allowed"),
    wire.ReqHistoricalNews: (10276, "News feed is not allowed."),
    wire.ReqScannerSubscription: (
        162,
        "Historical Market Data Service error message:Scanner is not available",
    ),
    wire.ReqWshMetaData: (10276, "News feed is not allowed."),
    wire.ReqWshEventData: (10276, "News feed is not allowed."),
    wire.ExerciseOptions: (
        322,
        "Error processing request.-'bX' : cause - Exercise of options is not available",
    ),
    wire.RequestFA: (
        321,
        "Error validating request.-'bX' : cause - FA data operations ignored for non FA customers.",
    ),
    wire.ReplaceFA: (
        321,
        "Error validating request.-'bX' : cause - FA data operations ignored for non FA customers.",
    ),
    wire.VerifyRequest: (
        321,
        "Error validating request.-'bX' : cause - Verification is not available",
    ),
    wire.VerifyMessage: (
        321,
        "Error validating request.-'bX' : cause - Verification is not available",
    ),
    wire.VerifyAndAuthRequest: (
        321,
        "Error validating request.-'bX' : cause - Verification is not available",
    ),
    wire.VerifyAndAuthMessage: (
        321,
        "Error validating request.-'bX' : cause - Verification is not available",
    ),
    wire.SubscribeToGroupEvents: (
        322,
        "Error processing request.-'bX' : cause - Display groups are not available",
    ),
    wire.UpdateDisplayGroup: (
        322,
        "Error processing request.-'bX' : cause - Display groups are not available",
    ),
}
"""Request -> error code and text."""


class Numbered(Protocol):
    """A cancel."""

    @property
    def req_id(self) -> int: ...


def unavailable(session: Session, request: wire.Request, now: dt.datetime) -> None:
    """Refuse with the error of the table, under the request's id where it has one."""
    code, text = UNAVAILABLE[type(request)]
    session.error(getattr(request, "req_id", -1), code, text)


def cancel_scanner(session: Session, request: Numbered, now: dt.datetime) -> None:
    """There is never one to cancel (365)."""
    session.error(
        request.req_id, 365, f"No scanner subscription found for ticker id:{request.req_id}"
    )


def cancel_unknown(session: Session, request: Numbered, now: dt.datetime) -> None:
    """There is nothing of that id (300)."""
    session.refuse(request.req_id, 300, request.req_id)


def scanner_parameters(session: Session, request: object, now: dt.datetime) -> None:
    """An empty document: no scans are offered."""
    session.send(wire.ScannerParameters("<ScanParameterResponse></ScanParameterResponse>"))


def news_providers(session: Session, request: object, now: dt.datetime) -> None:
    """There are none."""
    session.send(wire.NewsProviders(()))


def display_groups(session: Session, request: wire.QueryDisplayGroups, now: dt.datetime) -> None:
    """A gateway without windows has no groups."""
    session.send(wire.DisplayGroupList(request.req_id, ""))
