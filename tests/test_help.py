"""`help()` on all that an analyst can call has an example, which the doctests run.

Names are found by discovery: the modules that notebooks import, with what these define.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
# What notebooks are made of, beside what they import: tables and the claims that measures return.
ALWAYS = {"baaplib.tables", "baaplib.claims"}


def imported() -> set[str]:
    """Return the names of the modules that any notebook imports."""
    found = set(ALWAYS)
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                for node in ast.walk(ast.parse(cell.source)):
                    if isinstance(node, ast.ImportFrom):
                        found |= {node.module, *(f"{node.module}.{n.name}" for n in node.names)}
    return {name for name in found if name and _is_module(name)} - {"baaplib"}


def _is_module(name: str) -> bool:
    try:
        return isinstance(importlib.import_module(name), ModuleType)
    except ModuleNotFoundError:
        return False


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield what a module defines for others, with the methods of its classes."""
    for name, each in vars(module).items():
        if name.startswith("_") or getattr(each, "__module__", "") != module.__name__:
            continue
        if inspect.isclass(each) or inspect.isfunction(each):
            yield name, each
        if inspect.isclass(each):
            for own, method in vars(each).items():
                if inspect.isfunction(method) and not own.startswith("_"):
                    yield f"{name}.{own}", method


MODULES = sorted(imported())


def test_what_notebooks_import_is_found() -> None:
    assert {"baaplib.brief", "baaplib.charts", "baaplib.measures", *ALWAYS} <= set(MODULES)
    assert "baaplib.measures.cybersecurity" in MODULES


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_has_an_example(name: str) -> None:
    lacking = [own for own, each in public(importlib.import_module(name))
               if ">>> " not in (inspect.getdoc(each) or "")]  # fmt: skip
    assert lacking == [], f"add an Examples section that doctest can run ({name})"


@pytest.mark.parametrize("name", MODULES)
def test_no_example_is_skipped(name: str) -> None:
    assert "doctest: +SKIP" not in inspect.getsource(importlib.import_module(name))
