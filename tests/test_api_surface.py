"""What is public: `__all__` says exactly what a package exports, and blocking twins match."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ibkit


def _public_modules() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(ibkit.__path__))
    return ["ibkit", *(f"ibkit.{name}" for name in found if not name.startswith("_"))]


MODULES = _public_modules()
PACKAGES = [name for name in MODULES if hasattr(importlib.import_module(name), "__path__")]


def _public_classes() -> list[type]:
    modules = map(importlib.import_module, MODULES)
    exported = (getattr(module, name) for module in modules for name in _names(module))
    return sorted(
        {item for item in exported if inspect.isclass(item)}, key=lambda c: c.__qualname__
    )


def _names(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", ()))


# --- exports ---------------------------------------------------------------------


def _imports(source: str) -> Iterator[tuple[str, str | None]]:
    """Yield what a package's `__init__` imports of ours: each name, and the name it is given."""
    for node in ast.walk(ast.parse(source)):  # a lazy package imports under `if TYPE_CHECKING`
        if isinstance(node, ast.ImportFrom) and (
            node.level or str(node.module).startswith("ibkit")
        ):
            yield from ((alias.name, alias.asname) for alias in node.names)


@pytest.mark.parametrize("name", PACKAGES)
def test_all_is_what_the_package_re_exports(name: str) -> None:
    module = importlib.import_module(name)
    imports = list(_imports(Path(str(module.__file__)).read_text(encoding="utf-8")))
    re_exported = {alias for _, alias in imports if alias}
    submodules = {one.name for one in pkgutil.iter_modules(module.__path__)}

    assert [original for original, alias in imports if alias != original] == []
    assert set(_names(module)) - submodules == re_exported


@pytest.mark.parametrize("name", MODULES)
def test_all_is_sorted_and_true(name: str) -> None:
    module = importlib.import_module(name)
    names = _names(module)

    assert len(names) == len(set(names))
    assert [item for item in names if not hasattr(module, item)] == []
    assert [item for item in names if item.startswith("_") and item != "__version__"] == []


def test_a_class_is_exported_under_one_name() -> None:
    homes: dict[int, set[str]] = {}
    for name in MODULES:
        module = importlib.import_module(name)
        for item in _names(module):
            if inspect.isclass(getattr(module, item)):
                homes.setdefault(id(getattr(module, item)), set()).add(item)

    assert [sorted(names) for names in homes.values() if len(names) > 1] == []


def test_every_error_is_exported() -> None:
    module = importlib.import_module("ibkit.errors")
    public = {name for name, item in vars(module).items() if inspect.isclass(item)}
    errors = {name for name in public if issubclass(getattr(module, name), Exception)}

    assert errors <= set(_names(module))


EXTRAS = {"exchange_calendars", "hypothesis", "matplotlib", "pandas", "pyarrow", "pytest", "rich"}


@pytest.mark.parametrize("name", MODULES)
def test_importing_it_loads_no_extra(name: str) -> None:
    program = f"import sys, {name}; print(*sorted(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert sorted(EXTRAS & set(ran.stdout.split())) == []


# --- blocking twins ----------------------------------------------------------------


def unlike_twins(owner: type) -> list[str]:
    """Return what is wrong with the pairs `x` / `x_async` of a class."""
    return [
        complaint
        for name in dir(owner)
        if name.endswith("_async") and not name.startswith("_")
        for complaint in _compare(owner, name)
    ]


def _compare(owner: type, name: str) -> Iterator[str]:
    blocking = inspect.getattr_static(owner, name.removesuffix("_async"), None)
    if not inspect.isfunction(blocking):
        yield f"{owner.__name__}.{name} has no blocking twin"
        return
    coroutine = inspect.getattr_static(owner, name)
    if not inspect.iscoroutinefunction(coroutine):
        yield f"{owner.__name__}.{name} is no coroutine function"
    if inspect.iscoroutinefunction(blocking):
        yield f"{owner.__name__}.{blocking.__name__} does not block"
    if inspect.signature(coroutine) != inspect.signature(blocking):
        yield (
            f"{owner.__name__}.{name}{inspect.signature(coroutine)} "
            f"!= {blocking.__name__}{inspect.signature(blocking)}"
        )


def _is_protocol(owner: type) -> bool:
    """A Protocol says what ibkit itself calls; nobody calls it from blocking code."""
    return bool(getattr(owner, "_is_protocol", False))


CALLED = [owner for owner in _public_classes() if not _is_protocol(owner)]


@pytest.mark.parametrize("owner", CALLED, ids=lambda owner: owner.__qualname__)
def test_every_coroutine_has_a_blocking_twin(owner: type) -> None:
    assert unlike_twins(owner) == []


class Good:
    async def place_async(self, size: int, *, wait: bool = True) -> str: ...
    def place(self, size: int, *, wait: bool = True) -> str: ...


class Lonely:
    async def place_async(self) -> None: ...


class Unlike:
    async def place_async(self, size: int) -> str: ...
    def place(self, size: float) -> str: ...


class Swapped:
    def place_async(self) -> None: ...
    async def place(self) -> None: ...


@pytest.mark.parametrize(
    ("owner", "complaints"), [(Good, 0), (Lonely, 1), (Unlike, 1), (Swapped, 2)]
)
def test_unlike_twins_are_seen(owner: type, complaints: int) -> None:
    assert len(unlike_twins(owner)) == complaints
