import pytest

from ibkit.sim import _wire as wire


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (wire.ReqNewsProviders(), wire.NewsProviders(())),
        (wire.QueryDisplayGroups(5), wire.DisplayGroupList(5, "")),
        (
            wire.ReqScannerParameters(),
            wire.ScannerParameters("<ScanParameterResponse></ScanParameterResponse>"),
        ),
    ],
)
def test_what_a_plain_user_has_none_of_is_an_empty_answer(talk, request_, answer):
    assert talk.ask(request_) == [answer]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (wire.CancelScannerSubscription(5), 365),
        (wire.CancelFundamentalData(5), 300),
        (wire.ReqNewsArticle(5, "p", "a"), 10172),
        (wire.VerifyMessage("x"), 321),
    ],
)
def test_there_is_nothing_to_cancel_and_nothing_to_have(talk, request_, code):
    (refusal,) = talk.ask(request_)

    assert (refusal.req_id, refusal.error_code) == (getattr(request_, "req_id", -1), code)
