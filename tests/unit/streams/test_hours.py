import asyncio

import pytest
from ib_async import ContractDetails

from ibkit._ib._health import HealthRecord
from ibkit.errors import GatewayError
from ibkit.streams._hours import TradingHours
from ibkit.testing import run_virtual

# Virtual time begins on Monday, 2026-03-02, 15:00 UTC.
OPEN = "20260302:0930-20260302:1600;20260303:0930-20260303:1600"
CLOSED = "20260302:CLOSED;20260303:0930-20260303:1600"


class Requests:
    """Answers after a second, and counts."""

    def __init__(self, hours, error=None):
        self.health = HealthRecord(clock=asyncio.get_running_loop().now)
        self.hours, self.error, self.asked = hours, error, 0

    async def contract_details_async(self, contract):
        self.asked += 1
        await asyncio.sleep(1)
        if self.error is not None:
            raise self.error
        return [ContractDetails(contract, tradingHours=self.hours, timeZoneId="US/Eastern")]


def ask(future, *waits, hours=OPEN, error=None, lasting=0.0):
    """Ask, wait, ask, wait...; give the answers and how often TWS was asked."""

    async def main():
        requests = Requests(hours, error)
        trading, answers = TradingHours(requests), []
        for seconds in waits:
            trading.ask(future(1), answers.append, lasting=lasting)
            await asyncio.sleep(seconds)
        return answers, requests.asked

    return run_virtual(main())


@pytest.mark.parametrize(("hours", "answer"), [(OPEN, True), (CLOSED, False), ("", None)])
def test_the_answer(future, hours, answer):
    assert ask(future, 2, hours=hours) == ([answer], 1)


def test_those_who_ask_meanwhile_share_one_question(future):
    assert ask(future, 0, 0, 2) == ([True, True, True], 1)


def test_the_answer_follows_the_clock_without_a_new_question(future):
    assert ask(future, 7 * 3600, 2) == ([True, False], 1)


@pytest.mark.parametrize(("lasting", "answer"), [(1800, True), (1801, True), (1802, False)])
def test_a_market_must_have_been_open_for_long_enough(future, lasting, answer):
    assert ask(future, 2, 2, lasting=lasting)[0][0] is answer  # TWS answers after a second


def test_an_error_is_an_answer_that_is_asked_again_later(future):
    error = GatewayError(200, "No security definition")

    assert ask(future, 2, 2, error=error) == ([None, None], 1)
    assert ask(future, 1900, 2, error=error) == ([None, None], 2)


def test_the_list_is_asked_for_again_after_half_a_day(future):
    assert ask(future, 13 * 3600, 2)[1] == 2
