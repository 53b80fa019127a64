"""A document is held against the tables made from it: line by line, numeral by numeral.

The first tests make a small document and its edition, as text and as Word file. The last ones take
the real document, which is not ours to store, from the variable BAAP_SOURCE.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement

from baaplib import cli, source, tables

EDITION = "2022-12"
REAL = os.environ.get("BAAP_SOURCE", "")
# So many Chinese characters in a row are the source's sentence; fewer can be the name of a body.
COPIED = 15

LINES = [
    "2\t能力发展",
    "[bookmark: _Toc1]2022年，索马里举办了六次培训，190 000多人参加",
    "",
    "· 西班牙文培训在加纳首都阿克拉举行；第二期有约1600多万人，一个项目，IPv6",
    " ",
    "标题",
    "活动数目",
    "频谱",
    "35",
    "总数",
    "40",
]
TEXTS = [
    "能力发展",
    "2022年，索马里举办了六次培训，190 000多人参加",
    "西班牙文培训在加纳首都阿克拉举行；第二期有约1600多万人，一个项目，IPv6",
    "标题",
    "活动数目",
    "频谱",
    "35",
    "总数",
    "40",
]
ROWS: dict[str, list[dict[str, object]]] = {
    "paragraphs": [
        {"paragraph": number, "section": 2, "kind": "text", "disposition": "context"}
        | {"sha256": source.sha256(text)}
        for number, text in enumerate(TEXTS, start=1)
    ],
    "activities": [
        {"activity_id": name, "component": "theme", "theme": "CAP", "paragraphs": paragraph}
        | dict.fromkeys(("title_en", "title_zh", "summary_en", "summary_zh"), "x")
        | {"in_period": "unknown", "type": "training", "status": "completed"}
        for name, paragraph in {"CAP-001": 2, "CAP-002": 3, "CAP-003": 9}.items()
    ],
    "activity_countries": [
        {"activity_id": "CAP-001", "iso3": "SOM", "role": "beneficiary"},
        {"activity_id": "CAP-002", "iso3": "GHA", "role": "venue"},
    ],
    "figures": [
        {"figure_id": name, "activity_id": activity, "paragraph": int(name[1:4])}
        | {"measure": measure, "value": value, "printed": printed}
        | {"bound": "exact", "cumulative": "false"}
        for name, activity, measure, value, printed in [
            ("F002-1", "CAP-001", "training_sessions", 6, "六"),
            ("F002-2", "CAP-001", "attendances", 190000, "190 000"),
            ("F003-1", "CAP-002", "attendances", 16000000, "1600多万"),
            ("F009-1", "CAP-003", "training_sessions", 40, "40"),
        ]
    ],
    "numerals": [
        {"paragraph": 2, "printed": "2022年", "times": 1, "class": "date"},
        {"paragraph": 3, "printed": "第二", "times": 1, "class": "ordinal"},
        {"paragraph": 3, "printed": "IPv6", "times": 1, "class": "name"},
    ],
    "spectrum_assistance": [
        {"paragraph": 6, "topic_en": "x", "topic_zh": "x"}
        | {"activities": 35, "activities_paragraph": 7}
    ],
    "activity_partners": [],
    "activity_tags": [],
    "findings": [],
}


def write(data: Path, table: str, rows: list[dict[str, object]]) -> None:
    columns = [field["name"] for field in tables.schema(table, data)["fields"]]
    folder = "reference" if tables.is_reference(table) else f"editions/{EDITION}"
    with (data / folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def small(data: Path) -> Path:
    """A data folder with the edition of the small document."""
    for table, rows in ROWS.items():
        write(data, table, rows)
    names = {"索马里": "SOM", "马里": "MLI", "加纳": "GHA", "西班牙": "ESP", "西班牙文": ""}
    aliases = [
        {"alias": name, "language": "zh", "iso3": iso3, "note": "x"} for name, iso3 in names.items()
    ]
    write(data, "country_aliases", aliases)
    return data


def as_text(folder: Path, lines: list[str]) -> Path:
    path = folder / "document.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def as_word(folder: Path, lines: list[str]) -> Path:
    """Write lines the way the document was written: real bookmarks, bullets and a real table."""
    document = docx.Document()
    rest: Iterator[str] = iter(lines)
    for line in rest:
        if line.endswith("标题"):
            _table(document, [line, *rest])
            break
        bare = source.BOOKMARK.sub("", line)
        if bare.startswith("·"):
            document.add_paragraph(source.plain(bare), style="List Bullet")
            continue
        paragraph = document.add_paragraph(bare.replace("190 000", "190\u00a0000"))
        if bare != line:
            paragraph._p.insert(0, OxmlElement("w:bookmarkStart"))
    path = folder / "document.docx"
    document.save(str(path))
    return path


def _table(document: Document, cells: list[str]) -> None:
    """Put cells into a table of two columns up to its total, and the rest below it."""
    end = cells.index("总数") + 2 if "总数" in cells else len(cells) // 2 * 2
    table = document.add_table((end + 1) // 2, 2)
    for index, text in enumerate(cells[:end]):
        table.cell(index // 2, index % 2).text = text
    for text in cells[end:]:
        document.add_paragraph(source.plain(text))


@pytest.mark.parametrize("write_document", [as_text, as_word])
def test_a_document_of_which_each_line_and_numeral_is_known_verifies(
    write_document, small, tmp_path, capsys
):
    path = write_document(tmp_path, LINES)
    assert source.read(path) == TEXTS
    assert cli.main(["verify", str(path)]) == 0
    out = capsys.readouterr().out
    assert "paragraphs: 9 of 9 unchanged" in out
    assert "accounted for: 8 (figures 4, " in out
    assert "spectrum assistance 1" in out


def changed(old: str, new: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [line.replace(old, new) for line in lines]


@pytest.mark.parametrize("write_document", [as_text, as_word])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed("六次", "七次"), ["paragraph 2: is not the text the tables were made from"]),
        (
            lambda lines: [line for line in lines if line != "35"],
            ["paragraph 7: is missing in the document"],
        ),
        (
            lambda lines: ["另一行", *lines],
            ["paragraph 0: '另一行': the document holds a line after paragraph 0 that no row"],
        ),
    ],
)
def test_a_changed_line_is_told_and_moves_no_other(
    change, told, write_document, small, tmp_path, capsys
):
    path = write_document(tmp_path, change(LINES))
    assert cli.main(["verify", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(told), lines
    assert all(want in line for want, line in zip(told, lines, strict=True))


def without(rows: list[dict[str, object]], **where: object) -> list[dict[str, object]]:
    return [row for row in rows if any(row[key] != value for key, value in where.items())]


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        (
            "paragraphs", lambda rows: [rows[0] | {"disposition": "not_curated"}, *rows[1:]],
            "paragraph 1: 'not_curated': is not curated yet",
        ),
        (
            "figures", lambda rows: without(rows, figure_id="F002-1"),
            "paragraph 2: '六': no row accounts for this numeral",
        ),
        (
            "numerals", lambda rows: without(rows, printed="IPv6"),
            "paragraph 3: '6': no row accounts for this numeral",
        ),
        (
            "spectrum_assistance", lambda rows: [],
            "paragraph 7: '35': no row accounts for this numeral",
        ),
        (
            "figures", lambda rows: [rows[0], rows[1] | {"printed": "90 000"}, *rows[2:]],
            "figures.csv:3: printed '90 000': does not stand so in paragraph 2",
        ),
        (
            "numerals", lambda rows: [rows[0] | {"times": 2}, *rows[1:]],
            "numerals.csv:2: printed '2022年': does not stand 2 times in paragraph 2",
        ),
        (
            "activity_countries", lambda rows: rows[1:],
            "paragraph 2: '索马里': is named, but no activity told here is linked to SOM",
        ),
        (
            "activity_countries", lambda rows: [*rows, rows[0] | {"iso3": "MLI"}],
            "activity_countries.csv:4: iso3 'MLI': is named in no paragraph that tells CAP-001",
        ),
        (
            "country_aliases", lambda rows: [
                {"alias": name, "language": "zh", "iso3": iso3, "note": ""}
                for name, iso3 in {"索马里": "SOM", "加纳": "GHA", "西班牙": "ESP"}.items()
            ],
            "paragraph 3: '西班牙': is named, but no activity told here is linked to ESP",
        ),
    ],
)  # fmt: skip
def test_a_row_that_does_not_fit_the_document_is_told(table, change, told, small, tmp_path, capsys):
    write(small, table, change(ROWS.get(table, [])))
    assert cli.main(["verify", str(as_text(tmp_path, LINES))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(told in line for line in lines), lines
    # 90 000 leaves the numeral it should have named without a row.
    assert len(lines) == (2 if "90 000" in told else 1), lines


def test_another_document_is_told_in_one_line(small, tmp_path, capsys):
    path = as_text(tmp_path, [f"第{number}行" for number in range(400)])
    assert cli.main(["verify", str(path)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 1
    assert "is another document: 0 of the 9 paragraphs of edition 2022-12" in out[0]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("document.pdf", b"", "unknown kind of document in document.pdf '.pdf'; allowed: .txt, "),
        ("document.txt", None, "document.txt is no file; name the source document"),
        ("document.txt", "汉字".encode("gb18030"), "document.txt is not UTF-8 (byte 0)"),
        ("document.docx", b"PK", "document.docx is not a Word document inside"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(name, content, told, small, tmp_path, capsys):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert cli.main(["verify", str(tmp_path / name)]) == 2
    assert told in capsys.readouterr().err


def test_an_unknown_edition_is_refused(small, tmp_path, capsys):
    path = as_text(tmp_path, LINES)
    assert cli.main(["verify", str(path), "--edition", "2021-12"]) == 2
    assert "unknown edition '2021-12'; allowed: 2022-12" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9,800名，190 000人，1 100多人", ["9,800", "190 000", "1 100"]),
        ("69.2%，35至45名", ["69.2", "35", "45"]),
        ("1600多万，500万，三百", ["1600多万", "500万", "三百"]),
        ("一个项目，一致，第一次，十一项", ["第一", "十一"]),
        ("GCIv5 IPv6", ["5", "6"]),
        ("2021 2022", ["2021", "2022"]),
    ],
)
def test_numerals_are_found_as_they_are_written(text, found):
    assert source.numerals(text) == found


# The real document

real = pytest.mark.skipif(
    not REAL, reason="BAAP_SOURCE does not name the text of the source document"
)


def chinese_runs(text: str) -> set[str]:
    """Return each run of COPIED Chinese characters in a text."""
    return {
        letters[start : start + COPIED]
        for letters in re.findall(r"[\u3400-\u9fff]+", text)
        for start in range(len(letters) - COPIED + 1)
    }


@real
def test_the_tables_account_for_the_whole_document(capsys):
    assert cli.main(["verify", REAL]) == 0, capsys.readouterr().out
    assert "the very file" in capsys.readouterr().out


@real
def test_the_document_verifies_as_a_word_file_too(tmp_path, capsys):
    lines = Path(REAL).read_text(encoding="utf-8").split("\n")
    assert cli.main(["verify", str(as_word(tmp_path, lines))]) == 0, capsys.readouterr().out
    assert "another file with the text" in capsys.readouterr().out


@real
def test_each_country_name_occurs_in_the_source():
    text = Path(REAL).read_text(encoding="utf-8")
    aliases = tables.load("country_aliases")["alias"]
    assert [alias for alias in aliases if alias not in text] == []


@real
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("activities", ["title_zh", "summary_zh"]),
        ("findings", ["evidence_zh", "treatment_zh"]),
        ("spectrum_assistance", ["topic_zh"]),
    ],
)
def test_no_sentence_is_copied(table, columns):
    text = "\n".join(source.read(Path(REAL)))
    theirs = chinese_runs(text)
    frame = tables.load(table, EDITION)
    copied = {
        f"row {index + 2} {column}": sorted(runs)[0]
        for column in columns
        for index, own in enumerate(frame[column])
        if (runs := chinese_runs(own) & theirs)
    }
    assert not copied, "\n".join(f"{place}: {run}" for place, run in copied.items())
