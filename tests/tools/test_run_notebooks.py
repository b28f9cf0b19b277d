"""The notebooks of the documentation run, and show what their files say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).parents[2]


def run(*arguments, cwd=ROOT):
    command = [sys.executable, "-W", "ignore", str(ROOT / "tools" / "run_notebooks.py"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_all_of_them_run():
    ran = run()

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines() == ["first-look.ipynb: 11 results", "rolls.ipynb: 5 results"]


@pytest.mark.parametrize(
    ("source", "text"), [("1 / 0", "ZeroDivisionError"), ("2", "not those that the file has")]
)
def test_one_that_fails_or_shows_something_else_is_told(tmp_path, source, text):
    path = ROOT / "docs" / "notebooks" / "first-look.ipynb"
    book = json.loads(path.read_text(encoding="utf-8"))
    book["cells"] = [*book["cells"][:1], {**book["cells"][1], "source": source, "outputs": []}]
    tmp_path.joinpath("wrong.ipynb").write_text(json.dumps(book), encoding="utf-8")
    ran = run(str(tmp_path))

    assert ran.returncode != 0
    assert text in ran.stdout + ran.stderr
