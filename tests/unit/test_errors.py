import inspect
from decimal import Decimal

import pytest
from ib_async import Contract

from ibkit import errors

SAMPLES = [
    (errors.PlanError("size", 0, "a size is at least 1"), "size: got 0; a size is at least 1"),
    (errors.RunningLoopError("place"), "`await place_async(...)`"),
    (errors.ConnectionFailed("127.0.0.1:7497", "refused", "Is TWS up?", 502), "(error 502)"),
    (errors.ConnectionLost("placing"), "placing: the connection was closed"),
    (errors.NotConnected("placing"), "not connected; nothing was sent"),
    (
        errors.StateUnknown("orders", "not synchronised"),
        "orders: the state is not known: not synchronised",
    ),
    (
        errors.RequestTimeout("reqPositions", 4.0, ["2110 broken"]),
        "Meanwhile TWS said: 2110 broken",
    ),
    (errors.WaitTimeout("entry", 5, "Submitted"), "within 5 s; now: Submitted"),
    (errors.GatewayError(321, "bad", "reqHistoricalData"), "reqHistoricalData: error 321: bad"),
    (errors.PacingViolation(100, "too many"), "error 100: too many"),
    (errors.UnknownContract("ESS", nearest=["ES"]), "nearest: ES"),
    (errors.NotTradable(Contract(localSymbol="ESZ5"), "expired"), "ESZ5 cannot be used here"),
    (errors.ChainExhausted("ES", "no later month"), "ES: no later month"),
    (errors.RollRefused("ESM6 -> ESU6", ["a", "b"]), "ESM6 -> ESU6 is not rolled: a; b. Nothing"),
    (
        errors.RollStuck("ESM6 -> ESU6", "no market", Decimal(1), Decimal("2.0")),
        "is stuck: no market. 1 moved, 2 left",
    ),
    (errors.GateRefused("MaxSize", "2 > 1"), "MaxSize refused: 2 > 1; nothing was sent"),
    (
        errors.OrderRejected(201, "margin.", "entry", "Send less."),
        "entry order rejected with error 201: margin. Send less.",
    ),
    (errors.OrderRejected(0, "it has ended", "stop-1"), "stop-1 order rejected: it has ended"),
    (errors.ForeignOrder(5, 0, "by hand"), "order 5 of client 0: by hand; nothing was sent"),
    (errors.ForeignOrder(5, 0, "by hand"), 'cancel_all_async("everything")'),
    (errors.FateUnknown("g1", ["entry"]), "group g1: entry sent, no answer before the connection"),
    (errors.FateUnknown("cancelling all"), "cancelling all: sent, no answer"),
    (errors.FateUnknown("g1", ["entry"], "10 s had passed"), "no answer before 10 s had passed"),
    (errors.CancelUnknown("cancelling all", ["entry of k3"]), "cancelled: entry of k3. They may"),
    (errors.CancelUnknown("cancelling all (everything)"), "cancelled: orders of others. They may"),
    (errors.LimitReached("depth books", 3, ["ES"]), "the limit of 3 depth books is reached (held"),
    (errors.StreamClosed("quotes of ES"), "quotes of ES is closed"),
    (errors.StreamBroken(300, "gone"), "stream ended by error 300: gone"),
    (errors.NotSubscribed(354, "no.", "quotes"), "Market Data Subscriptions"),
    (errors.BufferFull(0, "100 values wait", "ticks"), "ticks: 100 values wait"),
    (
        errors.AmbiguousContract("SI", [Contract(symbol="SI")] * 10, "Name it."),
        "fits 10 contracts",
    ),
]


@pytest.mark.parametrize(("error", "says"), SAMPLES, ids=lambda x: type(x).__name__)
def test_a_message_says_what_happened(error, says):
    assert says in str(error)
    assert isinstance(error, errors.IbkitError)


def test_every_error_has_a_sample_here():
    classes = {
        cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)
    }
    # `MissingExtra` is tested with the products, which raise it
    unsampled = classes - {type(e) for e, _ in SAMPLES} - {errors.IbkitError, errors.MissingExtra}

    assert unsampled == set()


def test_an_ambiguity_shows_eight_and_counts_the_rest():
    ten = errors.AmbiguousContract("SI", [Contract(symbol="SI")] * 10, "Name it.")

    assert str(ten).count("conId") == 8
    assert str(ten).endswith("and 2 more. Name it.")


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.PlanError, ValueError),
        (errors.RunningLoopError, RuntimeError),
        (errors.ConnectionFailed, ConnectionError),
        (errors.ConnectionLost, ConnectionError),
        (errors.NotConnected, ConnectionError),
        (errors.RequestTimeout, TimeoutError),
        (errors.WaitTimeout, TimeoutError),
    ],
)
def test_the_builtin_kind_is_caught_as_well(error, builtin):
    assert issubclass(error, builtin)


def test_what_may_be_asked_again():
    again = {type(error).__name__ for error, _ in SAMPLES if errors.is_retryable(error)}

    assert again == {
        "ConnectionLost",
        "NotConnected",
        "PacingViolation",
        "RequestTimeout",
        "StateUnknown",
    }
