"""What has no place in a release is found."""

import importlib.util
import tarfile
import zipfile
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "check_release.py"


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("check_release", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def dist(folder, *, wheel, sdist):
    with zipfile.ZipFile(folder / "ibkit-1-py3-none-any.whl", "w") as packed:
        for name in wheel:
            packed.writestr(name, "")
    with tarfile.open(folder / "ibkit-1.tar.gz", "w:gz") as packed:
        for name in sdist:
            packed.addfile(tarfile.TarInfo(name))
    return folder


def test_a_clean_release_has_no_strangers(tool, tmp_path):
    clean = dist(
        tmp_path, wheel=["ibkit/__init__.py", "ibkit-1.dist-info/METADATA"], sdist=["ibkit-1/src"]
    )

    assert list(tool.strangers(clean)) == []


def test_strangers_are_named(tool, tmp_path):
    bad = dist(tmp_path, wheel=["tests/x.py"], sdist=["ibkit-1/docs/_generated/x.md"])

    assert list(tool.strangers(bad)) == ["tests/x.py", "ibkit-1/docs/_generated/x.md"]


def test_a_failing_command_ends_with_what_it_said(tool, tmp_path):
    with pytest.raises(SystemExit, match="no such thing"):
        tool.run("sh", "-c", "echo no such thing; exit 3", cwd=tmp_path)


def test_what_is_packed_exists(tool):
    assert all((tool.ROOT / name).exists() for name in tool.SOURCES)
