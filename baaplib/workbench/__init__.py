"""What JupyterLab adds to a notebook: nothing of it is in a report, and no batch runs it.

The first import of baaplib in a kernel of JupyterLab opens it, as an extension of IPython: edits of
the library are seen at once, `load("` offers tables, an error is a message, `%preview` shows the
report, and under `brief.sources()` stands what would stop its publication.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

from baaplib.blocks import WORKBENCH
from baaplib.workbench import completion, errors
from baaplib.workbench.session import Session

# JupyterLab sets all cells of a table to the right; a report, texts to the left.
LOOK = (
    "<style>.jp-RenderedHTMLCommon :is(th, td, caption) { text-align: left }"
    ".jp-RenderedHTMLCommon :is(th, td).right { text-align: right }</style>"
)


def load_ipython_extension(shell: Any) -> None:
    """Open the workbench in a kernel; IPython calls this once.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    """
    from baaplib.workbench import checklist, preview

    session = Session(shell, Path(os.environ.get("JPY_SESSION_NAME", "")))
    shell.events.register("post_run_cell", session.note)
    shell.events.register("post_run_cell", lambda result: checklist.after(result, session))
    shell.events.register("pre_run_cell", session.begin)
    shell.register_magic_function(lambda line: preview.magic(line, session), "line", "preview")
    shell.set_custom_exc((Exception,), errors.show)
    shell.Completer.custom_matchers.append(completion.matcher)
    for line in ("load_ext autoreload", "autoreload 2"):
        shell.run_line_magic(*line.split())
    # What `tables.describe` says must not be cut.
    pd.set_option("display.max_colwidth", 200)
    display({"text/html": LOOK, "text/plain": "", WORKBENCH: {}}, raw=True)
