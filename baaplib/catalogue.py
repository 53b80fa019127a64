"""Which texts a reader can meet, and the catalogues that translate them.

`messages` gathers every text from code, notebooks and schemas; `update` brings the catalogues of
`locale/` in line with them. `make words` runs this module; a test fails while a text is missing.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from baaplib import measures, tables
from baaplib.batch import publish
from baaplib.brief import TERMS
from baaplib.i18n import LOCALE
from baaplib.measures import (
    country_profile,
    digital_services,
    research_statistics,
    training_centres,
)
from baaplib.render.document import markdown_messages

# A message: its context (empty for none), its text, and its plural form (empty for none).
Message = tuple[str, str, str]

# Which arguments of a call are texts: of gettext itself, and of the methods of a Brief.
TEXTS = {
    "_": (0,),
    "gettext": (0,),
    "_runs": (0,),
    "say": (0,),
    "remark": (1,),
    "note": (0, 1),
    "chart": (0,),
    "table": (0, 3),
    "each": (0,),
}
# The same by name, where a notebook may write it so; `say` and `note` take values by name.
NAMED_TEXTS = {"chart": ("caption",), "table": ("caption", "note")}
LIBRARY = Path(__file__).parent
NOTEBOOKS = LIBRARY.parent / "notebooks"
HELP = (
    "{number} text(s) to translate: in baaplib/locale/{file}, write each between the quotation "
    "marks of its msgstr and run `make words` again; a report that batch.yml does not build in "
    "{code!r} needs no translation\n"
)


def messages(notebooks: Path = NOTEBOOKS, language: str = "") -> set[Message]:
    """Return every text that a report can show and that is not in a table.

    Parameters
    ----------
    notebooks : Path
        Folder of the notebooks.
    language : str, optional
        Only of notebooks that batch.yml builds in this language; of all if not given.

    Examples
    --------
    >>> ("", "In brief", "") in messages()
    True
    >>> ("", "Title of the report", "") in messages(language="zh")  # of the template
    False
    """
    found: set[Message] = set()
    for path in LIBRARY.rglob("*.py"):
        # What analysts alone read stays English.
        if path.parent.name != "workbench":
            found |= set(code_messages(path.read_text(encoding="utf-8")))
    built = _built(notebooks) if language else {}
    for path in notebooks.glob("*.ipynb"):
        if not language or language in built.get(path.stem, ()):
            found |= set(notebook_messages(path))
    return found | set(_terms())


def _built(notebooks: Path) -> dict[str, list[str]]:
    return languages(yaml.safe_load((notebooks / "batch.yml").read_text(encoding="utf-8")))


def languages(batch: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the languages in which a batch builds each notebook.

    Parameters
    ----------
    batch : mapping
        What batch.yml holds.

    Examples
    --------
    >>> people = {"notebook": "people", "over": {"language": ["zh", "en"]}}
    >>> languages({"reports": {"people": people}})
    {'people': ['en', 'zh']}
    """
    found: dict[str, set[str]] = {}
    for entry in batch["reports"].values():
        fixed, over = entry.get("parameters", {}), entry.get("over", {})
        asked = over.get("language", [fixed["language"]] if "language" in fixed else [])
        found.setdefault(entry["notebook"], set()).update(asked)
    return {notebook: sorted(codes) for notebook, codes in found.items()}


def code_messages(source: str) -> Iterator[Message]:
    """Yield the texts that Python code hands to gettext or to a Brief.

    Examples
    --------
    >>> list(code_messages('brief.say("It reaches {n}.", n=1)'))
    [('', 'It reaches {n}.', '')]
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        texts = [
            arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else ""
            for arg in node.args
        ]
        for keyword in node.keywords:
            value = getattr(keyword.value, "value", "")
            if keyword.arg in NAMED_TEXTS.get(name, ()) and isinstance(value, str) and value:
                yield "", value, ""
        if name == "pgettext" and len(texts) > 1 and texts[0] and texts[1]:
            yield texts[0], texts[1], ""
        elif name == "ngettext" and len(texts) > 1 and texts[0]:
            yield "", texts[0], texts[1]
        else:
            yield from (("", texts[i], "") for i in TEXTS.get(name, ()) if texts[i : i + 1] > [""])


def update(path: Path, wanted: set[Message]) -> list[Message]:
    """Bring a catalogue in line with the texts; return those without a translation.

    Translations are kept, new texts come in empty, texts that are gone go.
    """
    with path.open("rb") as file:
        old = read_po(file, locale=path.stem)
    new = Catalog(locale=path.stem, fuzzy=False)
    missing = []
    for context, text, plural in sorted(wanted):
        known = old.get(text, context or None)
        translation = known.string if known else ""
        new.add((text, plural) if plural else text, translation, context=context or None)
        if not translation or not all(translation):
            missing.append((context, text, plural))
    # The header is ours to keep: Babel's carries the time of the run.
    header, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
    written = io.BytesIO()
    write_po(written, new, width=100, omit_header=True, sort_output=True)
    content = f"{header}\n\n{written.getvalue().decode()}".encode()
    if content != path.read_bytes():  # a run may be reading it
        publish.write(path, content)
    return missing


def main() -> int:
    """Update all catalogues; print what is missing and return 1 if anything is."""
    status = 0
    for path in sorted(LOCALE.glob("*.po")):
        # English is written in the code itself; its catalogue holds only what reads otherwise.
        if path.stem == "en":
            continue
        missing = update(path, messages(language=path.stem))
        for context, text, _ in missing:
            sys.stdout.write(
                f"{path.name}: no translation of {context and context + ': '}{text!r}\n"
            )
        if missing:
            status = 1
            sys.stdout.write(HELP.format(number=len(missing), file=path.name, code=path.stem))
    return status


def notebook_messages(path: Path) -> Iterator[Message]:
    """Yield the texts of a notebook: of its Markdown, and those it hands to a Brief."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield from (("", text, "") for text in markdown_messages(source))
        elif cell["cell_type"] == "code":
            yield from code_messages(source)


def _terms() -> Iterator[Message]:
    """Yield the terms that schemas and measures put into columns, in the context of the column."""
    for name in tables.names():
        for field in tables.schema(name)["fields"]:
            terms = field.get("constraints", {}).get("enum", ())
            for term in terms if field["name"] in TERMS else ():
                yield field["name"], term.replace("_", " "), ""
    for group in tables.load("country_groups")["group"].unique():
        yield "group", str(group), ""
    for step in (*measures.STEPS.values(), *digital_services.STEPS):
        yield "step", step.replace("_", " "), ""
    for network in (*training_centres.NETWORKS.values(), *training_centres.PHASES):
        yield "network", network, ""
    for least in measures.LEAST:
        yield "least", least, ""
    for span in measures.SPANS.values():
        yield "span", span, ""
    for precision in research_statistics.PRECISIONS:
        yield "precision", precision, ""
    yield "role", country_profile.HOME, ""
    yield "reported", country_profile.HERE, ""


if __name__ == "__main__":
    sys.exit(main())
