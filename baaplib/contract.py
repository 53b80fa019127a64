"""The notebook contract: what every notebook of the collection keeps, told cell by cell.

Tests hold all notebooks to it; in JupyterLab the checklist under the last cell tells it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from baaplib.batch.plan import PLACE
from baaplib.batch.report import ABOUT
from baaplib.render.document import markdown_messages

LONGEST = 15
DIGIT = re.compile(r"\d")
TITLE = re.compile(r"# \S.*\n\n.*\?")
PATH = re.compile(r"[\"'](/|\.\./|~|[A-Z]:\\)")
ENDS = ["## Conclusion", "## Sources"]
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.For, ast.While, ast.If, ast.IfExp, ast.Try, ast.With,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
# Methods of a frame that leave rows out. A reader would not know: that is the work of a measure.
DROPPING = (
    "drop", "drop_duplicates", "dropna", "filter", "head", "iloc", "loc", "nlargest", "nsmallest",
    "query", "sample", "tail",
)  # fmt: skip
MOVE = "put it into baaplib/measures, with a test"

Cell = Mapping[str, Any]


def problems(notebook: Mapping[str, Any]) -> list[str]:
    """Return everything in which a notebook breaks the contract, with the number of the cell.

    Parameters
    ----------
    notebook : mapping
        A notebook as nbformat or JSON reads it, version 4.5 or later.

    Returns
    -------
    list of str
        One sentence for each problem, with what to do; empty if there is none.

    Examples
    --------
    >>> cells = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# People"}]
    >>> print(problems({"cells": cells})[0])
    cell 1: must be a title, an empty line and a question: "# Title", "", "What ...?"
    """
    cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
    found = [*_order(cells), *_ids(cells)]
    for number, cell in enumerate(cells, 1):
        rule = {"code": _code, "markdown": _markdown}.get(cell["cell_type"], _other)
        found += [f"cell {number}: {problem}" for problem in rule(cell)]
    return found


def _order(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield what is wrong with the cells a notebook begins and ends with."""
    if not (cells and TITLE.fullmatch(cells[0]["source"])):
        yield 'cell 1: must be a title, an empty line and a question: "# Title", "", "What ...?"'
    for tag, place in (("parameters", 1), ("setup", 2)):
        if [i for i, cell in enumerate(cells) if tag in _tags(cell)] != [place]:
            yield f"cell {place + 1}: it alone must carry the tag {tag!r}"
    if len(cells) > 2 and not cells[2]["metadata"].get("jupyter", {}).get("source_hidden"):
        yield "cell 3: must be collapsed (View > Collapse Selected Code): a reader skips the set-up"
    heads = [
        cell["source"].split("\n")[0] for cell in cells
        if cell["cell_type"] == "markdown" and cell["source"].startswith("#")
    ]  # fmt: skip
    if heads[-2:] != ENDS:
        yield f"the last two headings must be {' and '.join(map(repr, ENDS))}"


def _ids(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield ids that two cells share: a merge and the checklist know cells by them."""
    ids = [cell.get("id") for cell in cells]
    if None in ids:
        yield "cells have no ids; open the notebook in JupyterLab and save it"
    yield from (
        f"cell {number}: another cell has its id {id!r}; copy its text into a new cell"
        for number, id in enumerate(ids, 1) if id and id in ids[: number - 1]
    )  # fmt: skip


def _other(cell: Cell) -> Iterator[str]:
    yield "is neither code nor Markdown; reports know no other cells"


def _markdown(cell: Cell) -> Iterator[str]:
    try:
        texts = markdown_messages(cell["source"])
    except ValueError as error:
        yield str(error)
        return
    for text in texts:
        if DIGIT.search(text):
            yield f"a number is typed in prose: {text!r}; say it with a claim in a code cell"


def _code(cell: Cell) -> Iterator[str]:
    source = cell["source"]
    if sum(1 for line in source.splitlines() if line.strip()) > LONGEST:
        yield f"has more than {LONGEST} lines; {MOVE}, or split it"
    if PATH.search(source):
        yield "names a path; a notebook finds all it needs through baaplib"
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"is not plain Python ({error.msg}, line {error.lineno}); take magics out"
        return
    if "parameters" in _tags(cell):
        yield from _parameters(source, tree)
        return
    yield from _logic(tree)
    if "setup" not in _tags(cell):
        yield from _typed_numbers(tree)


def _parameters(source: str, tree: ast.Module) -> Iterator[str]:
    """Yield what is wrong with the one cell that people and the batch change."""
    lines = source.splitlines()
    names = set()
    for node in tree.body:
        line = lines[node.lineno - 1]
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)):
            yield f'{line!r} must be a literal with a type: region: str = "ALL"  # what it is'
            continue
        names.add(ast.unparse(node.target))
        if not re.search(r"  # \S", line):
            yield f"{line!r} must end with two spaces and a comment: its help"
    yield from (f"lacks the parameter {name!r}" for name in PLACE if name not in names)
    if len(names & set(ABOUT)) != 1:
        yield f"must have one of the parameters {' and '.join(ABOUT)}"


def _logic(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, LOGIC):
            yield f"line {node.lineno} holds logic ({ast.unparse(node)[:40]!r}); {MOVE}"
        elif isinstance(node, ast.Attribute) and node.attr in DROPPING:
            yield f"line {node.lineno} leaves rows out (.{node.attr}); {MOVE}"
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Compare):
            yield f"line {node.lineno} leaves rows out ({ast.unparse(node)!r}); {MOVE}"


def _typed_numbers(tree: ast.Module) -> Iterator[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    # A literal is declared with its reason; that is what brief.literal() is for.
    literals = [call for call in calls if getattr(call.func, "attr", "") == "literal"]
    declared = {id(node) for call in literals for node in ast.walk(call)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in declared:
            continue
        if type(node.value) in (int, float) or DIGIT.search(str(node.value)):
            yield f"a number is typed: {node.value!r}; say it with a claim, or brief.literal()"


def _tags(cell: Cell) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def leftovers(notebook: Mapping[str, Any]) -> list[str]:
    """Return the cells that still hold outputs or execution counts, which git must not see.

    Examples
    --------
    >>> leftovers({"cells": [{"cell_type": "code", "outputs": [], "execution_count": 3}]})
    ['cell 1: holds outputs or a count; `make format` strips them']
    """
    return [
        f"cell {number}: holds outputs or a count; `make format` strips them"
        for number, cell in enumerate(notebook["cells"], 1)
        if cell.get("outputs") or cell.get("execution_count") is not None
    ]
