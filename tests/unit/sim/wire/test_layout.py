from typing import Annotated

from ibkit.sim._wire import CancelOrder, OrderFields, ReqContractDetails, ReqWshEventData
from ibkit.sim._wire._fields import Since
from ibkit.sim._wire._layout import column_of, columns_at, columns_of


def names(columns):
    return [column.name for column in columns]


def test_columns_stand_in_the_order_of_the_declaration():
    columns = columns_of(OrderFields)

    assert tuple(columns) == OrderFields._fields
    assert [column.place for column in columns.values()] == list(range(len(columns)))


def test_a_column_is_there_from_its_version_on():
    assert names(columns_at(CancelOrder, 168)) == ["order_id"]
    assert names(columns_at(CancelOrder, 169)) == ["order_id", "manual_order_cancel_time"]
    assert [len(columns_at(ReqWshEventData, version)) for version in (170, 171, 173)] == [2, 6, 9]


def test_a_column_is_gone_from_the_version_where_it_ends():
    assert "fa_profile" in names(columns_at(OrderFields, 176))
    assert "fa_profile" not in names(columns_at(OrderFields, 177))


def test_a_message_says_what_it_carries_of_a_contract():
    carries = columns_of(ReqContractDetails)["contract"].carries
    assert carries is not None
    contract = columns_of(ReqContractDetails)["contract"].hint

    assert names(columns_at(contract, 178, carries))[-2:] == ["sec_id", "issuer_id"]
    assert names(columns_at(contract, 175, carries))[-1] == "sec_id"


def test_notes_for_people_change_no_column():
    hint = Annotated[int, "how many", Since(160)]

    assert column_of(hint, "count") == column_of(Annotated[int, Since(160)], "count")
