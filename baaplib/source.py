"""The source document against the tables: is it the one, and does a row account for each numeral.

The document is read as text or as Word file. What a conversion adds or loses at the edge of a line
(bookmarks, bullets, the number of a heading) is no part of it; a Word table is read cell by cell,
which is how a text copy holds it, one cell to a line. Nothing here knows a line by its number.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from baaplib import tables
from baaplib.refusal import unknown
from baaplib.tables import Problem

if TYPE_CHECKING:
    from docx.table import Table
    from docx.text.paragraph import Paragraph

BOOKMARK = re.compile(r"\[bookmark: [^\]]*\]")
# A bullet, or the number a heading starts with, set off by white space.
MARKER = re.compile(r"^(?:[·•–—-]|\d{1,2}(?=\t))\s+")
# Digits with their separators, or Chinese numerals; 第 makes an ordinal of one. 一 alone is an
# article of Chinese as often as a number, so that it is a numeral only where a row says so.
NUMERAL = re.compile(
    r"\d+(?:[, ]\d{3}(?!\d))*(?:\.\d+)?(?:多?[百千万亿]+)?|第?[一二两三四五六七八九十百千万亿]+"
)
ARTICLE = "一"
# Below this share of known lines a document is another one, not an edited copy.
KNOWN = 0.5


@dataclass
class Verification:
    """How a document and the tables of an edition fit.

    Attributes
    ----------
    edition : str
        Edition it was held against.
    paragraphs : int
        Paragraphs of the edition.
    same : int
        Paragraphs whose text the document holds unchanged.
    exact : bool
        The file is, byte for byte, the one the tables were made from.
    numerals : Counter
        Numerals of the unchanged paragraphs by what accounts for them: figures, table rows, each
        class of `numerals.csv`.
    problems : list of Problem
        Everything that does not fit; empty if all does.
    """

    edition: str
    paragraphs: int
    same: int
    exact: bool
    numerals: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        file = "the very file" if self.exact else "another file with the text"
        parts = ", ".join(f"{kind} {count}" for kind, count in self.numerals.most_common())
        return (
            f"edition {self.edition}: {file} the tables were made from\n"
            f"paragraphs: {self.same} of {self.paragraphs} unchanged\n"
            f"numerals accounted for: {self.numerals.total()} ({parts})"
        )


def plain(line: str) -> str:
    r"""Return the text of a line without bookmark, bullet or heading number, spaces made single.

    Examples
    --------
    >>> plain("[bookmark: _Toc1]2\tTraining  of\u00a0all ")
    'Training of all'
    """
    bare = MARKER.sub("", BOOKMARK.sub("", line).lstrip())
    return " ".join(bare.split())


def sha256(text: str) -> str:
    """Return the fingerprint of a line's text, in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def numerals(text: str) -> list[str]:
    """Return the numerals of a text in their order.

    Examples
    --------
    >>> numerals("1 100多人参加六次会议，一个项目，1600多万")
    ['1 100', '六', '1600多万']
    """
    return [found for found in NUMERAL.findall(text) if found != ARTICLE]


def read(path: Path) -> list[str]:
    """Return the texts of the lines of a document that are not empty.

    Parameters
    ----------
    path : Path
        A `.txt` in UTF-8 or a `.docx`.

    Raises
    ------
    ValueError
        If there is no such file, it is of another kind or cannot be read as what its name says.
    """
    readers = {".txt": _text, ".docx": _word}
    if path.suffix.lower() not in readers:
        raise ValueError(unknown(f"kind of document in {path.name}", path.suffix, readers))
    if not path.is_file():
        raise ValueError(f"{path} is no file; name the source document, .txt or .docx")
    return [text for line in readers[path.suffix.lower()](path) if (text := plain(line))]


def _text(path: Path) -> list[str]:
    try:
        # Lines end at line feeds only: other separators stand inside lines.
        return path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8 (byte {error.start}); save it as UTF-8 text"
        raise ValueError(message) from None


def _word(path: Path) -> Iterator[str]:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, KeyError, ValueError):
        message = f"{path.name} is not a Word document inside; save it as .docx again"
        raise ValueError(message) from None
    yield from _blocks(document.iter_inner_content())


def _blocks(blocks: Iterator[Paragraph | Table]) -> Iterator[str]:
    for block in blocks:
        if hasattr(block, "rows"):
            seen = set()
            for row in block.rows:
                for cell in row.cells:
                    if cell._tc not in seen:  # a merged cell is returned once for each place
                        seen.add(cell._tc)
                        yield from _blocks(cell.iter_inner_content())
        else:
            yield from block.text.split("\n")


def verify(path: Path, edition: str | None = None) -> Verification:
    """Hold a document against the tables made from it.

    Parameters
    ----------
    path : Path
        The document, `.txt` or `.docx`.
    edition : str, optional
        Edition to hold it against; the one with most lines in common if not given.

    Returns
    -------
    Verification
        `problems` is empty only if each paragraph is unchanged and curated, each numeral a row
        prints stands in its paragraph, each numeral of the document has a row, and countries are
        linked where they are named.

    Raises
    ------
    ValueError
        If the document cannot be read, or the edition does not exist.
    """
    lines = read(path)
    known = {
        name: tables.load("paragraphs", name)["sha256"].tolist()
        for name in ([edition] if edition else tables.editions())
    }
    hashes = [sha256(line) for line in lines]
    shared = {name: (Counter(own) & Counter(hashes)).total() for name, own in known.items()}
    chosen = max(shared, key=lambda name: shared[name])
    registered = tables.load("editions").set_index("edition")["source_sha256"]
    result = Verification(
        chosen,
        len(known[chosen]),
        shared[chosen],
        hashlib.sha256(path.read_bytes()).hexdigest() == registered[chosen],
    )
    if result.same < KNOWN * result.paragraphs:
        message = (
            f"is another document: {result.same} of the {result.paragraphs} paragraphs of "
            f"edition {chosen} stand in it; name the one the tables were made from"
        )
        result.problems.append(Problem(path.name, 0, "", "", message))
        return result
    texts, changes = _align(lines, hashes, known[chosen])
    result.same = len(texts)
    result.problems += changes
    result.problems += _uncurated(chosen)
    result.problems += _accounts(texts, chosen, result.numerals)
    result.problems += _countries(texts, chosen)
    return result


def _align(
    lines: list[str], hashes: list[str], known: list[str]
) -> tuple[dict[int, str], list[Problem]]:
    """Pair paragraphs with lines; a line more or less does not shift all that follow."""
    texts: dict[int, str] = {}
    problems = []
    for change, a, b, c, d in SequenceMatcher(None, known, hashes, autojunk=False).get_opcodes():
        if change == "equal":
            texts |= {a + step + 1: lines[c + step] for step in range(b - a)}
            continue
        both = min(b - a, d - c)
        for number in range(a + 1, a + both + 1):
            problems.append(_about(number, "", "is not the text the tables were made from"))
        for number in range(a + both + 1, b + 1):
            problems.append(_about(number, "", "is missing in the document"))
        for line in lines[c + both : d]:
            message = f"the document holds a line after paragraph {a + both} that no row describes"
            problems.append(_about(a + both, line[:30], message))
    return texts, problems


def _uncurated(edition: str) -> Iterator[Problem]:
    paragraphs = tables.load("paragraphs", edition)
    for number in paragraphs.loc[paragraphs["disposition"] == "not_curated", "paragraph"]:
        yield _about(int(number), "not_curated", "is not curated yet; give it a disposition")


def _about(paragraph: int, value: str, message: str) -> Problem:
    return Problem(f"paragraph {paragraph}", 0, "", value, message)


def printed(edition: str) -> pd.DataFrame:
    """Return what each row of an edition says a paragraph prints.

    Returns
    -------
    DataFrame
        Columns paragraph, printed, times, kind (figures, table rows or the class of a numeral),
        file and row, as a spreadsheet numbers it.
    """
    sources = {
        "figures": ("paragraph", "printed"),
        "numerals": ("paragraph", "printed"),
        "spectrum_assistance": ("activities_paragraph", "activities"),
    }
    parts = []
    for table, (paragraph, text) in sources.items():
        frame = tables.load(table, edition)
        kind = frame["class"].astype(str) if table == "numerals" else table.replace("_", " ")
        parts.append(
            pd.DataFrame(
                {
                    "paragraph": frame[paragraph].astype(int),
                    "printed": frame[text].astype(str),
                    "times": frame["times"].astype(int) if table == "numerals" else 1,
                    "kind": kind,
                    "file": f"editions/{edition}/{table}.csv",
                    "row": frame.index + 2,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _accounts(texts: dict[int, str], edition: str, counts: Counter[str]) -> Iterator[Problem]:
    """Cross out in each paragraph what the rows print; nothing may be missing or left."""
    rows = printed(edition)
    # The longest first: the 5 of 5 December is no figure, whatever figure prints a 5.
    rows = rows.assign(length=rows["printed"].str.len()).sort_values(
        ["paragraph", "length"], ascending=[True, False], kind="stable"
    )
    left = dict(texts)
    columns = ["paragraph", "printed", "times", "kind", "file", "row"]
    for number, numeral, times, kind, file, row in rows[columns].itertuples(index=False, name=None):
        if number not in left:
            continue
        left[number], found = _standing(numeral).subn("\0", left[number], count=times)
        if found < times:
            how = f"{times} times" if times > 1 else "so"
            message = f"does not stand {how} in paragraph {number}, beside other rows' own"
            yield Problem(file, row, "printed", numeral, message)
        counts[kind] += found
    for number, text in left.items():
        for numeral in numerals(text):
            message = "no row accounts for this numeral; give it one in figures or numerals"
            yield _about(number, numeral, message)


def _standing(printed: str) -> re.Pattern[str]:
    """Match a printed numeral where it is not part of a longer row of digits."""
    before = r"(?<![\d])(?<!\d[,.])" if printed[0].isdigit() else ""
    after = r"(?![\d])" if printed[-1].isdigit() else ""
    return re.compile(before + re.escape(printed) + after)


def _countries(texts: dict[int, str], edition: str) -> Iterator[Problem]:
    """Each country a telling paragraph names is linked, and each one linked is named."""
    activities = tables.load("activities", edition).set_index("activity_id")["paragraphs"]
    linked = _linked(edition)
    names, meant = _spellings(edition)
    named = {
        number: {name: meant[name] for name in names.findall(text) if name in meant}
        for number, text in texts.items()
    }
    told = activities.explode()
    for number, here in told.groupby(told):
        known = set().union(*(linked.get(activity, set()) for activity in here.index))
        for name, iso3 in named.get(number, {}).items():
            if iso3 not in known:
                message = (
                    f"is named, but no activity told here is linked to {iso3}; "
                    "link it, or give the longer wording an alias without a country"
                )
                yield _about(number, name, message)
    links = tables.load("activity_countries", edition)[["activity_id", "iso3"]].astype(str)
    for row, (activity, iso3) in enumerate(links.itertuples(index=False, name=None), start=2):
        paragraphs = set(activities[activity])
        if paragraphs <= set(texts) and not any(iso3 in named[n].values() for n in paragraphs):
            message = (
                f"is named in no paragraph that tells {activity}; "
                "country_aliases holds the spellings"
            )
            file = f"editions/{edition}/activity_countries.csv"
            yield Problem(file, row, "iso3", iso3, message)


def _spellings(edition: str) -> tuple[re.Pattern[str], dict[str, str]]:
    aliases = tables.load("country_aliases")
    language = tables.load("editions").set_index("edition")["source_language"][edition]
    own = aliases[aliases["language"].astype(str) == str(language)]
    # The longest name wins, so that 索马里 is not taken for 马里; one without a country is a trap.
    longest = sorted(own["alias"].astype(str), key=len, reverse=True)
    real = own[own["iso3"].notna()]
    meant = dict(zip(real["alias"].astype(str), real["iso3"].astype(str), strict=True))
    return re.compile("|".join(map(re.escape, longest))), meant


def _linked(edition: str) -> dict[str, set[str]]:
    """Return the countries of each activity: its own, its partners' and its figures'."""
    home = tables.load("partners").set_index("partner")["iso3"].astype(object)
    partners = tables.load("activity_partners", edition)
    places = tables.load("figures", edition).explode("place")
    links = pd.concat(
        [
            tables.load("activity_countries", edition)[["activity_id", "iso3"]].astype(object),
            partners.assign(iso3=partners["partner"].map(home))[["activity_id", "iso3"]],
            places.rename(columns={"place": "iso3"})[["activity_id", "iso3"]],
        ]
    ).dropna()
    grouped = links["iso3"].groupby(links["activity_id"].astype(str))
    return {str(activity): set(own) for activity, own in grouped}
