"""Messages about the session itself: ids, errors, time, verification, display groups."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from ibkit.sim._wire._fields import Since


class StartApi(NamedTuple):
    client_id: int
    optional_capabilities: str


class ReqIds(NamedTuple):
    num_ids: int


class SetServerLogLevel(NamedTuple):
    log_level: int


class ReqCurrentTime(NamedTuple):
    pass


class ReqUserInfo(NamedTuple):
    req_id: int


class VerifyRequest(NamedTuple):
    api_name: str
    api_version: str


class VerifyMessage(NamedTuple):
    api_data: str


class VerifyAndAuthRequest(NamedTuple):
    api_name: str
    api_version: str
    opaque_isv_key: str


class VerifyAndAuthMessage(NamedTuple):
    api_data: str
    xyz_response: str


class QueryDisplayGroups(NamedTuple):
    req_id: int


class SubscribeToGroupEvents(NamedTuple):
    req_id: int
    group_id: int


class UpdateDisplayGroup(NamedTuple):
    req_id: int
    contract_info: str


class UnsubscribeFromGroupEvents(NamedTuple):
    req_id: int


class NextValidId(NamedTuple):
    order_id: int


class ErrMsg(NamedTuple):
    """error; `req_id` is -1 for what concerns no request. Order ids and request ids both fit."""

    req_id: int
    error_code: int
    error_string: str
    advanced_order_reject_json: Annotated[str, Since(166)] = ""


class CurrentTime(NamedTuple):
    """Seconds since 1970."""

    time: int


class UserInfo(NamedTuple):
    """From server version 167 on."""

    req_id: int
    white_branding_id: str


class VerifyMessageAPI(NamedTuple):
    api_data: str


class VerifyCompleted(NamedTuple):
    is_successful: bool
    error_text: str


class VerifyAndAuthMessageAPI(NamedTuple):
    api_data: str
    xyz_challenge: str


class VerifyAndAuthCompleted(NamedTuple):
    is_successful: bool
    error_text: str


class DisplayGroupList(NamedTuple):
    req_id: int
    groups: str


class DisplayGroupUpdated(NamedTuple):
    req_id: int
    contract_info: str


class UnknownRequest(NamedTuple):
    """A request of an id that no client of server version 178 sends."""

    message_id: int | None
    """``None`` when the first field is not a number."""
