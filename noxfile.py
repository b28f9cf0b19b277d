"""Everything that is checked, by name: `nox` runs the default ones, `nox -l` lists all.

Nothing but Python, pip and PyPI is needed; uv is used where it is installed. Interpreters come
from the classifiers in pyproject.toml, and a session of one that is not installed is skipped.
`nox --no-venv --no-install -s lint` runs a session with what the current environment has.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "arch", "docs", "doctests", "tests"]

# pyenv hides the interpreters that are installed but not chosen; the first one named stays first
_PYENV = Path(os.environ.get("PYENV_ROOT", "~/.pyenv"), "versions").expanduser()
if _FOUND := sorted((one.name for one in _PYENV.glob("3.1?.*")), key=sys.version.split()[0].__ne__):
    os.environ.setdefault("PYENV_VERSION", ":".join(_FOUND))

ALL = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
DOCS = Path("docs/_build/html")


def develop(session: nox.Session) -> None:
    """Install the working copy and every tool."""
    session.install("--editable", ".[dev]")


def install_wheel(session: nox.Session, extras: str) -> None:
    """Build the wheel and install it, so that nothing is found by chance in src/."""
    place = Path(session.create_tmp(), "wheel")
    place.mkdir(exist_ok=True)
    for old in place.glob("*.whl"):
        old.unlink()
    session.install("pip")
    session.run("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(place), ".")
    (wheel,) = place.glob("*.whl")
    session.install(f"ibkit[{extras}] @ {wheel.resolve().as_uri()}")
    session.install("--force-reinstall", "--no-deps", str(wheel))  # the same version, newer code
    program = "import ibkit; assert 'site-packages' in ibkit.__file__, ibkit.__file__"
    session.run("python", "-c", program)


# --- tests -------------------------------------------------------------------


@nox.session(python=ALL)
def tests(session: nox.Session) -> None:
    """The suite against the built wheel: the fast profile, or what is asked for after --."""
    install_wheel(session, "dev")
    session.run("pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """The suite with branch coverage: at least 95 % of all, and all of the pure modules."""
    develop(session)
    report = str(Path(session.create_tmp(), "coverage.json"))
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "json", "--quiet", "-o", report)
    session.run("coverage", "report", "--fail-under=95")
    session.run("python", "tools/check_pure_coverage.py", report)


@nox.session
def deep(session: nox.Session) -> None:
    """The slow tests, and thousands of examples for each property. Takes hours."""
    install_wheel(session, "dev")
    session.run("pytest", "--deep", "--timeout=3600", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """The simulator against other people's clients: the official ibapi, and ib_insync."""
    install_wheel(session, "dev")
    session.install("ibapi-latest")
    # its `eventkit` and ib_async's `aeventkit` are one module; the newer of the two serves both
    session.install("--no-deps", "ib_insync")
    session.run("pytest", *(session.posargs or ["tests/peers", "tests/unit/sim/wire"]))


@nox.session
def doctests(session: nox.Session) -> None:
    """Every example in the README, in docs/ and in the docstrings runs."""
    develop(session)
    session.run("pytest", "--numprocesses=0", *(session.posargs or ["README.md", "docs", "src"]))


@nox.session
def scratch(session: nox.Session) -> None:
    """A project of a user's own, outside of this folder: the wheel, its tests, and nothing else."""
    install_wheel(session, "testing")
    project = Path(tempfile.mkdtemp(prefix="ibkit-scratch-"))
    shutil.copytree("examples/strategy_project", project, dirs_exist_ok=True)
    with session.chdir(project):
        session.run("pytest", "-v", *session.posargs)
        session.run("pytest", "-q", "--ibkit-tcp", "test_breakout.py")
    shutil.rmtree(project)


# --- checks --------------------------------------------------------------------


@nox.session
def lint(session: nox.Session) -> None:
    """Format, rules and spelling."""
    develop(session)
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("codespell")


@nox.session
def types(session: nox.Session) -> None:
    """Two type checkers, and every public name with a complete type and a docstring."""
    develop(session)
    session.run("mypy")
    session.run("pyright")
    session.run("python", "tools/verify_types.py", "ibkit")


@nox.session
def arch(session: nox.Session) -> None:
    """Which part may import which, and who may touch the insides of ib_async."""
    develop(session)
    session.run("lint-imports", "--no-logo")
    session.run("pytest", "tests/test_architecture.py", "-q")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error, and no exported name may be missing."""
    develop(session)
    session.run("sphinx-build", "-n", "-W", "--keep-going", "-q", "-E", "docs", str(DOCS))
    session.run("python", "tools/check_inventory.py", str(DOCS / "objects.inv"))


# --- shows ----------------------------------------------------------------------


@nox.session
def bench(session: nox.Session) -> None:
    """Every benchmark, or those that are named after --, into docs/reference/performance.md."""
    install_wheel(session, "dev")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Build twice and compare, look into the files, install the wheel and run its demo."""
    session.install("build", "check-wheel-contents", "twine")
    session.run("python", "tools/check_release.py")


@nox.session
def demo(session: nox.Session) -> None:
    """The main job, end to end, from the wheel."""
    install_wheel(session, "cli")
    session.run("ibkit", "demo", *session.posargs)
