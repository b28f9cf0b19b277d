from __future__ import annotations

import subprocess
import sys

from hypothesis import given, strategies as st

from ibkit.sim._market._chance import apportion, bell, blend, key_of, mix, unit

BITS = st.integers(0, 2**64 - 1)


def test_mix_is_splitmix64() -> None:
    # The first two outputs of the published generator for the seed 1234567.
    assert mix(1234567) == 6457827717110365317
    assert mix(1234567 + 0x9E3779B97F4A7C15) == 3203168211198807973


def test_key_of_text_is_the_same_in_another_process() -> None:
    code = "from ibkit.sim._market._chance import key_of; print(key_of('ES'))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert int(output.stdout) == key_of("ES")


def test_keys_differ_by_their_parts_and_order() -> None:
    assert len({blend(1, 2, 3), blend(1, 3, 2), blend(2, 2, 3), blend(1, 2)}) == 4


@given(BITS)
def test_unit_is_a_fraction(bits: int) -> None:
    assert 0 <= unit(bits) < 1


def test_bell_has_mean_zero_and_deviation_one() -> None:
    draws = [bell(mix(number)) for number in range(4000)]
    mean = sum(draws) / len(draws)

    assert abs(mean) < 0.06
    assert 0.95 < sum((draw - mean) ** 2 for draw in draws) / len(draws) < 1.05


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1).filter(any))
def test_parts_add_up_and_nothing_falls_on_no_weight(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)

    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)
