"""The workbench in a real kernel, started as JupyterLab starts it, on a copy of the collection."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from baaplib.blocks import WORKBENCH
from baaplib.render.document import document
from baaplib.workbench.session import Run, doubts, newer

ROOT = Path(__file__).parent.parent
WAIT = 120
NAME = "_template"


class Shown:
    """What a run of a cell showed."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []
        self.status = ""

    def of(self, kind: str) -> list[Any]:
        return [output for output in self.outputs if output.output_type == kind]

    @property
    def checklist(self) -> str:
        texts = [o.data.get("text/plain", "") for o in self.of("display_data")
                 if WORKBENCH in o.data]  # fmt: skip
        return "\n".join(texts)

    @property
    def error(self) -> str:
        return "\n".join("\n".join(output.traceback) for output in self.of("error"))


class Lab:
    """A kernel of a notebook, as a Jupyter server starts it."""

    def __init__(self, project: Path, **env: str) -> None:
        self.path = project / "notebooks" / f"{NAME}.ipynb"
        names = {"JPY_SESSION_NAME": str(self.path), "PYTHONPATH": str(project)}
        kept = {key: value for key, value in os.environ.items() if key != "BAAP_EDITION"}
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env={**kept, **names, **env}, cwd=str(self.path.parent))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=WAIT)

    @property
    def notebook(self) -> Any:
        return nbformat.read(self.path, as_version=4)

    def run(self, source: str, id: str = "elsewhere") -> Shown:
        shown = Shown()
        content = {
            "code": source, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        message = self.client.session.msg("execute_request", content, metadata={"cellId": id})
        self.client.shell_channel.send(message)
        while True:
            told = self.client.get_iopub_msg(timeout=WAIT)
            if told["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            kind, content = told["msg_type"], told["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind in ("display_data", "execute_result", "stream", "error"):
                shown.outputs.append(nbformat.v4.output_from_msg(told))
        while (reply := self.client.get_shell_msg(timeout=WAIT))["parent_header"][
            "msg_id"
        ] != message["header"]["msg_id"]:
            pass
        shown.status = reply["content"]["status"]
        return shown

    def run_all(self, changed: dict[int, str] | None = None) -> dict[int, Shown]:
        """Run all code cells, some with another text; return what each showed, by its number."""
        return {
            number: self.run((changed or {}).get(number, cell.source), cell.id)
            for number, cell in enumerate(self.notebook.cells, 1)
            if cell.cell_type == "code"
        }

    def complete(self, code: str) -> list[str]:
        return list(self.client.complete(code, reply=True, timeout=WAIT)["content"]["matches"])

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for part in ("baaplib", "data", "notebooks"):
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=skip)
    return folder


@pytest.fixture(scope="module")
def lab(project: Path) -> Iterator[Lab]:
    opened = Lab(project)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shown(lab: Lab) -> dict[int, Shown]:
    """What each cell of the template shows when all are run in order."""
    return lab.run_all()


LAST = 16  # the cell that calls brief.sources()


def test_a_clean_run_is_ready(shown: dict[int, Shown]) -> None:
    told = shown[LAST].checklist
    assert told.startswith("Ready to publish, 1 to look at")
    assert "no report of batch.yml is made of this notebook" in told
    assert "✓ Cells were run in order, as they are saved" in told
    assert all(each.status == "ok" for each in shown.values())


def test_the_checklist_is_no_part_of_the_report(lab: Lab, shown: dict[int, Shown]) -> None:
    notebook = lab.notebook
    for number, each in shown.items():
        notebook.cells[number - 1].outputs = each.outputs
    assert "Ready to publish" not in str(document(notebook))
    assert any(WORKBENCH in output.data for output in shown[LAST].of("display_data"))


def test_names_are_offered(lab: Lab, shown: dict[int, Shown]) -> None:
    tables = ["activities", "activity_countries", "activity_partners", "activity_tags"]
    assert lab.complete('load("act') == tables
    assert lab.complete("frame = tables.load('act") == tables
    assert lab.complete("load(act") == [f'"{name}"' for name in tables]
    assert lab.complete('load("activities", "') == ["2022-12"]
    assert lab.complete('measures.restrict(brief.data, area="C') == ["CAP", "CYB"]
    assert lab.complete("brief.ch") == ["chart"]


def test_an_error_is_short_and_its_traceback_folded(lab: Lab, shown: dict[int, Shown]) -> None:
    wrong = lab.run('x = 1\nbrief.table("a", data.activities, ["tilte"])')
    assert wrong.status == "error"
    plain = re.sub(r"\x1b\[[\d;]*m", "", wrong.error)
    assert plain.splitlines() == [
        "ValueError: unknown column with a heading 'tilte'; allowed: activities, activity_id, "
        "against, alone, area, basis, behind, began, centres, certified, claim, class and 64 more."
        " Did you mean 'title'?",
        "in line 2 of the cell: brief.table(\"a\", data.activities, [\"tilte\"])",
    ]  # fmt: skip
    folded = wrong.of("display_data")[0].data
    assert folded["text/html"].startswith("<details><summary>")
    assert "in Brief._table" in folded["text/html"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("brif.say('x')", "Did you mean 'brief'?"),
        ("data.activities['them']", "Did you mean 'theme'?"),
        ("measures.by_typ(data)", "Did you mean 'by_type'?"),
        ("brief.say()", "press Shift+Tab"),
        ("import pandsa", "Mend the name"),
        ("raise RuntimeError('<b>bold</b>')", "<b>bold</b>"),
    ],
)
def test_an_error_says_what_to_do(
    source: str, told: str, lab: Lab, shown: dict[int, Shown]
) -> None:
    wrong = lab.run(source)
    assert told in wrong.error
    assert "Traceback" not in wrong.error
    assert "<b>bold" not in wrong.of("display_data")[0].data["text/html"]


def test_a_syntax_error_stays_what_it_is(lab: Lab, shown: dict[int, Shown]) -> None:
    wrong = lab.run("brief.say(")
    assert wrong.status == "error"
    assert "SyntaxError" in wrong.error


def test_preview_writes_the_report_and_shows_it(
    lab: Lab, shown: dict[int, Shown], project: Path
) -> None:
    lab.run_all()
    seen = lab.run("%preview")
    page = (project / "reports" / "preview" / f"{NAME}-ALL-en.html").read_text(encoding="utf-8")
    assert "Title of the report: All regions" in page
    assert "Ready to publish" not in page
    assert "<iframe" in seen.of("display_data")[0].data["text/html"]
    lab.run("%preview pdf")
    pdf = project / "reports" / "preview" / f"{NAME}-ALL-en.pdf"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert "unknown format 'doc'; allowed: html, pdf" in lab.run("%preview doc").error


def test_edits_of_the_library_and_of_translations_are_seen(lab: Lab, project: Path) -> None:
    lab.run_all()
    before = lab.run(lab.notebook.cells[7].source, lab.notebook.cells[7].id)
    assert "This does not mean" in str(before.outputs)
    path = project / "baaplib" / "brief.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("This does not mean that ", "This is not to say that "), "utf-8")
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime + 10))
    try:
        after = lab.run(lab.notebook.cells[7].source, lab.notebook.cells[7].id)
        assert "This is not to say that" in str(after.outputs)
        told = lab.run(lab.notebook.cells[LAST - 1].source, lab.notebook.cells[LAST - 1].id)
        assert "brief.py changed after cells were run" in told.checklist
    finally:
        path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({14: 'print("x")'}, "cell 14 shows text on stdout ('x'); replace print() by say()"),
        ({14: "import warnings; warnings.warn('w')"}, "cell 14 shows text on stderr"),
        ({14: "1 + 1"}, "cell 14 shows a bare result"),
        ({14: 'brief.say("So many: 12.")'}, "no claim backs the number 12"),
        ({10: "brief.activities(measures.restrict(data, 'AFR'))"}, "the list lacks CYB-001"),
        ({14: 'brief.say("Not saved.")'}, "cell 14 was run with another text than is saved"),
    ],
)
def test_the_checklist_tells_what_stops_it(
    changed: dict[int, str], told: str, lab: Lab, shown: dict[int, Shown]
) -> None:
    assert told in lab.run_all(changed)[LAST].checklist


def test_the_checklist_reads_what_is_saved(lab: Lab, shown: dict[int, Shown]) -> None:
    before = lab.path.read_text(encoding="utf-8")
    notebook = lab.notebook
    notebook.cells[3].source = "## In brief\n\nAll 12 of them."
    del notebook.cells[12:14]
    nbformat.write(notebook, lab.path)
    try:
        told = lab.run("brief.sources()", notebook.cells[-1].id).checklist
    finally:
        lab.path.write_text(before, encoding="utf-8")
    assert told.startswith("Not ready to publish: 2 things stop it")
    assert "cell 4: a number is typed in prose: 'All 12 of them.'" in told
    assert "the last two headings must be '## Conclusion' and '## Sources'" in told
    assert "a cell was run that is not in the saved notebook" in told


def test_the_batch_and_a_plain_kernel_know_nothing_of_it(project: Path) -> None:
    """What the batch sees of a failure stays what it was, to the letter."""
    kernel = Lab(project, BAAP_EDITION="2022-12")
    try:
        asked = (
            "import sys; from baaplib.brief import Brief; print('baaplib.workbench' in sys.modules)"
        )
        assert kernel.run(asked).of("stream")[0].text == "False\n"
        assert "Traceback (most recent call last)" in kernel.run("1 / 0").error
    finally:
        kernel.close()


# Hidden state, without a kernel.


def saved(*sources: str) -> Any:
    cells = [nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(sources, 1)]
    return nbformat.v4.new_notebook(cells=cells)


def test_in_order_is_well() -> None:
    runs = [Run("c1", "a = 1", 1), Run("c2", "b = a", 2)]
    assert doubts(saved("a = 1", "b = a"), runs) == []


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([Run("c1", "a = 1", 1)], "cell 2 was not run since the kernel started"),
        ([], "cells 1 and 2 were not run since the kernel started"),
        (
            [Run("c2", "b = a", 1), Run("c1", "a = 1", 2)],
            "cell 2 was run before a cell that stands above",
        ),
        (
            [Run("c1", "a = 1", 1), Run("c2", "b = a", 2), Run("c1", "a = 1", 3)],
            "cell 2 was run before a cell that stands above",
        ),
        (
            [Run("c1", "a = 2", 1), Run("c2", "b = a", 2)],
            "cell 1 was run with another text than is saved",
        ),
        (
            [Run("gone", "z = 9", 1), Run("c1", "a = 1", 2), Run("c2", "b = a", 3)],
            "a cell was run that is not in the saved notebook ('z = 9')",
        ),
    ],
)
def test_hidden_state_is_told(runs: list[Run], told: str) -> None:
    assert any(told in doubt for doubt in doubts(saved("a = 1", "b = a"), runs))


def test_parameters_may_be_changed_for_a_look() -> None:
    notebook = saved('region: str = "ALL"  # region')
    notebook.cells[0].metadata["tags"] = ["parameters"]
    assert doubts(notebook, [Run("c1", 'region: str = "AFR"  # region', 1)]) == []


def test_a_file_that_changed_before_the_run_is_well(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.touch()
    now = path.stat().st_mtime
    assert newer([Run("c1", "a", 1, ended=now + 1)], [path]) == []
    assert newer([Run("c1", "a", 1, ended=now - 1)], [path]) != []
