"""The example project, as a user runs it: pytest in a folder of its own.

`nox -s scratch` does the same with the wheel in a fresh environment.
"""

import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "examples" / "strategy_project"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    shutil.copytree(PROJECT, pytester.path, dirs_exist_ok=True)
    pytester.makeini(
        "[pytest]"
    )  # where this runs inside ibkit's own folder, its options do not count
    return pytester


AT_ONCE = """
from hypothesis import Phase, settings

settings.register_profile("at_once", phases=[Phase.generate], database=None)
settings.load_profile("at_once")
"""


def run(project, *options):
    others = ("cacheprovider", "xdist", "asyncio")
    return project.runpytest_subprocess(*(f"-pno:{name}" for name in others), *options)


def test_the_strategy_passes_its_tests_and_its_machine(project):
    run(project).assert_outcomes(passed=4)


def test_a_stop_that_is_forgotten_is_found_by_all_of_them(project):
    project.makeconftest(AT_ONCE)  # to make it small takes longer than to find it
    strategy = project.path / "breakout.py"
    code = strategy.read_text(encoding="utf-8")
    sent, forgotten = "for order in (entry, target, stop):", "for order in (entry, target):"
    assert sent in code
    # the target is now the last that is sent, so it has to let the bracket go
    code = code.replace(sent, f"target.transmit = True\n        {forgotten}")
    strategy.write_text(code, encoding="utf-8")
    result = run(project, "-W", "ignore::ibkit.testing.LeftOpen")

    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["*not protected:*", "*expected stops for 1, found stops for 0*"])
