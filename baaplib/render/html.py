"""Notebook to HTML: one file that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from baaplib.blocks import environment, texts
from baaplib.i18n import language
from baaplib.render import design, fonts
from baaplib.render.typefaces import HAN, LATIN, OTHER

FACE = (
    '@font-face{{font-family:"{family}";font-style:{style};font-weight:{weight};'
    'src:url(data:font/woff;base64,{data}) format("woff")}}\n'
)
# A table of more columns is too wide for a phone.
WIDE = 4
WEIGHTS = {LATIN: "400 700", HAN: "400", OTHER: "400"}


def page(made: dict[str, Any]) -> str:
    """Write a document as one HTML page.

    Parameters
    ----------
    made : dict
        What `baaplib.render.document.document` returns.
    """
    ways = _ways(made)
    every = [*made["blocks"], *made["closing"]]
    drawings = [block["svg"] for block in every if block["type"] == "chart"]
    style = _style(made, ways) + cards(every) + (design.dark_charts(drawings) if drawings else "")
    script = source("report.js")
    template = environment().get_template("report.html.j2")
    return template.render(
        made,
        # Our own style sheet and script: texts that must not be escaped, or no hash would fit.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        ways=ways,
        policy=policy(style, script),
        sections=[b for b in every if b["type"] == "heading" and b["level"] == 2],
    )


def policy(style: str, script: str) -> str:
    """Return a policy under which nothing is loaded, and no style and script run but our own."""
    hashes = [
        base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in (style, script)
    ]
    return (
        "default-src 'none'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'"
    )


def source(name: str) -> str:
    """Return the text of a file of `templates/`."""
    return files("baaplib.render").joinpath(f"templates/{name}").read_text("utf-8")


def look(words: Iterable[str], code: str, *, italic: bool = False) -> str:
    """Return the look of a page: fonts that can write its words, the design tokens, `report.css`.

    Parameters
    ----------
    words : iterable of str
        All that a reader can see.
    code : str
        Language code.
    italic : bool
        Whether any of it is emphasised.
    """
    faces = fonts.faces(words, code, italic=italic)
    return "".join(_face(*face) for face in faces) + design.css() + source("report.css")


def cards(blocks: Iterable[dict[str, Any]]) -> str:
    r"""Return what the cells of wide tables say that they are, where a row is drawn as a card.

    Said once for each column, not in each cell: a list of evidence has a thousand of them.

    Examples
    --------
    >>> columns = [{"label": label} for label in ("Key", "Size", "Day", "Place", "<b>")]
    >>> print(cards([{"anchor": "a", "columns": columns}]).splitlines()[-1])
    #a td:nth-child(5){--label:"\3c b\3e "}
    """
    rules = [
        f'#{block["anchor"]} td:nth-child({at}){{--label:"{escaped(column["label"])}"}}\n'
        for block in blocks
        if len(columns := block.get("table", block).get("columns", ())) > WIDE
        for at, column in enumerate(columns, 1)
    ]
    return "".join(rules)


def escaped(text: str) -> str:
    r"""Write a text so that it can stand between quotation marks in CSS and HTML, whatever it says.

    Examples
    --------
    >>> print(escaped("</style"))
    \3c \2f style
    """
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)


def index_name(code: str) -> str:
    """Return the name of the index in a language; English is what a folder opens with.

    Examples
    --------
    >>> index_name("en"), index_name("zh")
    ('index.html', 'index.zh.html')
    """
    return "index.html" if code == "en" else f"index.{code}.html"


def _ways(made: dict[str, Any]) -> list[dict[str, str]]:
    """Return where a report leads: the index, itself in other languages, its PDF.

    Only what the plan names: a page that was made alone leads nowhere.
    """
    own = made["language"]
    planned = [path.partition("/")[::2] for path in made.get("planned", ())]
    if not planned:
        return []
    ways = [{"text": made["labels"]["index"], "href": f"../{index_name(own)}", "tag": ""}]
    for code, name in planned:
        if code != own and name.endswith(".html"):
            other = language(code)
            said = other.language_name(code)
            ways.append({"text": said, "href": f"../{code}/{quote(name)}", "tag": other.tag})
    ways += [
        {"text": "PDF", "href": quote(name), "tag": ""}
        for code, name in planned
        if code == own and name.endswith(".pdf")
    ]
    return ways


def _style(made: dict[str, Any], ways: list[dict[str, str]]) -> str:
    words = [*texts(made), *(way["text"] for way in ways)]
    return look(words, made["language"], italic=_any_emphasis(made))


def _face(family: str, style: str, data: bytes) -> str:
    encoded = base64.b64encode(data).decode()
    return FACE.format(family=family, style=style, weight=WEIGHTS[family], data=encoded)


def _any_emphasis(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value.get("em")) or _any_emphasis(list(value.values()))
    return isinstance(value, list) and any(map(_any_emphasis, value))
