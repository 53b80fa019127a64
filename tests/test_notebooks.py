"""Every notebook keeps the contract of CONTRIBUTING.md; found by discovery, never listed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from baaplib import contract

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
Notebook = Any


def test_there_are_notebooks_and_a_template() -> None:
    assert len(NOTEBOOKS) > 1
    assert "_template" in [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_keeps_the_contract(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert contract.problems(notebook) == []
    assert contract.leftovers(notebook) == []


def write(number: int, source: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook.cells[number - 1].source = source

    return change


def say(line: str) -> Callable[[Notebook], None]:
    return write(5, line)


def tag_again(notebook: Notebook) -> None:
    notebook.cells[5].metadata["tags"] = ["setup"]


def show_setup(notebook: Notebook) -> None:
    del notebook.cells[2].metadata["jupyter"]


def copy_id(notebook: Notebook) -> None:
    notebook.cells[6].id = notebook.cells[5].id


def drop_sources(notebook: Notebook) -> None:
    del notebook.cells[-2:]


def make_raw(notebook: Notebook) -> None:
    notebook.cells[5].cell_type = "raw"


PARAMETERS = 'edition: str = "2022-12"  # edition\nlanguage: str = "en"  # language\n'
REGION = 'region: str = "ALL"  # region\n'


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (write(1, "# Title alone"), "cell 1: must be a title"),
        (tag_again, "cell 3: it alone must carry the tag 'setup'"),
        (show_setup, "cell 3: must be collapsed"),
        (copy_id, "cell 7: another cell has its id"),
        (drop_sources, "the last two headings must be"),
        (make_raw, "cell 6: is neither code nor Markdown"),
        (write(4, "## In brief\n\nAll 12 of them."), "cell 4: a number is typed in prose"),
        (write(4, "## In brief\n\n> Quoted."), "cell 4: unsupported Markdown"),
        (write(2, PARAMETERS), "cell 2: must have one of the parameters region and country"),
        (write(2, REGION + "language: str = 'en'  # l"), "cell 2: lacks the parameter 'edition'"),
        (write(2, PARAMETERS + 'region = "ALL"  # region'), "cell 2: 'region = "),
        (write(2, PARAMETERS + 'region: str = "ALL"'), "must end with two spaces and a comment"),
        (say("for x in data: pass"), "cell 5: line 1 holds logic"),
        (say("[x for x in data]"), "cell 5: line 1 holds logic"),
        (say("f = lambda: 0"), "cell 5: line 1 holds logic"),
        (say("data.figures.dropna()"), "cell 5: line 1 leaves rows out (.dropna)"),
        (say("frame[frame.x > y]"), "cell 5: line 1 leaves rows out"),
        (say('brief.say("So many: 12.")'), "cell 5: a number is typed: 'So many: 12.'"),
        (say("brief.careful(data, 3)"), "cell 5: a number is typed: 3"),
        (say('brief.say("x", y="/tmp/z")'), "cell 5: names a path"),
        (say("%preview"), "cell 5: is not plain Python"),
        (say("x\n" * 16), "cell 5: has more than 15 lines"),
    ],
)  # fmt: skip
def test_says_what_breaks_it(change: Callable[[Notebook], None], told: str) -> None:
    path = next(path for path in NOTEBOOKS if path.stem == "cybersecurity")
    notebook = copy.deepcopy(nbformat.read(path, as_version=4))
    change(notebook)
    assert any(told in problem for problem in contract.problems(notebook))


def test_a_declared_literal_is_no_typed_number() -> None:
    path = next(path for path in NOTEBOOKS if path.stem == "cybersecurity")
    notebook = nbformat.read(path, as_version=4)
    say('brief.literal("SDG 5", "name of a goal")')(notebook)
    assert contract.problems(notebook) == []


def test_tells_outputs_and_counts() -> None:
    cell = nbformat.v4.new_code_cell("1", execution_count=2)
    assert contract.leftovers({"cells": [cell]}) != []
