"""The report as reviewers will see it, from what this kernel has run."""

from __future__ import annotations

import os
import pkgutil
from html import escape
from pathlib import Path
from typing import Any

from IPython.display import display

from baaplib.batch.plan import FORMATS, RENDERERS
from baaplib.blocks import WORKBENCH
from baaplib.refusal import unknown
from baaplib.render.document import document
from baaplib.workbench.session import Session

# Below `reports/`, which git ignores; no edition has this name.
FOLDER = "preview"
FRAME = (
    '<iframe title="Preview" srcdoc="{page}" style="width: 100%; height: 44em; '
    'border: 1px solid var(--jp-border-color1)"></iframe>'
)


def magic(line: str, session: Session) -> None:
    """Show the report as reviewers will see it: `%preview`, or `%preview pdf`.

    It shows what this kernel has run, with the Markdown as it is saved; the file lies in
    `reports/preview/`. The line is for JupyterLab: take it out again, a report has no use for it.

    Raises
    ------
    ValueError
        If there is no such format, or if the notebook would not be published as it is.
    """
    format = line.strip() or FORMATS[0]
    if format not in FORMATS:
        raise ValueError(unknown("format", format, FORMATS))
    made = document(session.executed())
    path = write(made, format, session.path)
    said = link(path, session.path, f"Open {path.name}")
    if format == "html":
        said += FRAME.format(page=escape(path.read_text(encoding="utf-8")))
    display({"text/html": said, "text/plain": str(path), WORKBENCH: {}}, raw=True)


def write(made: dict[str, Any], format: str, notebook: Path) -> Path:
    """Write a document to the folder of previews, and return the file.

    Parameters
    ----------
    made : dict
        What `baaplib.render.document.document` returns.
    format : str
        One of `batch.plan.FORMATS`.
    notebook : Path
        Where the notebook is saved; `reports/` stands beside its folder.

    Returns
    -------
    Path
        `reports/preview/<notebook>-<region or country>-<language>.<format>`.
    """
    about = made["cover"].get("about", {})
    place = about.get("country") or about.get("region") or "ALL"
    name = f"{notebook.stem}-{place}-{made['language']}.{format}"
    path = notebook.parent.parent / "reports" / FOLDER / name
    content = pkgutil.resolve_name(RENDERERS[format])(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def link(path: Path, notebook: Path, text: str) -> str:
    """Return a link that JupyterLab opens in a tab of its own.

    Examples
    --------
    >>> link(Path("/p/reports/preview/a.html"), Path("/p/notebooks/a.ipynb"), "Open")
    '<a href="../reports/preview/a.html" target="_blank">Open</a>'
    """
    address = Path(os.path.relpath(path, notebook.parent)).as_posix()
    return f'<a href="{escape(address)}" target="_blank">{escape(text)}</a>'
