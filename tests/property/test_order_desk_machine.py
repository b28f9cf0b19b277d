"""The order desk under everything that goes wrong by chance, against what the broker really has.

A schedule is drawn from its seed: groups of every form on two markets, prices that move and fill
in part, changes and cancels by the user and by hand, and bad luck: cuts at every message, lost,
late, doubled and false messages, rejections, codes that nobody knows, an IB that is gone for a
while, the close and the night after it, and restarts of the client process. The one witness is
`gateway.truth`. See `tests/order_truth.py` for what is promised, and when.

A failure prints the seed; ``play(seed)`` plays it again.
"""

import logging
from collections import Counter

import pytest

from order_late import play

NORMAL, DEEP = 300, 30_000
SHARES = 6
"""The schedules are shared out, so that several workers can play them."""


@pytest.fixture
def silent():
    """Let the errors that are provoked here by the thousand not fill the log."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(before)


@pytest.mark.parametrize("share", range(SHARES))
def test_every_group_stays_consistent_and_protected(share, silent, request, capsys):
    count = (DEEP if request.config.getoption("--deep") else NORMAL) // SHARES
    kinds = Counter()
    for seed in range(share * count, (share + 1) * count):
        played = play(seed)
        kinds += played.kinds

        assert not played.wrong, str(played)

    with capsys.disabled():
        print(f"\n{count} schedules: {told(kinds)}")  # noqa: T201 - the promise of this test is a count
    assert kinds["settled"] == 3 * count
    assert kinds["recovered"] > count / 3


def told(kinds):
    """Write counts, the largest first."""
    return ", ".join(f"{count} {name}" for name, count in kinds.most_common())
