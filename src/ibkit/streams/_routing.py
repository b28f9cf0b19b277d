"""What an error on the id of a stream means for that stream: one table.

An error concerns the one request whose id it carries, and no other stream of the contract.
Sources: gateway-behaviour 3 and 5. Texts decide only where one code has several meanings, and
then by the words that IB does not translate.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from ._limits import LIMIT_CODES
from ._recovery import Signal


class Verdict(enum.Enum):
    """What becomes of the stream, where it is not a `Signal` of the recovery table."""

    NOT_SUBSCRIBED = "the account has no rights to the data"
    BROKEN = "the request is impossible"
    EXPIRED = "the contract does not trade any more"
    DELAYED = "delayed data follows"
    NOTICE = "nothing; it is told"
    ECHO = "nothing at all"
    FULL = "IB has no place for it"


Effect = Verdict | Signal

_CODES: Mapping[int, Effect] = {
    **dict.fromkeys(LIMIT_CODES, Verdict.FULL),
    102: Signal.DROPPED,  # duplicate id: the next request has a fresh one
    165: Verdict.NOTICE,
    200: Verdict.BROKEN,
    300: Verdict.ECHO,  # our cancel came for a request that IB had dropped already
    310: Verdict.ECHO,
    316: Signal.INTERRUPTED,  # the book is halted: "please re-subscribe"
    317: Signal.BOOK_RESET,
    321: Verdict.BROKEN,
    354: Verdict.NOT_SUBSCRIBED,
    366: Verdict.ECHO,
    2152: Verdict.NOTICE,  # which exchanges a smart book can show
    10089: Verdict.NOT_SUBSCRIBED,
    10090: Verdict.NOTICE,  # a part is not subscribed; the rest flows
    10091: Verdict.NOTICE,
    10092: Verdict.BROKEN,
    10167: Verdict.DELAYED,
    10168: Verdict.NOT_SUBSCRIBED,
    10177: Verdict.BROKEN,
    10178: Verdict.BROKEN,
    10179: Verdict.BROKEN,
    10180: Verdict.EXPIRED,
    10181: Signal.INTERRUPTED,
    10182: Signal.INTERRUPTED,  # live bars lost their farm (ib_insync#670)
    10186: Verdict.NOT_SUBSCRIBED,
    10197: Signal.PAUSED,  # a competing session has the data
    10225: Signal.INTERRUPTED,  # bust event: "please resubscribe immediately"
    10227: Verdict.NOT_SUBSCRIBED,
}

# First words that fit, in lower case; the last row of each code always does.
_BY_TEXT: Mapping[int, tuple[tuple[str, Effect], ...]] = {
    162: (
        ("query cancelled", Verdict.ECHO),  # the answer to every cancel
        ("pacing", Signal.PAUSED),
        ("no market data permissions", Verdict.NOT_SUBSCRIBED),
        ("no data", Verdict.NOTICE),  # nothing in the past; live bars follow
        ("", Signal.PAUSED),
    ),
    322: (("duplicate", Signal.DROPPED), ("", Signal.PAUSED)),
    420: (
        ("permission", Verdict.NOT_SUBSCRIBED),
        ("not subscribed", Verdict.NOT_SUBSCRIBED),
        ("", Signal.PAUSED),  # pacing: at most 60 new requests in ten minutes
    ),
    10189: (("permission", Verdict.NOT_SUBSCRIBED), ("", Verdict.BROKEN)),
}

MOST_ATTEMPTS = 8
"""After so many requests that IB ended before they delivered anything, a stream is broken."""

_PASSES = frozenset({316, 10181, 10182, 10197, 10225})


def is_patient(code: int) -> bool:
    """Whether this state passes by itself, be it after hours, so that asking goes on for ever.

    >>> is_patient(10197), is_patient(162)
    (True, False)
    """
    return code in _PASSES


def effect_of(code: int, text: str, *, delivered: bool) -> Effect:
    """Say what error *code* does to the stream whose request carries its id.

    Args:
        code: The code.
        text: What TWS says with it.
        delivered: Whether this request has delivered anything. A code that nobody knows ends one
            that has not; later it is a notice, and silence will show if it was more.

    >>> effect_of(354, "Requested market data is not subscribed.", delivered=False)
    <Verdict.NOT_SUBSCRIBED: 'the account has no rights to the data'>
    >>> effect_of(162, "...API historical data query cancelled: 7", delivered=True)
    <Verdict.ECHO: 'nothing at all'>
    """
    if code in _BY_TEXT:
        lower = text.lower()
        return next(effect for words, effect in _BY_TEXT[code] if words in lower)
    if code in _CODES:
        return _CODES[code]
    return Verdict.NOTICE if delivered or 2100 <= code < 2200 else Verdict.BROKEN
