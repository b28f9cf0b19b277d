import pytest

from ibkit._ib._flight import Ask, Flight
from ibkit.errors import ConnectionLost, GatewayError


class Asker:
    def __init__(self):
        self.asked = []

    def ask_again(self, flight):
        self.asked.append((flight, list(flight.rows)))


def flight():
    return Flight(Ask("key", "a question", lambda _client, _req_id: None), Asker())


async def test_the_answer_of_ib_async_is_the_result():
    one = flight()
    one.answer.set_result([1])

    assert one.result() == [1]


async def test_each_waiter_gets_an_error_of_his_own():
    one = flight()
    one.fail(lambda: GatewayError(200, "no"))
    errors = []
    for _ in range(2):
        with pytest.raises(GatewayError) as caught:
            one.result()
        errors.append(caught.value)

    assert errors[0] is not errors[1]


async def test_the_fields_of_an_answer_are_read_by_the_question_that_can():
    reads = Flight(Ask("key", "bars", lambda *_: None, read=lambda f: int(f[1])), Asker())
    fails = Flight(Ask("key", "bars", lambda *_: None, read=lambda f: int(f[1])), Asker())

    assert not flight().take(["17", "5"])
    assert reads.take(["17", "5"])
    assert reads.result() == 5
    assert fails.take(["17", "five"])
    with pytest.raises(GatewayError, match=r"bars: .*cannot be read.*five"):
        fails.result()


async def test_the_first_end_counts():
    one = flight()
    one.answer.set_result([1])
    one.fail(lambda: GatewayError(200, "no"))
    one.answer.finish([2])

    assert one.result() == [1]


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (ConnectionError("Socket disconnect"), ConnectionLost, "a question: the connection"),
        (ValueError("bad date"), GatewayError, "a question: .*cannot be read: bad date"),
    ],
)
async def test_an_exception_of_ib_async_becomes_ours(error, kind, text):
    one = flight()
    one.answer.set_exception(error)

    with pytest.raises(kind, match=text):
        one.result()
    assert one.answer.exception() is None


async def test_an_answer_that_may_be_late_is_refused_once():
    one = flight()
    one.unsure = True
    one.rows.append("of the late answer")
    one.answer.set_result(["late"])
    assert not one.answer.done()
    assert one._asks.asked == [(one, [])]
    one.answer.set_result(["ours"])

    assert one.result() == ["ours"]
