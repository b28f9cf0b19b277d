"""The orderRef codec: round trip, limits, foreign texts, cut texts."""

import pytest
from hypothesis import given, strategies as st

from ibkit.errors import PlanError
from ibkit.orders._ref import (
    ORDER_REF_LIMIT,
    OrderRef,
    check_group_id,
    check_user_ref,
    make_group_id,
    parse_order_ref,
    write_order_ref,
)

refs = st.builds(
    OrderRef,
    group_id=st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10),
    kind=st.sampled_from(["entry", "target", "stop", "guard", "order", "close"]),
    number=st.integers(0, 999),
    shape=st.text("0123456789abcdefghijklmnopqrstuvwxyz._-", max_size=8),
    user=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=18),
)


@given(refs)
def test_what_was_written_is_read(ref):
    text = write_order_ref(ref)

    assert len(text) <= ORDER_REF_LIMIT
    assert parse_order_ref(text) == ref


@given(refs, st.integers(5, 50))
def test_a_cut_text_keeps_group_and_role_or_is_nobodys(ref, length):
    text = write_order_ref(ref)
    cut = parse_order_ref(text[:length])
    head = text.index(":", text.index(":") + 1)  # the colon behind the role

    if length >= head:
        assert cut is not None
        assert (cut.group_id, cut.kind, cut.number) == ref[:3]
        assert cut.shape in {"", ref.shape}
        assert ref.user.startswith(cut.user)


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    assert parse_order_ref(text) is None or text.startswith("ik/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "my order",
        "ik/",
        "ik/abc",
        "ik/ABC:e:x:",
        "ik/abc:q:x:",
        "ik/abcdefghijk:e:x:",
        "Ik/a:e::",
        "xik/a:e:x:",
        "ik/a:e1234:x:",
    ],
)
def test_a_foreign_text_is_nobodys(text):
    assert parse_order_ref(text) is None


def test_the_users_reference_may_look_like_ours():
    ref = OrderRef("a1", "entry", 0, "x", "ik/b2:t1:s3:x")

    assert parse_order_ref(write_order_ref(ref)) == ref


def test_a_reference_too_long_says_how_long_it_may_be():
    with pytest.raises(PlanError, match="here it may have 32 characters") as caught:
        write_order_ref(OrderRef("abcdefghij", "entry", 0, "x", "u" * 33))

    assert caught.value.field == "order_ref"
    assert write_order_ref(OrderRef("abcdefghij", "entry", 0, "x", "u" * 32))


def test_exits_too_many_to_remember_say_so():
    with pytest.raises(PlanError, match="fewer targets"):
        write_order_ref(OrderRef("abcdefghij", "entry", 0, "m" * 40, ""))


@pytest.mark.parametrize("user", ["tab\t", "nul\0", "é", "line\n"])
def test_a_reference_that_would_not_come_back_is_refused(user):
    with pytest.raises(PlanError, match="printable ASCII"):
        check_user_ref(user)


@pytest.mark.parametrize("group_id", ["A", "a" * 11, "a b", "a:b"])
def test_a_group_id_that_no_ref_can_carry_is_refused(group_id):
    with pytest.raises(PlanError, match="group_id"):
        check_group_id(group_id)


def test_group_ids_hold_forty_bits():
    assert make_group_id(0) == "0" * 8
    assert make_group_id((1 << 40) - 1) == "z" * 8
    assert len({make_group_id(1 << bit) for bit in range(40)}) == 40
