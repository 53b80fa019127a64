"""What a worker does with one report: execute its notebook, make its document, render that.

Nothing is written outside the folder it is given: a report comes back as bytes, or as a failure.
"""

from __future__ import annotations

import os
import pkgutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baaplib.batch import server
from baaplib.batch.report import Failure, Outcome, Report

# Bytes that one output of a cell may have: no chart or table of a report comes near.
LARGEST = 20_000_000


@dataclass(frozen=True)
class Task:
    """All that is needed to build a report, in a process that has the tables.

    Attributes
    ----------
    report : Report
    notebook : bytes
        The file that its `notebook` names.
    time_limit : int
        Seconds that a cell may take.
    renderers : mapping
        What makes each format of a document, as `module:function`.
    """

    report: Report
    notebook: bytes
    time_limit: int
    renderers: Mapping[str, str]


def build(task: Task, folder: Path) -> Outcome:
    """Build a report, in a folder of its own that is not there yet."""
    outcome, made = Outcome(task.report), None
    for step in ("execute", "document", *task.report.formats):
        start = time.monotonic()
        try:
            if step == "execute":
                made = _execute(task, folder, outcome)
            elif step == "document":
                made = _document(made, outcome)
            else:
                outcome.outputs[step] = _render(made, task.renderers[step])
        except _CellError as error:
            outcome.failure = Failure(step, *error.args)
        except BaseException as error:  # a panic inside Typst is not an Exception
            outcome.failure = Failure(step, None, type(error).__name__, str(error))
        outcome.seconds[step] = round(time.monotonic() - start, 3)
        if outcome.failure:
            outcome.outputs.clear()
            outcome.claims.clear()
            outcome.facts.clear()
            break
    return outcome


class _CellError(Exception):
    """Number of the cell, name of the exception, its message."""


def _execute(task: Task, folder: Path, outcome: Outcome) -> Any:
    import nbformat
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook
    from papermill.utils import chdir
    from traitlets.config import Config

    folder.mkdir()
    os.environ["BAAP_EDITION"] = task.report.edition
    # IPC: ports of kernels started in parallel collide now and then. The path is short, as that
    # of a socket has to be.
    connection = {"transport": "ipc", "connection_file": str(folder / "k.json")}
    source = nbformat.reads(task.notebook.decode(), as_version=4)  # type: ignore[no-untyped-call]
    cells = _Cells(source)
    # The steps of `papermill.execute_notebook`, which would write the whole notebook at the end.
    kernel = {"kernel_name": "python3", "language": "python"}
    asked = parameterize_notebook(
        load_notebook_node(source), dict(task.report.parameters), **kernel
    )
    try:
        with chdir(folder):
            notebook = papermill_engines.execute_notebook_with_engine(
                None,
                asked,
                kernel["kernel_name"],
                progress_bar=False,
                execution_timeout=task.time_limit,
                config=Config(KernelManager=connection),
                **_manager(),
                # A kernel holds nothing worth saving, and one in a loop would not listen.
                shutdown_kernel="immediate",
                iopub_timeout=60,
                on_cell_start=cells.enter,
                on_cell_executed=cells.leave,
            )
        raise_for_execution_errors(notebook, None)
    except PapermillExecutionError as error:
        raise cells.failure(error.ename, error.evalue) from None
    except CellTimeoutError:
        message = (
            f"the cell ran longer than {task.time_limit} s and was stopped; "
            "if it needs more, raise time_limit in batch.yml or pass --time-limit"
        )
        raise cells.failure("TimeoutError", message) from None
    except DeadKernelError:
        message = "the kernel ended in the middle of the cell; was there enough memory?"
        raise cells.failure("DeadKernelError", message) from None
    if cells.at < len(notebook.cells) - 1:
        # papermill takes sys.exit(0) for a notebook that is done.
        message = "the cell ended the notebook early; let it run to its end"
        raise cells.failure("SystemExit", message)
    outcome.seconds["cells"] = round(cells.seconds, 3)
    return notebook


class _Cells:
    """Which cell runs, and how long all of them have computed."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.at, self.seconds, self._began = -1, 0.0, 0.0

    def enter(self, cell: Any, cell_index: int) -> None:
        self.at, self._began = cell_index, time.monotonic()

    def leave(self, cell: Any, cell_index: int, execute_reply: Any) -> None:
        self.seconds += time.monotonic() - self._began
        if (size := _size(cell.get("outputs", []))) > LARGEST:
            message = (
                f"the cell put out {size / 1e6:.0f} MB, where {LARGEST / 1e6:.0f} MB are allowed; "
                "show less of it"
            )
            raise self.failure("ValueError", message)

    def failure(self, name: str, message: str) -> _CellError:
        return _CellError(_number(self._source, self.at), name, message)


def _size(part: Any) -> int:
    """Return how many characters the texts have that outputs hold."""
    if isinstance(part, str):
        return len(part)
    if isinstance(part, Mapping):
        return sum(map(_size, part.values()))
    return sum(map(_size, part)) if isinstance(part, list) else 0


def _manager() -> dict[str, Any]:
    if not server.FORKS:
        return {}
    from baaplib.batch import kernels

    return {"kernel_manager_class": kernels.WarmManager}


def _number(source: Any, at: int) -> int:
    """Return the number of a cell in the notebook as it is, without the one papermill put in."""
    tags = [cell.metadata.get("tags", []) for cell in source.cells]
    if any("injected-parameters" in tag for tag in tags):
        return at + 1
    cell = next(index for index, tag in enumerate(tags) if "parameters" in tag)
    return at + 1 if at <= cell else at


def _document(notebook: Any, outcome: Outcome) -> dict[str, Any]:
    """Make the document that all formats show, once; note its claims and facts."""
    from baaplib.render.document import document, facts

    made = document(notebook) | {"planned": list(outcome.report.planned)}
    outcome.claims, outcome.facts = list(made["claims"]), facts(made)
    return made


def _render(made: Any, renderer: str) -> bytes:
    content = pkgutil.resolve_name(renderer)(made)
    return content.encode() if isinstance(content, str) else bytes(content)
