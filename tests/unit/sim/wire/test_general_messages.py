import pytest

from ibkit.sim._wire import (
    CurrentTime,
    DisplayGroupList,
    DisplayGroupUpdated,
    ErrMsg,
    NextValidId,
    QueryDisplayGroups,
    ReqCurrentTime,
    ReqIds,
    ReqUserInfo,
    SetServerLogLevel,
    StartApi,
    SubscribeToGroupEvents,
    UnsubscribeFromGroupEvents,
    UpdateDisplayGroup,
    UserInfo,
    VerifyAndAuthCompleted,
    VerifyAndAuthMessage,
    VerifyAndAuthMessageAPI,
    VerifyAndAuthRequest,
    VerifyCompleted,
    VerifyMessage,
    VerifyMessageAPI,
    VerifyRequest,
)


@pytest.mark.parametrize(
    ("method", "args", "request_"),
    [
        ("startApi", (), StartApi(9, "caps")),
        ("reqIds", (1,), ReqIds(1)),
        ("setServerLogLevel", (5,), SetServerLogLevel(5)),
        ("reqCurrentTime", (), ReqCurrentTime()),
        ("reqUserInfo", (7,), ReqUserInfo(7)),
        ("verifyRequest", ("name", "9.7"), VerifyRequest("name", "9.7")),
        ("verifyMessage", ("data",), VerifyMessage("data")),
        (
            "verifyAndAuthRequest",
            ("name", "9.7", "key"),
            VerifyAndAuthRequest("name", "9.7", "key"),
        ),
        ("verifyAndAuthMessage", ("data", "xyz"), VerifyAndAuthMessage("data", "xyz")),
        ("queryDisplayGroups", (7,), QueryDisplayGroups(7)),
        ("subscribeToGroupEvents", (7, 2), SubscribeToGroupEvents(7, 2)),
        ("updateDisplayGroup", (7, "8314@SMART"), UpdateDisplayGroup(7, "8314@SMART")),
        ("unsubscribeFromGroupEvents", (7,), UnsubscribeFromGroupEvents(7)),
    ],
)
def test_a_request_is_what_the_client_asked(ask, method, args, request_):
    assert ask(method, *args) == request_


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        (NextValidId(42), ("nextValidId", 42)),
        (CurrentTime(1750000000), ("currentTime", 1750000000)),
        (UserInfo(7, "brand"), ("userInfo", 7, "brand")),
        (VerifyMessageAPI("data"), ("verifyMessageAPI", "data")),
        (VerifyAndAuthMessageAPI("data", "xyz"), ("verifyAndAuthMessageAPI", "data", "xyz")),
        (DisplayGroupList(7, "1|2"), ("displayGroupList", 7, "1|2")),
        (DisplayGroupUpdated(7, "8314@SMART"), ("displayGroupUpdated", 7, "8314@SMART")),
    ],
)
def test_an_answer_is_what_the_client_hears(hear, answer, call):
    assert hear(answer) == [call]


@pytest.mark.parametrize("is_successful", [True, False])
@pytest.mark.parametrize("answer", [VerifyCompleted, VerifyAndAuthCompleted])
def test_a_verification_says_whether_it_succeeded(hear, answer, is_successful):
    ((name, heard, text),) = hear(answer(is_successful, "why"))

    assert name.lower() == answer.__name__.lower()
    assert int(heard) == is_successful  # ibapi leaves it a text
    assert text == "why"


@pytest.mark.parametrize(("version", "json"), [(165, ""), (166, '{"a": 1}'), (176, '{"a": 1}')])
def test_the_particulars_of_an_error_are_heard_since_version_166(
    hear_at, is_official, version, json
):
    ((name, req_id, *rest),) = hear_at(version, ErrMsg(-1, 201, "Order rejected", '{"a": 1}'))

    assert (name, req_id) == ("error", -1)
    assert rest == ([0] if is_official else []) + [201, "Order rejected", json]


def test_an_error_text_that_is_not_ascii_travels_escaped(hear, is_official):
    ((*_, text, _),) = hear(ErrMsg(7, 201, "Prix trop élevé", ""))

    # as a real gateway in another language: ib_async shows the escapes, ibapi undoes them
    assert text == ("Prix trop élevé" if is_official else "Prix trop \\u00e9lev\\u00e9")
