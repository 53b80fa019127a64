"""What would stop the publication of a notebook, told under its last cell in JupyterLab.

The same rules as the batch and the tests ask, of what this kernel has run.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.display import display
from markupsafe import Markup, escape

from baaplib import catalogue, contract, i18n
from baaplib.batch.plan import RequestError, read
from baaplib.blocks import WORKBENCH
from baaplib.render.document import document
from baaplib.workbench import preview, session
from baaplib.workbench.session import Session

STOPS, LOOK, WELL = "stops publication", "look at this", "well"
SIGNS = {STOPS: "✗", LOOK: "!", WELL: "✓"}
COLOURS = {STOPS: "--jp-error-color1", LOOK: "--jp-warn-color1", WELL: "--jp-success-color1"}
# So many problems of one kind are told.
MOST = 8


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    Attributes
    ----------
    rule : str
        What was looked at, as it reads if all is well.
    problems : sequence of str
        What is not well, each with what to do.
    kind : str
        STOPS or LOOK: how grave a problem would be.

    Examples
    --------
    >>> Item("It keeps the notebook contract", ()).state
    'well'
    """

    rule: str
    problems: Sequence[str]
    kind: str = STOPS

    @property
    def state(self) -> str:
        """STOPS, LOOK or WELL."""
        return self.kind if self.problems else WELL


def after(result: Any, kernel: Session) -> None:
    """Show the checklist below the cell that calls `brief.sources()`, the last of a notebook."""
    if not (result.success and ends_report(result.info.raw_cell)):
        return
    try:
        items, link = look(kernel)
        said = to_html(items, seen(kernel), link)
    except Exception as error:  # whatever it is, the cell itself is well
        said = f"<p>The checklist cannot be made: {escape(str(error))}</p>"
        items = []
    display({"text/html": said, "text/plain": plain(items), WORKBENCH: {}}, raw=True)


def ends_report(source: str) -> bool:
    """Tell whether a cell calls `sources()`.

    Examples
    --------
    >>> ends_report("brief.sources()"), ends_report("# brief.sources()"), ends_report("%pwd")
    (True, False, False)
    """
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return False
    return any(getattr(call.func, "attr", "") == "sources" for call in calls)


def look(kernel: Session) -> tuple[list[Item], str]:
    """Return the checklist of a notebook, and a link to its report if there is one.

    Raises
    ------
    ValueError
        If the saved notebook cannot be read.
    """
    notebook = kernel.notebook()
    made, refused = _document(kernel)
    stale = [*session.doubts(notebook, kernel.runs), *session.newer(kernel.runs, session.inputs())]
    published, batch = _languages(kernel.path)
    items = [
        Item("Every number has a claim, and every output can be published", refused),
        Item("It keeps the notebook contract", contract.problems(notebook)),
        Item(f"It is translated ({', '.join(published)})", _untranslated(kernel.path, published)),
        Item("No activity that is counted is dropped from the list", _dropped(made), LOOK),
        Item("Cells were run in order, as they are saved", stale, LOOK),
        Item("batch.yml builds it", batch, LOOK),
    ]
    link = ""
    if made:
        path = preview.write(made, "html", kernel.path)
        link = preview.link(path, kernel.path, "Open the report as reviewers will see it")
    return items, link


def _document(kernel: Session) -> tuple[dict[str, Any], list[str]]:
    """Return the document of what was run, or why there is none."""
    try:
        return document(kernel.executed()), []
    except ValueError as error:
        return {}, [str(error)]


def _dropped(made: Mapping[str, Any]) -> list[str]:
    """Return the activities that a report counts before all else and leaves out of its list."""
    listed = {
        row["anchor"] for block in made.get("blocks", ()) for row in block.get("rows", ())
        if isinstance(row, dict) and "anchor" in row
    }  # fmt: skip
    first = (claim for claim in made.get("claims", ()) if claim["measure"] == "activities")
    counted = next(first, {"activities": ()})["activities"]
    lost = [name for name in counted if name.lower() not in listed]
    if not lost or len(lost) == len(counted):  # a report need not list activities
        return []
    more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
    return [
        f"the list lacks {', '.join(lost[:5])}{more}, which the report counts; give "
        "brief.activities() the data that measures.activity_count() counts"
    ]


def _languages(path: Path) -> tuple[list[str], list[str]]:
    """Return the languages in which batch.yml publishes a notebook, and what to do if in none."""
    try:
        batch = read(path.parent / "batch.yml", path.parent)
    except RequestError as error:
        return ["en"], [str(error)]
    if found := catalogue.languages(batch).get(path.stem):
        return found, []
    return ["en"], ["no report of batch.yml is made of this notebook; docs/tutorial.md says how"]


def _untranslated(path: Path, codes: Sequence[str]) -> list[str]:
    texts = [text for _, text, _ in catalogue.notebook_messages(path)]
    return [
        f"no translation into {code!r} of {text!r}; run `make words`, then translate it in "
        f"baaplib/locale/{code}.po"
        for code in codes for text in dict.fromkeys(texts) if not i18n.language(code).has(text)
    ]  # fmt: skip


def seen(kernel: Session) -> str:
    """Say what the checklist has looked at: it cannot see what is not saved."""
    saved = time.strftime("%H:%M:%S", time.localtime(kernel.path.stat().st_mtime))
    return (
        f"Looked at: outputs of this kernel; text and order of cells as saved at {saved}. What you "
        "typed since then is not seen: save (Ctrl+S) and run this cell again."
    )


def to_html(items: Sequence[Item], looked_at: str, link: str) -> str:
    """Write the checklist for JupyterLab, gravest first.

    Parameters
    ----------
    items : sequence of Item
    looked_at : str
        What was looked at.
    link : str
        A link in HTML to the report; empty if there is none.

    Examples
    --------
    >>> print(to_html([Item("It is short", ["cell 3: is long"])], "", "").count("cell 3: is long"))
    1
    """
    return Markup(
        '<div style="border: 1px solid var(--jp-border-color1); border-radius: 4px; '
        'padding: 0.2em 1em; margin: 1em 0; max-width: 62em">'
        "<p><strong>{title}</strong> <small>(only here, never in the report)</small></p>"
        '<ul style="list-style: none; padding: 0; margin: 0.5em 0">{lines}</ul>'
        "<p>{link}</p><p><small>{looked_at}</small></p></div>"
    ).format(
        title=title(items),
        lines=Markup("").join(_line(item) for item in _gravest_first(items)),
        link=Markup(link),  # noqa: S704  made by `preview.link`, which escapes
        looked_at=looked_at,
    )  # fmt: skip


def title(items: Sequence[Item]) -> str:
    """Return the checklist in one line.

    Examples
    --------
    >>> title([Item("a", ()), Item("b", ["x"]), Item("c", ["y"], LOOK)])
    'Not ready to publish: 1 thing stops it, 1 to look at'
    >>> title([Item("a", ())])
    'Ready to publish'
    """
    stops = sum(item.state == STOPS for item in items)
    looks = sum(item.state == LOOK for item in items)
    more = f", {looks} to look at" if looks else ""
    if not stops:
        return f"Ready to publish{more}"
    return f"Not ready to publish: {stops} thing{'s stop' if stops > 1 else ' stops'} it{more}"


def plain(items: Sequence[Item]) -> str:
    """Write the checklist as plain text.

    Examples
    --------
    >>> print(plain([Item("It is short", ["cell 3: is long"])]))
    Not ready to publish: 1 thing stops it
    ✗ It is short
        cell 3: is long
    """
    lines = [title(items)]
    for item in _gravest_first(items):
        lines += [f"{SIGNS[item.state]} {item.rule}", *(f"    {each}" for each in _told(item))]
    return "\n".join(lines)


def _gravest_first(items: Sequence[Item]) -> list[Item]:
    return sorted(items, key=lambda item: [STOPS, LOOK, WELL].index(item.state))


def _told(item: Item) -> Iterator[str]:
    yield from item.problems[:MOST]
    if len(item.problems) > MOST:
        yield f"and {len(item.problems) - MOST} more"


def _line(item: Item) -> Markup:
    problems = Markup("").join(Markup("<li>{}</li>").format(text) for text in _told(item))
    inside = Markup("<ul>{}</ul>").format(problems) if problems else ""
    return Markup(
        '<li style="margin: 0.3em 0"><span role="img" aria-label="{state}" style="display: '
        'inline-block; width: 1.4em; font-weight: bold; color: var({colour}, inherit)">{sign}'
        "</span>{rule}{inside}</li>"
    ).format(
        state=item.state, colour=COLOURS[item.state], sign=SIGNS[item.state], rule=item.rule,
        inside=inside,
    )  # fmt: skip
