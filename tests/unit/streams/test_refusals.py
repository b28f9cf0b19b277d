import datetime as dt

import pytest

from ibkit._ib._codes import CODES
from ibkit._ib._health import HealthRecord
from ibkit.errors import NotSubscribed, StreamBroken
from ibkit.streams._buffers import Buffer, unread
from ibkit.streams._consumer import Consumer
from ibkit.streams._decisions import Holder
from ibkit.streams._events import Delayed
from ibkit.streams._lifecycle import StreamEvents
from ibkit.streams._limits import Pool
from ibkit.streams._line import Line
from ibkit.streams._plans import plan_quotes
from ibkit.streams._recovery import Phase, Signal
from ibkit.streams._refusals import hear
from ibkit.streams._routing import MOST_ATTEMPTS

AT = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.timezone.utc)


class Clerk:
    """Writes down the consequences; stands in for the board of its line as well."""

    def __init__(self, plan):
        self.did = []
        self.line = Line(self, plan, plan.feed())
        self.consumer = Consumer(
            Holder(number=1, name="h"), unread(Buffer()), StreamEvents("h", HealthRecord())
        )
        self.line.join(self.consumer, plan)
        self.line.signal(Signal.ADMITTED)

    def hear(self, code, text=""):
        hear(self, self.line, code, text)
        return self.did

    @property
    def told(self):
        return [event.code for event in self.consumer.events if hasattr(event, "code")]

    def deliver(self):
        self.line.feed.price(["1", "6", "1", "1", "100", "1", "0"], AT)

    def end(self, line, end):
        self.did.append(("end", type(end.error), end.reason))

    def full(self, line, pool, reason):
        self.did.append(("full", pool, reason))

    def notice(self, code, text):
        return CODES.notice(code, text)

    def now(self):
        return 0.0

    def again(self, line, *, alive, delay):
        self.did.append(("again", alive, delay))

    def watch(self, line, seconds):
        """What is looked at later is of no interest here."""


@pytest.fixture
def clerk(es):
    return Clerk(plan_quotes(es, ()))


def test_no_rights_end_the_stream_and_say_what_to_do(clerk):
    ((_, error, reason),) = clerk.hear(354, "Requested market data is not subscribed.")

    assert error is NotSubscribed
    assert reason.startswith("quotes ES1 ended by error 354: Requested market data is not")
    assert "take delayed data" in reason


def test_an_impossible_request_is_broken(clerk):
    assert clerk.hear(200, "No security definition") == [
        ("end", StreamBroken, "quotes ES1 ended by error 200: No security definition")
    ]


@pytest.mark.parametrize("code", [200, 10180])
def test_a_contract_that_has_delivered_and_is_gone_ends_cleanly(clerk, code):
    clerk.deliver()
    clerk.hear(code, "expired")

    assert clerk.did == [
        ("end", type(None), f"the market closed it for good (error {code}: expired)")
    ]


def test_delayed_data_goes_on(clerk):
    assert clerk.hear(10167, "Displaying delayed market data.") == []
    assert list(clerk.consumer.events) == [Delayed("Displaying delayed market data.")]


@pytest.mark.parametrize("code", [10090, 2152, 165])
def test_a_notice_is_told_and_does_nothing(clerk, code):
    assert clerk.hear(code, "text") == []
    assert clerk.told == [code]


@pytest.mark.parametrize(("code", "text"), [(300, ""), (162, "query cancelled: 7")])
def test_the_echo_of_a_cancel_is_not_even_told(clerk, code, text):
    assert clerk.hear(code, text) == []
    assert clerk.told == []


def test_a_full_pool(clerk):
    assert clerk.hear(101, "Max number of tickers") == [
        ("full", Pool.LINES, "error 101: Max number of tickers")
    ]
    assert clerk.told == [101]


def test_an_interruption_is_asked_about_again(clerk):
    clerk.deliver()

    assert clerk.hear(10182, "disconnected") == [("again", True, 0.0)]
    assert clerk.line.gap.reason == "error 10182: disconnected"


def test_asking_ends_after_some_attempts_unless_the_state_passes_by_itself(clerk):
    for _ in range(MOST_ATTEMPTS):
        clerk.hear(162, "pacing violation")
        clerk.line.signal(Signal.ADMITTED)
    clerk.did.clear()
    clerk.hear(10197, "competing session")
    assert clerk.did[0][0] == "again"
    clerk.line.signal(Signal.ADMITTED)
    clerk.did.clear()
    clerk.hear(162, "pacing violation")

    assert clerk.did[0][:2] == ("end", StreamBroken)


def test_an_unknown_code_on_a_live_line_is_told_and_does_nothing(clerk):
    clerk.deliver()

    assert clerk.hear(99_999, "?") == []
    assert (clerk.told, clerk.line.phase) == ([99_999], Phase.LIVE)
