import pytest
from ib_async import IB, Future

from ibkit._ib import _market_requests as requests

ES = Future("ES", "202612", "CME", conId=7, localSymbol="ESZ6")


@pytest.fixture
def on_wire():
    """What ib_async's client writes, as fields, when it is given a call to make."""
    client = IB().client
    client.connState, client._apiReady = client.CONNECTED, True
    client._serverVersion = 178
    sent = []
    client.conn.sendMsg = lambda data: sent.append(data[4:].decode().split("\0")[:-1])

    def write(call):
        sent.clear()
        call(client, 1)
        return sent[0]

    return write


@pytest.mark.parametrize(
    ("request_", "sent", "cancelled"),
    [
        (requests.quotes(ES, "233,236"), ["1", "11", "1"], ["2", "2", "1"]),
        (requests.ticks(ES, "BidAsk"), ["97", "1", "7"], ["98", "1"]),
        (requests.depth(ES, 5, smart=True), ["10", "5", "1"], ["11", "1", "1", "1"]),
        (requests.depth(ES, 5), ["10", "5", "1"], ["11", "1", "1", "0"]),
        (requests.bars_5s(ES, "TRADES"), ["50", "3", "1"], ["51", "1", "1"]),
        (requests.bars(ES, "1 D", "1 min", "TRADES"), ["20", "1", "7"], ["25", "1", "1"]),
    ],
)
def test_a_request_and_its_cancel_on_the_wire(on_wire, request_, sent, cancelled):
    assert on_wire(request_.send)[:3] == sent
    assert on_wire(request_.cancel) == cancelled


def test_a_request_is_named_after_its_contract():
    assert requests.quotes(ES, "").what == "quotes of ESZ6"
    assert requests.quotes(Future(conId=7), "").what == "quotes of 7"
