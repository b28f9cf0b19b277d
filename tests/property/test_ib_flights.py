"""Questions without an id, against a TWS that is slow, stalls, and loses some of them.

Whatever comes late or never: an answer that is given is one whole answer.
"""

import asyncio

from hypothesis import given, settings, strategies as st
from ib_async import IB, Contract

from ibkit._ib import _compat as compat
from ibkit._ib._requests import Requests
from ibkit.errors import RequestTimeout
from ibkit.testing import run_virtual

ROWS = 4

answers = st.lists(
    st.one_of(
        st.none(),  # lost
        st.lists(st.sampled_from([0.0, 0.01, 3.0, 8.0, 25.0]), min_size=ROWS, max_size=ROWS + 1),
    ),
    max_size=8,
)
questions = st.lists(
    st.tuples(st.sampled_from([0.0, 0.01, 2.0, 6.0, 30.0]), st.sampled_from([1.0, 5.0, 20.0])),
    min_size=1,
    max_size=8,
)


class SlowTws:
    """Answers reqPositions in order: the n-th answer has the rows n * 100, n * 100 + 1, ..."""

    def __init__(self, ib, script):
        self.ib, self.script = ib, list(script)
        self.asked = asyncio.Queue()
        self.count = 0
        client = ib.client
        client.connState, client._apiReady, client._reqIdSeq = client.CONNECTED, True, 1
        client.reqPositions = lambda: self.asked.put_nowait(1)

    async def run(self):
        while True:
            await self.asked.get()
            self.count += 1
            pauses = self.script.pop(0) if self.script else [0.0] * ROWS
            if pauses is None:
                continue
            number = self.count
            for row in range(ROWS):
                await asyncio.sleep(pauses[row])
                contract = Contract(conId=number * 100 + row)
                self.ib.wrapper.position("DU1", contract, 1.0, 1.0)
            await asyncio.sleep(pauses[-1])
            self.ib.wrapper.positionEnd()


def is_whole(positions):
    ids = [p.contract.conId for p in positions]
    return ids == [ids[0] // 100 * 100 + row for row in range(ROWS)] if ids else False


async def ask(requests, delay, timeout):
    await asyncio.sleep(delay)
    try:
        return await requests.positions_async(timeout=timeout)
    except RequestTimeout:
        return None


async def main(script, timing):
    ib = IB()
    tws = SlowTws(ib, script)
    server = asyncio.ensure_future(tws.run())
    requests = Requests(ib)
    results = await asyncio.gather(*(ask(requests, *question) for question in timing))

    assert all(is_whole(result) for result in results if result is not None)
    await asyncio.sleep(1000)
    tws.script.clear()
    last = await requests.positions_async(timeout=5)
    assert is_whole(last), "TWS answers again, and so do we"
    assert compat.holder(ib, "positions") is None
    server.cancel()
    requests.close()
    ib.client.connState = ib.client.DISCONNECTED


@given(answers, questions)
@settings(deadline=None)
def test_a_given_answer_is_one_whole_answer(script, timing):
    run_virtual(main(script, timing))
