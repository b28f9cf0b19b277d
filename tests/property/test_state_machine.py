"""The live state against the broker's truth, under everything that goes wrong by chance.

A schedule is drawn from its seed: orders, brackets and spreads of ours in one account or two, their
changes and cancels, orders of others and by hand, fills, corrections, messages doubled, late or
lost, notices, rejections, cuts, and restarts of the gateway and of our own program. At every quiet
moment nothing that the state calls fresh and certain may differ from what the broker has; at the
end everything is the same, for the program that saw it all and for one that starts anew.
"""

from ibkit.testing import run_virtual
from state_world import survive

NORMAL, DEEP = 200, 20_000


def test_nothing_is_ever_fresh_and_wrong(request, capsys):
    count = DEEP if request.config.getoption("--deep") else NORMAL
    fresh = unsettled = 0
    for seed in range(count):
        seen = run_virtual(survive(seed))
        fresh, unsettled = fresh + seen[0], unsettled + seen[1]
    with capsys.disabled():
        print(f"\n{count} schedules: {fresh} fresh pictures compared, {unsettled} unsettled")  # noqa: T201 - the promise of this test is a count

    assert fresh > count
