"""From an executed notebook to a document: one cover and a list of blocks.

Both renderers start here: what a report refuses to show is refused once, with the cell's number.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from baaplib.blocks import ABOUT, MIME, WORKBENCH, Block, check, labels, texts, unbacked
from baaplib.i18n import Language, language
from baaplib.render import fonts

# What `say`, `table` and `chart` are for; shown when something else comes out of a cell.
SHOW = "show results with say(), table() or chart(), and end other lines with a semicolon"
ADVICE = {
    "error": "mend the cell and run the notebook again",
    "stderr": "a warning is no part of a report: remove its cause",
    "stdout": "replace print() by say()",
}

# HTML in Markdown is text, not markup; breaks inside a paragraph are spaces.
MARKDOWN = MarkdownIt("commonmark", {"html": False})
STYLES = {
    f"{name}_{side}": key
    for name, key in {"strong": "strong", "em": "em", "link": "href"}.items()
    for side in ("open", "close")
}

WORD = re.compile(r"[a-z]+")
# What Markdown can make.
MARKED = ("heading", "paragraph", "list")
# So many words of a text name it.
LONGEST = 9


def document(notebook: Any) -> dict[str, Any]:
    """Return what a report shows, ready for either renderer.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook; its set-up cell must have shown a cover.

    Returns
    -------
    dict
        `language`, `tag`, `title`, `kind`, `cover`, `labels`, `blocks`, `closing` (the notices) and
        `claims` (each once, with the caption or text it was first shown in).

    Raises
    ------
    ValueError
        If a cell shows anything but blocks, no claim backs a number, a text has no translation or
        no glyph, headings skip a level, or a link leads nowhere; names the cell where there is one.
    """
    shown = list(_shown(notebook))
    cover = _cover(shown)
    lang = language(cover["language"])
    body = [pair for number, part in shown for pair in _blocks(number, part, lang)]
    declared = [block["text"] for _, block in body if block["type"] == "declaration"]
    _check_backing(body, declared)
    body = [(number, block) for number, block in body if block["type"] != "declaration"]
    kind = _kind(body.pop(0)[1])
    words = labels(lang)
    blocks = _answer_first(_silence_once([block for _, block in body], lang), lang)
    closing = _closing(cover, words)
    _check_levels(body)
    _name([*blocks, *closing])
    _check_links([*blocks, *closing])
    made = {
        "language": lang.code,
        "tag": lang.tag,
        "title": lang.gettext("{kind}: {subject}").format(kind=kind, subject=cover["title"]),
        "kind": kind,
        "cover": cover,
        "labels": words,
        "blocks": blocks,
        "closing": closing,
        "claims": claims_of(blocks),
    }
    fonts.missing_glyphs(texts(made))
    return made


def _answer_first(blocks: list[Block], lang: Language) -> list[Block]:
    """Say what a notebook concludes where its report begins: under "In brief", as first thing."""
    heads = [i for i, block in enumerate(blocks) if block["type"] == "heading"]
    at = {blocks[i]["text"]: i for i in heads if blocks[i]["level"] == 2}
    brief, end = (at.get(lang.gettext(name)) for name in ("In brief", "Conclusion"))
    if brief is None or end is None or end < brief:
        return blocks
    after = next((i for i in heads if i > end), len(blocks))
    concluding = blocks[end + 1 : after]
    return [*blocks[: brief + 1], *concluding, *blocks[brief + 1 : end], *blocks[after:]]


def facts(made: dict[str, Any]) -> dict[str, Any]:
    """Return what an index says of a document without opening it.

    Parameters
    ----------
    made : dict
        What `document` returns.

    Returns
    -------
    dict
        `title`, `kind`, `subject` and `subtitle` in the report's language; how many `charts`,
        `tables` and `numbers` (claims) it shows; `about` (see `blocks.ABOUT`); `rows`, by their
        anchors, of which it says what an index is to say.
    """
    cover, shown = made["cover"], [block["type"] for block in made["blocks"]]
    rows = (row for block in made["blocks"] for row in block.get("rows", ()) if "indexed" in row)
    return {
        "title": made["title"],
        "kind": made["kind"],
        "subject": cover["title"],
        "subtitle": cover["subtitle"],
        "charts": shown.count("chart"),
        "tables": shown.count("table"),
        "numbers": len(made["claims"]),
        "about": cover.get("about", dict.fromkeys(ABOUT, "")),
        "rows": {row["anchor"]: row["indexed"] for row in rows},
    }


def markdown_messages(text: str) -> list[str]:
    r"""Return the message ids of a Markdown cell, as the catalogue must hold them.

    Raises
    ------
    ValueError
        If the cell holds Markdown that reports do not support.

    Examples
    --------
    >>> markdown_messages("# Regional brief\n\nWhat was *done*,\nand where?\n\n- one\n- two")
    ['Regional brief', 'What was *done*, and where?', 'one', 'two']
    """
    messages: list[str] = []

    def keep(message: str) -> list[Block]:
        messages.append(message)
        return []

    for _ in _markdown(text, keep):
        pass
    return messages


def claims_of(blocks: Iterable[Block]) -> list[Block]:
    """Return every claim of blocks once, each with the caption or text it was first shown by."""
    found: dict[str, Block] = {}
    for block in blocks:
        text = block.get("caption") or "".join(run["text"] for run in block.get("runs", []))
        cards = {
            card.get("claim"): card["label"] for card in block.get("items", []) if "claim" in card
        }
        for claim in block.get("claims", []):
            shown = cards.get(claim["id"], text)
            found.setdefault(claim["id"], {**claim, "shown": shown})
    return list(found.values())


def _shown(notebook: Any) -> Iterator[tuple[int, Block | str]]:
    """Yield the blocks of code cells and, while the language is not known, Markdown as text."""
    # Papermill adds a cell; people count the cells of the notebook they wrote.
    written = (c for c in notebook.cells if "injected-parameters" not in c.metadata.get("tags", []))
    for number, cell in enumerate(written, 1):
        if cell.cell_type == "markdown":
            yield number, cell.source
        for output in cell.get("outputs", []):
            if WORKBENCH not in output.get("data", {}):
                yield number, _block(number, output)


def _block(number: int, output: Any) -> Block:
    data = output.get("data", {})
    if MIME not in data:
        kind = output.get("name", output.output_type)
        raise ValueError(f"cell {number} shows {_described(output)}; {ADVICE.get(kind, SHOW)}")
    _at(number, check, data[MIME])
    # Plain dicts: whoever gets them from another process need not know notebooks.
    plain: Block = json.loads(json.dumps(data[MIME]))
    return plain


def _described(output: Any) -> str:
    if output.output_type == "error":
        return f"an error ({output.ename}: {output.evalue})"
    if output.output_type == "stream":
        return f"text on {output.name} ({output.text.strip()[:200]!r})"
    return f"a bare result ({', '.join(sorted(output.data))})"


def _cover(shown: list[tuple[int, Block | str]]) -> Block:
    covers = [(n, b) for n, b in shown if not isinstance(b, str) and b["type"] == "cover"]
    if len(covers) != 1:
        where = ", ".join(f"cell {number}" for number, _ in covers) or "none; is it executed?"
        raise ValueError(f"a report has exactly one cover, from its set-up cell; found: {where}")
    return covers[0][1]


def _blocks(number: int, part: Block | str, lang: Language) -> Iterator[tuple[int, Block]]:
    if isinstance(part, str):
        said = _markdown(part, lambda message: _runs(lang.said(message)))
        yield from ((number, block) for block in _at(number, list, said))
    elif part["type"] != "cover":
        yield number, part


def _kind(first: Block) -> str:
    if first["type"] != "heading" or first["level"] != 1:
        raise ValueError("a notebook starts with a Markdown cell '# Kind of report'; add it")
    return str(first["text"])


def _at(number: int, step: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return step(*arguments)
    except ValueError as error:
        raise ValueError(f"cell {number}: {error}") from error


def _markdown(text: str, runs: Callable[[str], list[Block]]) -> Iterator[Block]:
    """Yield the blocks of a Markdown text; `runs` makes the runs of each message in it."""
    for node in SyntaxTreeNode(MARKDOWN.parse(text)).children:
        if node.type == "heading":
            said = "".join(run["text"] for run in runs(_message(node)))
            # Named by the message id, a heading has the same address in all languages.
            name = slug(_message(node), "section")
            yield {"type": "heading", "level": int(node.tag[1:]), "text": said, "anchor": name}
        elif node.type == "paragraph":
            yield {"type": "paragraph", "runs": runs(_message(node))}
        elif node.type in ("bullet_list", "ordered_list"):
            items = [runs(_item(item)) for item in node.children]
            yield {"type": "list", "ordered": node.type == "ordered_list", "items": items}
        else:
            raise ValueError(_unsupported(node.type))


def _item(node: SyntaxTreeNode) -> str:
    if [child.type for child in node.children] != ["paragraph"]:
        raise ValueError(_unsupported("list item that is empty or holds more than one paragraph"))
    return _message(node.children[0])


def _message(node: SyntaxTreeNode) -> str:
    return " ".join(node.children[0].content.split())


def _unsupported(what: str) -> str:
    known = "headings, paragraphs, flat lists, **strong**, *emphasis*, `code`, [text](https://...)"
    return f"unsupported Markdown ({what.replace('_', ' ')}); reports know {known}"


def _runs(source: str) -> list[Block]:
    """Return the runs of one line of Markdown."""
    style: dict[str, Any] = {}
    made: list[Block] = []
    for token in MARKDOWN.parseInline(source)[0].children or []:
        if token.type in STYLES:
            _restyle(style, token)
        elif token.type in ("text", "code_inline"):
            code = {"code": True} if token.type == "code_inline" else {}
            made += [{"text": token.content} | style | code] if token.content else []
        else:
            raise ValueError(_unsupported(token.type))
    return made


def _restyle(style: dict[str, Any], token: Token) -> None:
    key = STYLES[token.type]
    if token.nesting > 0:
        style[key] = token.attrs.get("href", True)
    else:
        style.pop(key, None)


def _closing(cover: Block, words: dict[str, str]) -> list[Block]:
    """Return the notices of the cover as the last section of the report."""
    notices: list[Block] = [
        {"type": "paragraph", "runs": [{"text": text}]} for text in cover["notices"]
    ]
    heading = {
        "type": "heading", "level": 2, "text": words["closing"], "anchor": "about-this-report",
    }  # fmt: skip
    return [heading, *notices] if notices else []


def _silence_once(blocks: list[Block], lang: Language) -> list[Block]:
    """Draw notes together that follow each other and say of several things that there are none."""
    kept: list[Block] = []
    for block in blocks:
        last = kept[-1] if kept else {}
        if block.get("silent") and last.get("silent") and block["runs"] == last["runs"]:
            both = (last["title"], block["title"])
            kept[-1] = {**last, "title": lang.pgettext("list", "; ").join(both)}
        else:
            kept.append(block)
    return kept


def _check_levels(body: list[tuple[int, Block]]) -> None:
    """Refuse skipped and unsupported heading levels; Markdown has not been checked before."""
    last = 1
    for number, block in body:
        if block["type"] in MARKED:
            _at(number, check, block)
        if block["type"] == "heading":
            if block["level"] > last + 1:
                raise ValueError(f"cell {number}: heading {block['text']!r} skips level {last + 1}")
            last = block["level"]


def _check_backing(body: list[tuple[int, Block]], declared: list[str]) -> None:
    """Refuse numbers that come from nowhere, also those typed by hand into Markdown."""
    for number, block in body:
        if lost := list(dict.fromkeys(unbacked(block, declared))):
            message = (
                f"cell {number}: no claim backs the number {', '.join(lost)}; say it with a claim "
                "in a code cell, or declare it: brief.literal(text, reason)"
            )
            raise ValueError(message)


def slug(text: str, kind: str) -> str:
    """Return an address made of the words of a text, so that it outlives blocks put before it.

    Numbers are left out, as they change with the tables. A text that is not written in Latin
    letters is known by its fingerprint.

    Examples
    --------
    >>> slug("People trained in Côte d'Ivoire, 2022", "chart")
    'people-trained-in-cote-d-ivoire'
    >>> slug("按主题开展的ICT活动", "chart")
    'chart-7a816ab9'
    """
    latin = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = WORD.findall(latin)
    if 2 * len("".join(words)) < sum(letter.isalpha() for letter in text) or not words:
        return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return "-".join(words[:LONGEST])


def _name(blocks: list[Block]) -> None:
    """Give every heading, chart and table an anchor of its own, and lead the links there."""
    named = {"heading": "section", "chart": "chart", "table": "table"}
    parts = [block for block in blocks if block["type"] in named]
    every = list(_dicts(blocks))
    taken = {part["anchor"] for part in every if "anchor" in part}
    taken -= {part["anchor"] for part in parts if "anchor" in part}
    moved = {}
    for part in parts:
        kind = part["type"]
        own = part.get("anchor") if kind == "heading" else None
        name = own or slug(part.get("caption") or part["text"], named[kind])
        number = 1
        while (free := f"{name}-{number}" if number > 1 else name) in taken:
            number += 1
        taken.add(free)
        if "anchor" in part:
            moved[f"#{part['anchor']}"] = f"#{free}"
        part["anchor"] = free
    for part in every:
        if part.get("href") in moved and "text" in part:
            part["href"] = moved[part["href"]]


def _check_links(blocks: list[Block]) -> None:
    """Refuse an anchor that stands twice, and a link to an anchor that does not stand at all."""
    every = list(_dicts(blocks))
    anchors = [part["anchor"] for part in every if "anchor" in part]
    links = {part["href"][1:] for part in every if part.get("href", "").startswith("#")}
    claims = {part["claim"] for part in every if "claim" in part}
    if claims and not {f"c-{name}" for name in claims} <= set(anchors):
        message = "the report shows numbers without evidence; end the notebook with brief.sources()"
        raise ValueError(message)
    if twice := {anchor for anchor in anchors if anchors.count(anchor) > 1}:
        raise ValueError(f"anchors must be unique; used twice: {', '.join(sorted(twice))}")
    if lost := links - set(anchors):
        raise ValueError(f"links lead to anchors that do not exist: {', '.join(sorted(lost))}")


def _dicts(value: Any) -> Iterator[Block]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            yield from _dicts(part)
