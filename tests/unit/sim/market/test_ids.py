from __future__ import annotations

from hypothesis import given, strategies as st

from ibkit.sim._market import _ids
from ibkit.sim._market._ids import Member, OptionKey

LARGEST = 2**31 - 1


@given(st.integers(0, 65_535), st.integers(0, 4_095))
def test_a_future_s_id_reads_back(series: int, number: int) -> None:
    con_id = _ids.of_member(Member(series, number))

    assert _ids.member_of(con_id) == Member(series, number)
    assert _ids.option_of(con_id) is None
    assert con_id <= LARGEST


@given(st.integers(0, 4), st.integers(0, 2047), st.integers(0, 8191), st.booleans())
def test_an_option_s_id_reads_back(underlying: int, week: int, strike: int, is_put) -> None:
    key = OptionKey(underlying, week, strike, is_put)
    con_id = _ids.of_option(key)

    assert _ids.option_of(con_id) == key
    assert _ids.member_of(con_id) is None
    assert con_id <= LARGEST


@given(st.text(max_size=20))
def test_ids_of_names_and_combos_are_of_no_other_kind(name: str) -> None:
    for con_id in (_ids.named(name), _ids.of_combo(name)):
        assert 1_000_000_000 <= con_id <= LARGEST
        assert _ids.member_of(con_id) is None
        assert _ids.option_of(con_id) is None


def test_ids_do_not_change() -> None:
    # Written into somebody's files: these may never move.
    assert _ids.named("STK:ORCL:NYSE") == 1141340625
    assert _ids.of_member(Member(_ids.series_of("CME:ES"), 323)) == 1455906115
    assert _ids.of_option(OptionKey(0, 885, 108, is_put=False)) == 1514500056
