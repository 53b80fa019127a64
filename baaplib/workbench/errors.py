"""An error in a cell: what happened and what to do, with the traceback a click away."""

from __future__ import annotations

import difflib
import linecache
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import pandas as pd
from IPython.core.error import UsageError
from IPython.display import display
from markupsafe import Markup
from nbconvert.filters import strip_ansi

from baaplib.blocks import WORKBENCH

# Python says what is wrong; this is what an analyst can do about it. Errors of the library itself
# (ValueError) say that already.
HINTS: dict[type[BaseException], str] = {
    NameError: "Run the cells above first (Run > Run All Above Selected Cell), or mend the name.",
    KeyError: "There is no such column or key; `describe(frame)` of baaplib.tables lists columns.",
    ImportError: "Mend the name; if a package is missing, end JupyterLab and start `make lab`.",
    AttributeError: "Press Tab after the dot to see what there is.",
    TypeError: "Put the cursor behind the name and press Shift+Tab to see what it takes.",
}
DETAILS = Markup(
    "<details><summary>Traceback: the way the error took, for whoever mends baaplib</summary>"
    '<pre style="font-size: smaller; white-space: pre-wrap">{text}</pre></details>'
)


def show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    """Show an error; IPython calls this in place of its own traceback.

    Returns
    -------
    list of str
        The lines that stand in the output of kind "error".
    """
    if issubclass(kind, SyntaxError | UsageError):  # these are short already
        shell.showtraceback((kind, error, trace), tb_offset)
        return []
    # For `%debug` and `%tb`, as IPython itself would.
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    whole = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset or 1)
    said = message(error, trace, shell.user_ns)
    # The message that tells JupyterLab to stop running cells; it has no public name.
    shell._showtraceback(kind, error, [said])
    text = strip_ansi("\n".join(whole))  # type: ignore[no-untyped-call]
    display({"text/html": DETAILS.format(text=text), "text/plain": text, WORKBENCH: {}}, raw=True)
    return [said]


def message(error: BaseException, trace: TracebackType | None, names: dict[str, Any]) -> str:
    r"""Return what an analyst reads of an error.

    Parameters
    ----------
    error : BaseException
    trace : traceback
        The way it took.
    names : dict
        The names of the notebook, by which its own cells are known.

    Returns
    -------
    str
        The error, the line of the cell where it came up, and what to do.

    Examples
    --------
    >>> print(message(NameError("name 'brif' is not defined"), None, {}).replace("\x1b", ""))
    [1;31mNameError[0m: name 'brif' is not defined
    Run the cells above first (Run > Run All Above Selected Cell), or mend the name.
    """
    lines = [f"\x1b[1;31m{type(error).__name__}\x1b[0m: {error}{_meant(error, trace, names)}"]
    if place := _place(trace, names):
        lines.append(place)
    lines += [hint for kind, hint in HINTS.items() if isinstance(error, kind)][:1]
    return "\n".join(lines)


def _meant(error: BaseException, trace: TracebackType | None, names: dict[str, Any]) -> str:
    """Return the spelling that was perhaps meant, of a name, an attribute or a column."""
    known: Iterable[str] = ()
    wrong = getattr(error, "name", None)
    if isinstance(error, AttributeError):
        known = dir(error.obj)
    elif isinstance(error, NameError):
        known = names
    elif isinstance(error, KeyError) and error.args:
        wrong, known = error.args[0], _columns(trace)
    close = difflib.get_close_matches(str(wrong), [str(word) for word in known], n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


def _columns(trace: TracebackType | None) -> Iterable[str]:
    """Return the columns of the last frame of data on the way of an error."""
    found: Iterable[str] = ()
    while trace:
        owner = trace.tb_frame.f_locals.get("self")
        found = owner.columns if isinstance(owner, pd.DataFrame) else found
        trace = trace.tb_next
    return found


def _place(trace: TracebackType | None, names: dict[str, Any]) -> str:
    """Return the last line of a cell on the way of an error."""
    place = ""
    while trace:
        if trace.tb_frame.f_globals is names:
            line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip()
            place = f"in line {trace.tb_lineno} of the cell: {line}"
        trace = trace.tb_next
    return place
