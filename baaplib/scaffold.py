"""A notebook of one's own, from the template that the tests hold to the contract; `baap new`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

TEMPLATE = "_template"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What batch.yml needs to build the new notebook; English alone needs no translation.
ENTRY = """\
  {report}:
    notebook: {notebook}
    parameters: {{edition: "{edition}"}}
    over:
      region: [ALL]
      language: [en]
    formats: [html, pdf]
"""


def new(name: str, notebooks: Path) -> Path:
    """Write a new notebook from the template, and return its file.

    Parameters
    ----------
    name : str
        Name of the file without `.ipynb`: small letters, digits and single underscores.
    notebooks : Path
        Folder of the notebooks.

    Returns
    -------
    Path
        The new file. Its cells carry ids of their own, so that two notebooks can be told apart.

    Raises
    ------
    ValueError
        If the name is none that a report can have, or there is such a notebook already.

    Examples
    --------
    >>> new("My Notebook", Path("notebooks"))
    Traceback (most recent call last):
    ValueError: 'My Notebook' cannot name a notebook; use small letters, digits and single \
underscores, as in my_notebook
    """
    if not NAME.fullmatch(name):
        close = "_".join(re.findall(r"[a-z][a-z0-9]*|[0-9]+", name.removesuffix(".ipynb").lower()))
        known = close if NAME.fullmatch(close) else "women_trained"
        message = (
            f"{name!r} cannot name a notebook; use small letters, digits and single underscores, "
            f"as in {known}"
        )
        raise ValueError(message)
    path = notebooks / f"{name}.ipynb"
    template = json.loads((notebooks / f"{TEMPLATE}.ipynb").read_text(encoding="utf-8"))
    for cell in template["cells"]:
        cell["id"] = cell["id"].replace("template", name.replace("_", "-")[:40], 1)
    text = json.dumps(template, indent=1, ensure_ascii=False) + "\n"
    try:
        with path.open("x", encoding="utf-8") as file:  # never over a notebook that is there
            file.write(text)
    except FileExistsError:
        message = f"{path} is there already; choose another name, or open it with `make lab`"
        raise ValueError(message) from None
    return path


def entry(path: Path) -> str:
    """Return the lines that make batch.yml build a notebook, in English.

    Parameters
    ----------
    path : Path
        A notebook that `new` wrote.
    """
    cells: list[Any] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    edition = re.search(r'edition: str = "([^"]+)"', "".join(cells[1]["source"]))
    return ENTRY.format(
        report=path.stem.replace("_", "-"),
        notebook=path.stem,
        edition=edition[1] if edition else "",
    )
