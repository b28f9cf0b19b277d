"""Build the release twice, compare, look into it, and try it in a fresh environment.

The wheel and the sdist have to be the same bytes both times. Then the wheel is installed as a
user does, away from this folder, and the demo has to run.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    "src", "tests", "docs", "examples", "benchmarks", "tools", "conftest.py", "noxfile.py",
    "pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE",
    ".gitignore", ".ci",
)  # fmt: skip
OURS = ("ibkit/", "ibkit-")


def run(*command: str, cwd: Path) -> str:
    """Run a command; end with what it said when it fails."""
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def build(place: Path) -> dict[str, str]:
    """Copy what belongs to the project, and build there; return the hash of each file."""
    source = place / "source"
    for name in SOURCES:
        old, new = ROOT / name, source / name
        if old.is_dir():
            skipped = shutil.ignore_patterns("__pycache__", "_build", "_generated")
            shutil.copytree(old, new, ignore=skipped)
        elif old.is_file():
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(old, new)
    run(sys.executable, "-m", "build", "-q", "--outdir", str(place / "dist"), cwd=source)
    return {path.name: digest(path) for path in sorted((place / "dist").iterdir())}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def strangers(dist: Path) -> Iterator[str]:
    """Yield what is in the wheel or the sdist and should not be."""
    (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        yield from (name for name in packed.namelist() if not name.startswith(OURS))
    with tarfile.open(sdist) as packed_source:
        for name in packed_source.getnames():
            if "__pycache__" in name or "_generated" in name or name.endswith(".pyc"):
                yield name


def try_wheel(wheel: Path, folder: Path) -> None:
    """Install the wheel in an environment of its own, and use it."""
    run(sys.executable, "-m", "venv", "fresh", cwd=folder)
    here = folder / "fresh" / "bin"
    run(str(here / "pip"), "install", "-q", f"{wheel}[cli]", cwd=folder)
    where = run(str(here / "python"), "-c", "import ibkit; print(ibkit.__file__)", cwd=folder)
    assert "site-packages" in where, where
    version = run(str(here / "ibkit"), "--version", cwd=folder).strip()
    last = run(str(here / "ibkit"), "demo", cwd=folder).strip().splitlines()[-1]
    print(f"{version}, installed from the wheel: {last}")


def main() -> int:
    with tempfile.TemporaryDirectory() as place:
        first, second = Path(place, "first"), Path(place, "second")
        hashes, again = build(first), build(second)
        for name, value in hashes.items():
            print(f"{name} {value[:16]} {'the same' if again[name] == value else 'DIFFERENT'}")
        dist = first / "dist"
        wrong = list(strangers(dist))
        print(*(f"should not be in there: {name}" for name in wrong), sep="\n", end="")
        (wheel,) = dist.glob("*.whl")
        print(run("check-wheel-contents", str(wheel), cwd=first).strip())
        print(run("twine", "check", "--strict", *map(str, dist.iterdir()), cwd=first).strip())
        try_wheel(wheel, first)
    return 1 if wrong or hashes != again else 0


if __name__ == "__main__":
    sys.exit(main())
