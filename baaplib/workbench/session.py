"""What this kernel has run, beside the notebook as it is saved: the hidden state of a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from baaplib import i18n, tables
from baaplib.blocks import WORKBENCH

LIBRARY = Path(__file__).parent.parent
AGAIN = "Run > Restart Kernel and Run All Cells"


@dataclass(frozen=True)
class Run:
    """One run of a cell.

    Attributes
    ----------
    cell : str
        Id of the cell; empty for what ran before the workbench was opened.
    source : str
        Its text at that time.
    count : int
        The number JupyterLab shows beside it.
    ended : float
        When it was done, in seconds since 1970.
    error : tuple of str
        Name and message of the exception; empty if there was none.
    outputs : sequence of nbformat.NotebookNode
        What it showed.

    Examples
    --------
    >>> Run("cell-one", "1 + 1", 3).error
    ()
    """

    cell: str
    source: str
    count: int
    ended: float = 0.0
    error: tuple[str, ...] = ()
    outputs: Sequence[Any] = ()


class Session:
    """All that a kernel has run of one notebook.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    path : Path
        Where the notebook is saved, as the server named it when it started the kernel.
    """

    def __init__(self, shell: Any, path: Path) -> None:
        self.path = path
        self._shell = shell
        earlier = shell.user_ns.get("In", [])[1:-1]  # the last one is being run
        self.runs = [Run("", source, count) for count, source in enumerate(earlier, 1)]
        self._words = self._stamp()
        self._shown: list[Any] = []
        self._taps: list[Any] = []
        self._listen()

    def note(self, result: Any) -> None:
        """Keep what was run; IPython calls this after each cell."""
        info, error = result.info, result.error_in_exec or result.error_before_exec
        # Magics run by the library itself, as it opens this, are no cells.
        if not info.store_history or result.execution_count is None:
            return
        named = (type(error).__name__, str(error)) if error else ()
        self.runs.append(Run(
            info.cell_id or "", info.raw_cell, result.execution_count, time.time(), named,
            tuple(self._shown),
        ))  # fmt: skip

    def begin(self, info: Any) -> None:
        """Forget what the last cell showed, and translations that were edited."""
        self._shown.clear()
        self._tap()
        if (stamp := self._stamp()) != self._words:
            self._words = stamp
            i18n.language.cache_clear()

    def notebook(self) -> Any:
        """Return the notebook as it is saved.

        Raises
        ------
        ValueError
            If it is not there, or not a notebook.
        """
        try:
            return nbformat.read(self.path, as_version=4)  # type: ignore[no-untyped-call]
        except (OSError, nbformat.reader.NotJSONError) as error:
            message = (
                f"the notebook cannot be read at {self.path} ({type(error).__name__}); if it was "
                "renamed, restart the kernel (Kernel > Restart Kernel)"
            )
            raise ValueError(message) from None

    def executed(self) -> Any:
        """Return the saved notebook with what this kernel showed for each of its cells."""
        notebook, last = self.notebook(), latest(self.runs)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                run = of(cell, last)
                cell.outputs = _outputs(run) if run else []
        return notebook

    def _listen(self) -> None:
        """Hear what cells show, as it is sent to JupyterLab."""
        for sender in (self._shell.display_pub, self._shell.displayhook):
            sender.register_hook(self._hear)
        self._tap()

    def _tap(self) -> None:
        """Hear what a cell prints; IPython takes the streams back after each cell."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream.write not in self._taps:
                stream.write = self._heard(name, stream.write)
                self._taps[:] = [*self._taps[-1:], stream.write]

    def _hear(self, message: Any) -> Any:
        data = message["content"].get("data", {})
        if data and WORKBENCH not in data:
            self._shown.append(_output("display_data", data=data))
        return message

    def _heard(self, name: str, write: Callable[[str], int]) -> Callable[[str], int]:
        def written(text: str) -> int:
            self._shown.append(_output("stream", name=name, text=text))
            return write(text)

        return written

    def _stamp(self) -> list[float]:
        return [path.stat().st_mtime for path in sorted(i18n.LOCALE.glob("*.po"))]


def _output(kind: str, **content: Any) -> Any:
    return nbformat.v4.new_output(kind, **content)  # type: ignore[no-untyped-call]


def _outputs(run: Run) -> list[Any]:
    if not run.error:
        return list(run.outputs)
    name, text = run.error
    return [*run.outputs, _output("error", ename=name, evalue=text, traceback=[])]


def latest(runs: Iterable[Run]) -> dict[str, Run]:
    """Return the last run of each cell by its id, and by its text where the id is not known."""
    return {run.cell or run.source.strip(): run for run in runs}


def of(cell: Any, last: dict[str, Run]) -> Run | None:
    """Return the last run of a saved cell, if this kernel knows one."""
    return last.get(cell.id) or last.get(cell.source.strip())


def doubts(notebook: Any, runs: Sequence[Run]) -> list[str]:
    """Say where what is on the screen may not be what the saved notebook would give.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook as it is saved.
    runs : sequence of Run
        What the kernel has run, in that order.

    Returns
    -------
    list of str
        One sentence for each kind of doubt, with what to do; empty if there is none.

    Examples
    --------
    >>> cell = nbformat.v4.new_code_cell("x = 1", id="one")
    >>> notebook = nbformat.v4.new_notebook(cells=[cell])
    >>> doubts(notebook, [Run("one", "x = 2", 1)])[0]
    'cell 1 was run with another text than is saved: save the notebook and run it again'
    >>> doubts(notebook, [Run("one", "x = 1", 1)])
    []
    """
    last = latest(runs)
    code = [
        (number, cell, of(cell, last)) for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code" and cell.source.strip()
    ]  # fmt: skip
    return [
        *_not_run([number for number, _, run in code if run is None]),
        *_edited([n for n, cell, run in code if run and _differs(cell, run)]),
        *_out_of_order([(number, run.count) for number, _, run in code if run]),
        *_gone(notebook, runs),
    ]


def _not_run(cells: list[int]) -> Iterator[str]:
    if cells:
        yield (
            f"{_cells(cells)} not run since the kernel started; what stands below is older, or "
            f"nothing: {AGAIN}"
        )


def _differs(cell: Any, run: Run) -> bool:
    # Parameters are there to be changed for a look.
    tagged = "parameters" in cell.metadata.get("tags", [])
    return not tagged and cell.source.strip() != run.source.strip()


def _edited(cells: list[int]) -> Iterator[str]:
    if cells:
        yield (
            f"{_cells(cells)} run with another text than is saved: save the notebook and run "
            f"{'it' if len(cells) == 1 else 'them'} again"
        )


def _out_of_order(counts: list[tuple[int, int]]) -> Iterator[str]:
    """Yield the cells that were run before one that stands above them."""
    highest, late = 0, []
    for number, count in counts:
        if count < highest:
            late.append(number)
        highest = max(highest, count)
    if late:
        yield f"{_cells(late)} run before a cell that stands above: {AGAIN}"


def _gone(notebook: Any, runs: Sequence[Run]) -> Iterator[str]:
    known = {cell.id for cell in notebook.cells}
    lost = {run.cell: run.source for run in runs if run.cell and run.cell not in known}
    for source in lost.values():
        line = next(iter(source.strip().splitlines()), "")
        yield (
            f"a cell was run that is not in the saved notebook ({line[:50]!r}): save it, or if it "
            f"was deleted, what it set lives on: {AGAIN}"
        )


def newer(runs: Iterable[Run], files: Iterable[Path]) -> list[str]:
    """Say which files changed after a cell was run that may rest on them.

    Examples
    --------
    >>> newer([Run("one", "x = 1", 1, ended=0.0)], [Path(__file__)])
    ['session.py changed after cells were run: Run > Run All Cells']
    """
    ended = [run.ended for run in latest(run for run in runs if run.cell).values()]
    since = min(ended, default=time.time())
    changed = [path.name for path in files if path.stat().st_mtime > since]
    if not changed:
        return []
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return [f"{', '.join(changed[:3])}{more} changed after cells were run: Run > Run All Cells"]


def inputs() -> list[Path]:
    """Return the files that what cells show may rest on: code, translations and tables."""
    kinds = ((LIBRARY, "*.py"), (i18n.LOCALE, "*.po"), (tables.root(), "*.csv"))
    return [path for folder, kind in kinds for path in sorted(folder.rglob(kind))]


def _cells(numbers: Sequence[int]) -> str:
    """Return the words for cells, with their verb."""
    words = [str(number) for number in numbers]
    if len(words) == 1:
        return f"cell {words[0]} was"
    return f"cells {', '.join(words[:-1])} and {words[-1]} were"
