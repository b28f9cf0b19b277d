from __future__ import annotations

from ibkit.sim._market._memory import remember


def test_the_oldest_goes_when_memory_is_full() -> None:
    memory: dict[int, str] = {}
    kept = [remember(memory, number, str(number), 3) for number in range(5)]

    assert kept == ["0", "1", "2", "3", "4"]
    assert memory == {2: "2", 3: "3", 4: "4"}
