"""Every notebook keeps the contract of CONTRIBUTING.md; found by discovery, never listed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

from baaplib.batch.report import ABOUT
from baaplib.render.document import markdown_messages

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
DIGIT = re.compile(r"\d")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(notebook: nbformat.NotebookNode, tag: str) -> list[int]:
    return [i for i, c in enumerate(notebook.cells) if tag in c.metadata.get("tags", [])]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


def test_begins_with_title_question_parameters_and_hidden_setup(notebook) -> None:
    title, parameters, setup = notebook.cells[:3]
    assert re.match(r"# \S.*\n\n.*\?$", title.source)
    assert tagged(notebook, "parameters") == [1]
    assert tagged(notebook, "setup") == [2]
    assert setup.metadata["jupyter"] == {"source_hidden": True}
    assert parameters.cell_type == setup.cell_type == "code"


def test_parameters_are_annotated_literals_with_help(notebook) -> None:
    source = notebook.cells[1].source
    for line, node in zip(source.splitlines(), ast.parse(source).body, strict=True):
        assert isinstance(node, ast.AnnAssign), line
        assert isinstance(node.value, ast.Constant), line
        assert re.search(r"  # \S", line), f"no help: {line}"


def test_parameters_say_which_edition_place_and_language(notebook) -> None:
    """A report lies where these say; it is about a region or about a country."""
    body = ast.parse(notebook.cells[1].source).body
    names = {node.target.id for node in body}
    assert {"edition", "language"} <= names
    assert len(names & set(ABOUT)) == 1


def test_ends_with_conclusion_and_sources(notebook) -> None:
    headings = [c.source.splitlines()[0] for c in notebook.cells if c.cell_type == "markdown"]
    assert headings[-2:] == ["## Conclusion", "## Sources"]


def test_cells_are_short_and_only_call_the_library(notebook) -> None:
    for cell in code(notebook):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 15, cell.source
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(
                node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.For | ast.If
            ), cell.source


def test_prose_holds_no_digit(notebook) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for text in markdown_messages(cell.source):
                assert not DIGIT.search(text), text
    for cell in code(notebook)[2:]:
        tree = ast.parse(cell.source)
        # A literal is declared with its reason; that is what brief.literal() is for.
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        declared = [call for call in calls if getattr(call.func, "attr", "") == "literal"]
        allowed = {id(node) for call in declared for node in ast.walk(call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in allowed:
                assert type(node.value) not in (int, float), cell.source  # yes and no are none
                assert not DIGIT.search(str(node.value)), cell.source


def test_holds_no_outputs_no_counts_and_no_path(notebook) -> None:
    for cell in code(notebook):
        assert not cell.outputs
        assert cell.execution_count is None
        assert not re.search(r"[\"'](/|\.\./|~|[A-Z]:\\)", cell.source)


def test_cell_ids_are_unique(notebook) -> None:
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
