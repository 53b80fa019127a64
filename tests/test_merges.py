"""Two people edit one notebook, and git merges it cell by cell."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clones
import nbformat
import pytest

from baaplib import contract

NOTEBOOK = "notebooks/cybersecurity.ipynb"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = clones.clone(tmp_path)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "A. Nalyst")
    git(folder, "config", "user.email", "analyst@example.org")
    git(folder, "add", "notebooks", ".gitattributes")
    git(folder, "commit", "--quiet", "--message", "Begin")
    subprocess.run(["make", "merges"], cwd=folder, check=True, capture_output=True, timeout=300)
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def edit(folder: Path, branch: str, change: Callable[[Any], None]) -> None:
    """Change the notebook on a branch that begins where main is."""
    git(folder, "checkout", "--quiet", "-b", branch, "main")
    path = folder / NOTEBOOK
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook["cells"])
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", branch)


def retitle(cells: Any) -> None:
    cells[0]["source"] = ["# Safety online\n", "\n", "Which country got which service?"]


def add(id: str, text: str) -> Callable[[Any], None]:
    cell = {"cell_type": "markdown", "id": id, "metadata": {}, "source": [text]}
    return lambda cells: cells.insert(5, cell)


def change_below(cells: Any) -> None:
    cells[4]["source"] = ["brief.headlines(measures.activity_count(data))"]


def read(folder: Path) -> Any:
    return nbformat.read(folder / NOTEBOOK, as_version=4)


def test_edits_of_different_cells_merge(clone: Path) -> None:
    """Line by line these would be a conflict: the cells stand beside each other."""
    before = [cell.id for cell in read(clone).cells]
    edit(clone, "title", retitle)
    edit(clone, "new-cell", add("added", "## Added"))
    edit(clone, "below", change_below)
    for branch in ("title", "new-cell"):
        git(clone, "merge", "--quiet", "--no-edit", branch)
    merged = read(clone)
    nbformat.validate(merged)
    assert contract.problems(merged) == []
    assert contract.leftovers(merged) == []
    assert [cell.id for cell in merged.cells if cell.id != "added"] == before
    assert merged.cells[0].source.startswith("# Safety online")
    assert merged.cells[4].source == "brief.headlines(measures.activity_count(data))"
    assert merged.cells[5].source == "## Added"


def test_cells_added_in_one_place_are_never_merged_silently(clone: Path) -> None:
    """nbdime cannot merge these (it stumbles over their ids): git says so and keeps both sides."""
    edit(clone, "one", add("first", "## One"))
    edit(clone, "two", add("second", "## Two"))
    done = subprocess.run(
        ["git", "merge", "--no-edit", "one"], cwd=clone, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert "## Two" in [cell.source for cell in read(clone).cells]
    git(clone, "checkout", "--theirs", NOTEBOOK)
    assert "## One" in [cell.source for cell in read(clone).cells]


def test_edits_of_one_cell_are_a_conflict_in_a_notebook_that_opens(clone: Path) -> None:
    edit(clone, "one", lambda cells: cells[3].update(source=["## First words"]))
    edit(clone, "two", lambda cells: cells[3].update(source=["## Other words"]))
    done = subprocess.run(
        ["git", "merge", "--no-edit", "one"], cwd=clone, capture_output=True, check=False
    )
    assert done.returncode == 1
    text = "\n".join(cell.source for cell in read(clone).cells)
    assert "First words" in text
    assert "Other words" in text


def test_a_diff_tells_cells_not_lines_of_json(clone: Path) -> None:
    edit(clone, "title", retitle)
    told = git(clone, "diff", "main", "title", "--", NOTEBOOK)
    assert "Safety online" in told
    assert '"source": [' not in told
