"""Read by type checkers, never run."""

from ib_async import Contract, ContractDetails, HistoricalTickBidAsk, HistoricalTickLast
from typing_extensions import assert_type

from ibkit._ib._blocking import blocking
from ibkit._ib._codes import CODES, Code, Doing, OrderVerdict
from ibkit._ib._events import SafeEvent
from ibkit._ib._requests import Requests


class Desk:
    async def front_month_async(self, root: str, *, nth: int = 0) -> list[str]:
        return [root] * nth

    front_month = blocking(front_month_async)


def twins(desk: Desk) -> None:
    assert_type(desk.front_month("ES"), list[str])
    assert_type(desk.front_month("ES", nth=1), list[str])
    assert_type(Desk.front_month(desk, root="ES"), list[str])
    desk.front_month(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    desk.front_month("ES", 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def answers(requests: Requests, contract: Contract) -> None:
    assert_type(await requests.contract_details_async(contract), list[ContractDetails])
    assert_type(await requests.historical_ticks_async(contract, "TRADES"), list[HistoricalTickLast])
    assert_type(
        await requests.historical_ticks_async(contract, "BID_ASK"), list[HistoricalTickBidAsk]
    )


def codes() -> None:
    assert_type(CODES[326], Code)
    assert_type(CODES.about_order(110, Doing.NEW), OrderVerdict)


def listeners(event: SafeEvent[int]) -> None:
    def takes_a_number(value: int) -> None: ...

    def takes_a_text(value: str) -> None: ...

    event += takes_a_number
    event.connect(takes_a_text)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
