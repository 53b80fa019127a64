"""Blocks: what a cell of a notebook shows, and all a report is made of.

A block is a dict that survives JSON. Every text in it is plain text, already in the language of the
report; how it looks is decided once per output (`templates/`), what it may hold once, here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from baaplib import svg
from baaplib.i18n import Language, language
from baaplib.refusal import unknown

MIME = "application/vnd.baap.block+json"
# What JupyterLab shows an analyst alone; no report holds it, and none is refused for it.
WORKBENCH = "application/vnd.baap.workbench+json"
# What stands in a cell where there is nothing to say.
NOTHING = "–"

Block = dict[str, Any]
Rule = Callable[[object, str], None]

LINK = re.compile(r"(https?://|mailto:|#)[^\s<>\"]+")
ANCHOR = re.compile(r"[a-z0-9][a-z0-9-]*")
CODE = re.compile(r"[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){1,2}")
NUMERAL = re.compile(r"\d+(?:\.\d+)?")
# The narrow space between the thousands of a number.
THOUSANDS = re.compile(r"(?<=\d)\u202f(?=\d)")
# Spaces that stand inside a number.
SPACES = str.maketrans("", "", "\u202f\u00a0\u2009")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _text(value: object, where: str) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{where} is {value!r}; it must be text")
    if found := CONTROL.search(value):
        message = f"{where} holds the control character {found[0]!r}; fold lines to spaces first"
        raise ValueError(message)


def _pattern(pattern: re.Pattern[str], meaning: str) -> Rule:
    def rule(value: object, where: str) -> None:
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            raise ValueError(f"{where} is {value!r}; it must be {meaning}")

    return rule


def _date(value: object, where: str) -> None:
    try:
        # Only the full form: Python also reads 20221231 and 2022-W52-6.
        known = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        known = False
    if not known:
        raise ValueError(f"{where} is {value!r}; it must be a full ISO date such as 2022-12-31")


def _number(value: object, where: str) -> None:
    if value is not None and type(value) not in (int, float):
        raise ValueError(f"{where} is {value!r}; it must be a number, or nothing for an open end")


def _run(value: object, where: str) -> None:
    _fit(value, RUN, where)
    if isinstance(value, dict) and {"claim", "href"} <= set(value):
        raise ValueError(f"{where} leads to its claim and to {value['href']}; keep one of them")


def _row(value: object, where: str) -> None:
    _fit(value, ANCHORED_ROW if isinstance(value, dict) else ANCHORED_ROW["cells"], where)


_anchor = _pattern(ANCHOR, "small letters, digits and hyphens")
_link = _pattern(LINK, "an address that starts with https://, http://, mailto: or #")

# A key that ends in "?" may be left out. A list holds any number of its one shape, a tuple choices.
# A run with `claim` says the number of that claim; one with `data` is a text of the tables.
RUN = {
    "text": _text,
    "strong?": bool,
    "em?": bool,
    "code?": bool,
    "href?": _link,
    "claim?": _anchor,
    "data?": bool,
}
# What an index says of a row stands in `indexed`.
ANCHORED_ROW: dict[str, Any] = {"cells": [[_run]], "anchor?": _anchor, "indexed?": _text}
COLUMN = {"label": _text, "align": ("left", "right")}
HEADLINE = {"value": _text, "label": _text, "note": _text, "claim?": _anchor}
# What a report's numbers rest on; one row of the ledger.
CLAIM = {
    "id": _anchor,
    "text": _text,
    "says": _text,
    "measure": _text,
    "scope": [_text],
    "population": _text,
    "place": [_text],
    "window": [_text],
    "cumulative": bool,
    "low": _number,
    "high": _number,
    "bound": _text,
    "whole": _number,
    "figures": [_text],
    "activities": [_text],
    "findings?": [_text],
    "paragraphs": [int],
}
LITERAL = {"text": _text, "reason": _text}
TABLE = {
    "caption": _text,
    "columns": [COLUMN],
    "rows": [_row],
    "row_header": bool,
    "note": _text,
    # On paper, rows to look things up in: run in, small, in two columns.
    "compact?": bool,
}
# A country without a region has an empty one, a region's report no country.
ABOUT = {"region": _text, "region_name": _text, "country": _text}
COMMON = {"type": _text, "anchor?": _anchor, "claims?": [CLAIM], "literals?": [LITERAL]}
SHAPES: dict[str, dict[str, Any]] = {
    "cover": {
        "language": _text,
        "title": _text,
        "standing": _text,
        "subtitle": _text,
        "facts": [{"label": _text, "value": _text}],
        "notices": [_text],
        "identifier": _text,
        "date": _date,
        # What the report is about, so that an index can file it: codes, and the region's name.
        "about?": ABOUT,
    },
    "heading": {"level": (2, 3), "text": _text},
    "paragraph": {"runs": [_run]},
    "list": {"ordered": bool, "items": [[_run]]},
    # A silent note says that there is nothing to show; a report draws several in a row together.
    "note": {"title": _text, "runs": [_run], "silent?": bool},
    "headlines": {"items": [HEADLINE]},
    "table": TABLE,
    "chart": {
        "caption": _text,
        "alt": _text,
        # What stands out in it, in a sentence.
        "see?": _text,
        "svg": svg.check,
        "table": TABLE | COMMON,
        "wide": bool,
        # Stands beside the next or last chart that is half as wide, too.
        "half?": bool,
        "drawn?": [_text],
    },
    "declaration": LITERAL,
}


def check(block: Block) -> None:
    """Refuse a block that the renderers could not show as it was meant.

    Raises
    ------
    ValueError
        Names the place inside the block, what stands there and what is allowed.

    Examples
    --------
    >>> check({"type": "heading", "level": 2, "text": "Coverage"})
    >>> check({"type": "heading", "level": 7, "text": "Coverage"})
    Traceback (most recent call last):
    ValueError: heading.level is 7; it must be one of 2, 3
    """
    kind = block.get("type")
    if kind not in SHAPES:
        raise ValueError(unknown("type of block", kind, SHAPES))
    _fit(block, COMMON | SHAPES[kind], str(kind))
    _check_filled(block)
    for table in (block, block.get("table", {})):
        _check_rows(table)
    if kind == "chart" and not block["alt"].strip():
        raise ValueError("chart.alt is empty; say in words what the chart shows")


def _check_filled(block: Block) -> None:
    if block.get("items", [""]) == []:
        raise ValueError(f"{block['type']}.items is empty; show a note that says there is nothing")


def _check_rows(block: Block) -> None:
    if "rows" in block and not block["columns"]:
        raise ValueError("table.columns is empty; a table needs at least one column")
    for number, row in enumerate(block.get("rows", []), 1):
        if len(cells(row)) != len(block["columns"]):
            message = (
                f"table.rows: row {number} has {len(cells(row))} cells, "
                f"but there are {len(block['columns'])} columns"
            )
            raise ValueError(message)


def _fit(value: object, shape: Any, where: str) -> None:
    if isinstance(shape, dict):
        _fit_keys(value, shape, where)
    elif isinstance(shape, list):
        _fit_items(value, shape[0], where)
    elif isinstance(shape, tuple):
        if value not in shape:
            allowed = ", ".join(map(str, shape))
            raise ValueError(f"{where} is {value!r}; it must be one of {allowed}")
    elif isinstance(shape, type):
        if type(value) is not shape and not (shape is dict and isinstance(value, dict)):
            raise ValueError(f"{where} is {value!r}; it must be of type {shape.__name__}")
    else:
        shape(value, where)


def _fit_keys(value: object, shape: dict[str, Any], where: str) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is {value!r}; it must be a dict with {', '.join(shape)}")
    shapes = {key.rstrip("?"): part for key, part in shape.items()}
    for key in value:
        if key not in shapes:
            raise ValueError(unknown(f"key of {where}", key, shapes))
    for key in shape:
        if not key.endswith("?") and key not in value:
            raise ValueError(f"{where}.{key} is missing")
    for key, part in value.items():
        _fit(part, shapes[key], f"{where}.{key}")


def _fit_items(value: object, shape: Any, where: str) -> None:
    if not isinstance(value, list):
        raise ValueError(f"{where} is {value!r}; it must be a list")
    for index, item in enumerate(value):
        _fit(item, shape, f"{where}[{index}]")


def cells(row: Any) -> list[list[Block]]:
    """Return the cells of a table row, whether or not the row carries an anchor."""
    return row["cells"] if isinstance(row, dict) else row  # type: ignore[no-any-return]


def finding_anchor(finding: str) -> str:
    """Return where a report that lists findings of the source shows one; the index links there.

    Examples
    --------
    >>> finding_anchor("X049-1")
    'f-x049-1'
    """
    return f"f-{finding.lower()}"


def abreast(blocks: Iterable[Block]) -> list[list[Block]]:
    """Group blocks into rows: two half charts that follow each other share one.

    Examples
    --------
    >>> whole, half = {"type": "heading"}, {"type": "chart", "half": True}
    >>> [len(row) for row in abreast([whole, half, half, half, whole])]
    [1, 2, 1, 1]
    """
    rows: list[list[Block]] = []
    for block in blocks:
        last = rows[-1] if rows else []
        if block.get("half") and len(last) == 1 and last[0].get("half"):
            last.append(block)
        else:
            rows.append([block])
    return rows


def to_html(block: Block, lang: Language | None = None) -> str:
    """Write a block as an HTML fragment; every text in it is escaped.

    Parameters
    ----------
    block : dict
    lang : Language, optional
        Whose words label the few things that a block does not name itself; English if not given.

    Examples
    --------
    >>> to_html({"type": "heading", "level": 2, "text": "Ends & means"}).strip()
    '<h2>Ends &amp; means</h2>'
    """
    check(block)
    macros = environment().get_template("blocks.html.j2").module
    words = labels(lang or language("en"))
    return str(macros.block(block, words))  # type: ignore[attr-defined]


@cache
def environment() -> Environment:
    """Return the Jinja environment of the HTML templates; it escapes whatever it prints."""
    loader = PackageLoader("baaplib", "render/templates")
    made = Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters["cells"] = cells
    made.filters["inline"] = _inline
    made.filters["digits"] = digits
    made.filters["whole"] = whole
    made.filters["coded"] = _coded
    made.filters["csv_uri"] = _csv_uri
    made.filters["file_name"] = _file_name
    made.filters["abreast"] = abreast
    return made


def labels(lang: Language) -> dict[str, str]:
    """Return the words that pages need beyond what the blocks themselves say."""
    _ = lang.gettext
    return {
        "nothing": NOTHING,
        "skip": _("Skip to the content"),
        "contents": _("Contents"),
        "closing": _("About this report"),
        "data": _("Data behind this chart"),
        "save": _("Save as CSV"),
        "index": _("Index of reports"),
        "ways": _("The index, and this report in other forms"),
        # What is seen of a link that leads to where it stands.
        "mark": "#",
        "to_section": _("Link to this section: {name}"),
        "to_chart": _("Link to this chart: {name}"),
        "to_table": _("Link to this table: {name}"),
        "annex": _("Data behind the charts"),
        "data_page": _("Data on page {page}"),
        "page": _("Page {page} of {pages}"),
    }


def plain(block: Block) -> str:
    r"""Write a block as plain text, one line for each thing it says.

    Examples
    --------
    >>> plain({"type": "note", "title": "Careful", "runs": [{"text": "Not "}, {"text": "people."}]})
    'Careful\nNot people.'
    """
    return "\n".join(texts(block))


# What steers a block and is never read by a person.
SILENT = {
    "type", "anchor", "claim", "claims", "literals", "drawn", "data", "svg", "href", "align",
    "language", "date", "about", "planned", "indexed",
}  # fmt: skip


def texts(value: object) -> Iterator[str]:
    """Yield every text of a block (or of anything made of blocks) that a reader can see."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from () if key in SILENT else texts(part)
    elif isinstance(value, list) and value and all(_is_run(item) for item in value):
        yield "".join(run["text"] for run in value)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def numerals(text: str) -> list[str]:
    """Return the numbers in a text, without the spaces inside them.

    Examples
    --------
    >>> numerals("at least 9\u202f800, 69.2 per cent")
    ['9800', '69.2']
    """
    return NUMERAL.findall(text.translate(SPACES))


def unbacked(block: Block, declared: Iterable[str] = ()) -> list[str]:
    """Return the numbers of a block that come from nowhere.

    A number is backed by a claim of the block, by a text of the tables in it, or by a literal that
    was declared with its reason. A run that says a claim must say the number of that claim, which
    must be among the block's. A declaration backs itself.

    Parameters
    ----------
    block : dict
    declared : iterable of str
        Texts declared elsewhere in the report.

    Examples
    --------
    >>> unbacked({"type": "paragraph", "runs": [{"text": "Seen 41 times"}]})
    ['41']
    >>> unbacked({"type": "paragraph", "runs": [{"text": "Seen 41 times"}]}, ["41 times"])
    []
    """
    if block["type"] == "declaration":
        return []
    claims = {claim["id"]: claim for claim in block.get("claims", [])}
    own = [literal["text"] for literal in block.get("literals", [])]
    own += [claim[key] for claim in claims.values() for key in ("text", "says")]
    spoken = list(_spoken(block))
    own += [text for text, run in spoken if run.get("data")]
    backing = {number for text in (*own, *declared) for number in numerals(text)}
    lost = []
    for text, run in spoken:
        said = backing
        if "claim" in run:
            said = set(numerals(claims.get(run["claim"], {"text": ""})["text"]))
        lost += [number for number in numerals(text) if not run.get("data") and number not in said]
    return lost


def _spoken(value: object) -> Iterator[tuple[str, Block]]:
    """Yield each text a reader can see, also in a drawing, with the run it is, if it is one."""
    if isinstance(value, str):
        yield value, {}
    elif isinstance(value, list):
        for part in value:
            yield from _spoken(part)
    elif isinstance(value, dict) and _is_run(value):
        yield value["text"], value
    elif isinstance(value, dict):
        if "value" in value and "claim" in value:
            yield value["value"], {"claim": value["claim"]}
        for key, part in value.items():
            if key == "drawn" or not (key in SILENT or (key == "value" and "claim" in value)):
                yield from _spoken(part)


def _is_run(item: object) -> bool:
    return isinstance(item, dict) and "text" in item and "type" not in item


def _inline(block: Block) -> Markup:
    """Return the drawing of a chart for a page: named in words, its letters left to the eye."""
    # Two charts may be drawn alike; an address may be long, and stands at each part of a drawing.
    known = block.get("anchor", "") + block["svg"]
    drawing = svg.inside(
        svg.spaced(block["svg"]), f"i{hashlib.sha256(known.encode()).hexdigest()[:6]}"
    )
    name = escape(whole(block["alt"]))
    # Checked: lines, shapes and letters alone.
    return Markup(drawing.replace("<svg ", f'<svg role="img" aria-label="{name}" ', 1))  # noqa: S704


def digits(text: str) -> Markup:
    """Write a text so that its numbers are copied without the space between their thousands.

    Examples
    --------
    >>> digits("84\u202f027 <people>")
    Markup('84<span class="t"></span>027 &lt;people&gt;')
    """
    spaced = THOUSANDS.sub('<span class="t"></span>', str(escape(text)))
    return Markup(spaced)  # noqa: S704  escaped but for the space


def whole(text: str) -> str:
    r"""Return a text whose numbers have no space in them, for what is heard and not seen.

    Examples
    --------
    >>> whole("84\u202f027 people")
    '84027 people'
    """
    return THOUSANDS.sub("", text)


def to_csv(table: Block) -> str:
    r"""Write a table as CSV: numbers without spaces, nothing that a spreadsheet would execute.

    Examples
    --------
    >>> columns = [{"label": "Partner", "align": "left"}]
    >>> to_csv({"columns": columns, "rows": [[[{"text": "=1+1"}]], [[{"text": "1\u202f200"}]]]})
    "Partner\r\n'=1+1\r\n1200\r\n"
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_harmless(column["label"]) for column in table["columns"])
    for row in table["rows"]:
        writer.writerow(_harmless("".join(run["text"] for run in cell)) for cell in cells(row))
    return stream.getvalue()


def _harmless(text: str) -> str:
    plain = whole(text)
    return f"'{plain}" if plain.startswith(("=", "+", "-", "@", "\t")) else plain


def _csv_uri(table: Block) -> str:
    # The mark at the start tells a spreadsheet that this is UTF-8.
    return "data:text/csv;charset=utf-8," + quote("\ufeff" + to_csv(table))


def _coded(cell: list[Block]) -> bool:
    """Return whether a cell is a key such as UNC-006, which must not be broken."""
    return CODE.fullmatch("".join(run["text"] for run in cell)) is not None


def _file_name(caption: str) -> str:
    return re.sub(r"\W+", "-", caption).strip("-")[:60] or "table"
