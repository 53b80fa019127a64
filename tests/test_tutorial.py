"""The tutorial does what it says: each of its blocks is carried out as it stands."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import clones
import nbformat
import pytest

ROOT = Path(__file__).parent.parent
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Where the reader of the tutorial works: what `baap new` made.
NOTEBOOK = "notebooks/first_look.ipynb"
ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(text: str) -> list[tuple[str, str]]:
    """Return the blocks of a Markdown text, each with its language."""
    return BLOCK.findall(text)


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with the output that the tutorial shows."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def alike(wanted: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(wanted, got, ALIKE)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return clones.clone(tmp_path)


def run(command: str, project: Path) -> str:
    """Run a command as the tutorial's reader would, in an environment that is activated."""
    words = f"source .venv/bin/activate; {command}"
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    done = subprocess.run(
        ["bash", "-c", words], cwd=project, env={**kept, "PYTHONPATH": str(project)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=600,
    )  # fmt: skip
    return done.stdout


def put_into_notebook(kind: str, text: str, project: Path) -> None:
    """Replace the title, or add a cell above the conclusion."""
    path = project / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    if text.startswith("# "):
        notebook.cells[0].source = text.strip()
    else:
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        at = next(i for i, c in enumerate(notebook.cells) if c.source == "## Conclusion")
        notebook.cells.insert(at, make(text.strip()))
    nbformat.write(notebook, path)


def test_the_checker_tells_other_outputs() -> None:
    assert alike("ok ... (html)\n", "ok 3.1 s (html)\n")
    assert not alike("1 of 1 reports published\n", "0 of 1 reports published\n")


def test_the_tutorial_works_as_it_stands(project: Path) -> None:
    text = TUTORIAL.read_text(encoding="utf-8")
    kinds = [kind for kind, _ in blocks(text)]
    assert set(kinds) == {"console", "markdown", "python", "yaml"}
    for kind, block in blocks(text):
        if kind == "console":
            for command, wanted in commands(block):
                got = run(command, project)
                assert alike(wanted, got), f"$ {command}\nwanted:\n{wanted}\ngot:\n{got}"
        elif kind == "yaml":
            with (project / "notebooks" / "batch.yml").open("a", encoding="utf-8") as file:
                file.write(block)
        else:
            put_into_notebook(kind, block, project)
    reports = project / "reports" / "2022-12" / "en"
    page = (reports / "first-look-ALL.html").read_text(encoding="utf-8")
    assert (reports / "first-look-ALL.pdf").read_bytes().startswith(b"%PDF")
    assert "What kind of work was done, and where?" in page
    assert "Activities by type" in page
    assert "Activities that state how many people took part" in page


def test_the_notebook_of_the_tutorial_keeps_the_contract(project: Path) -> None:
    from baaplib import contract, scaffold

    scaffold.new("first_look", project / "notebooks")
    for kind, block in blocks(TUTORIAL.read_text(encoding="utf-8")):
        if kind in ("markdown", "python"):
            put_into_notebook(kind, block, project)
    assert contract.problems(nbformat.read(project / NOTEBOOK, as_version=4)) == []
