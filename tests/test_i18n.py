"""Languages: words, numbers and dates; and catalogues that hold every text and no other."""

import json
import re
import shutil

import pytest
from babel.messages.pofile import read_po

from baaplib import brief, catalogue, i18n, tables
from baaplib.i18n import LOCALE, language

CATALOGUES = sorted(LOCALE.glob("*.po"))
TRANSLATED = [path for path in CATALOGUES if path.stem != "en"]
# What `Language.date` and `Language.period` give besides what the English pattern uses.
DATE_PARTS = {"month_number", "first_number", "last_number"}


def entries(path):
    """Return the messages of a catalogue by context and id, the header left out."""
    with path.open("rb") as file:
        read = [message for message in read_po(file, locale=path.stem) if message.id]
    return {
        (message.context or "", *((message.id, "") if isinstance(message.id, str) else message.id)):
            message.string
        for message in read
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("2022", "2022", "2022年"),
        ("2022-10", "October 2022", "2022年10月"),
        ("2022-03", "March 2022", "2022年3月"),
        ("2022-03-08", "8 March 2022", "2022年3月8日"),
    ],
)
def test_a_date_is_as_precise_as_stated(text, english, chinese):
    assert [language(code).date(text) for code in ("en", "zh")] == [english, chinese]


@pytest.mark.parametrize(
    ("start", "end", "english", "chinese"),
    [
        ("2022-06-06", "2022-06-16", "6 to 16 June 2022", "2022年6月6日至16日"),
        ("2022-06-28", "2022-07-01", "28 June 2022 to 1 July 2022", "2022年6月28日至2022年7月1日"),
        ("2022-06-06", "2023-06-16", "6 June 2022 to 16 June 2023",
         "2022年6月6日至2023年6月16日"),
        ("2022-05", "2022-12", "May to December 2022", "2022年5月至12月"),
        ("2022-05", "2023-05", "May 2022 to May 2023", "2022年5月至2023年5月"),
        ("2021", "2022", "2021 to 2022", "2021年至2022年"),
        ("2021", "2022-12", "2021 to December 2022", "2021年至2022年12月"),
        ("2022-05", "2022-05-08", "May 2022 to 8 May 2022", "2022年5月至2022年5月8日"),
        ("2022-05", "2022-05", "May 2022", "2022年5月"),
        ("2022-05", "", "May 2022", "2022年5月"),
    ],
)  # fmt: skip
def test_a_period_says_once_what_both_ends_share(start, end, english, chinese):
    assert [language(code).period(start, end) for code in ("en", "zh")] == [english, chinese]


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0, 0, "0"), (999, 0, "999"), (1000, 0, "1 000"), (16_000_000, 0, "16 000 000"),
     (1234.56, 1, "1 234.6"), (-1500, 0, "-1 500")],
)  # fmt: skip
def test_a_number_has_thin_spaces(value, digits, text, code):
    assert language(code).number(value, digits) == text.replace(" ", i18n.THIN_SPACE)


@pytest.mark.parametrize(
    ("items", "english", "chinese"),
    [([], "", ""), (["a"], "a", "a"), (["a", "b"], "a and b", "a和b"),
     (["a", "b", "c"], "a, b and c", "a、b和c")],
)  # fmt: skip
def test_a_list_reads_as_in_a_sentence(items, english, chinese):
    assert [language(code).join(items) for code in ("en", "zh")] == [english, chinese]


@pytest.mark.parametrize("code", ["zhh", "En", "../en", ""])
def test_an_unknown_language_is_refused(code):
    with pytest.raises(ValueError, match=r"unknown report language .*allowed: en, zh") as refusal:
        language(code)
    if code == "zhh":
        assert "Did you mean 'zh'" in str(refusal.value)


def test_a_language_knows_its_tag_and_columns():
    assert (language("zh").tag, language("en").tag) == ("zh-Hans", "en")
    assert (language("zh").column("name"), language("en").column("name")) == ("name_zh", "name_en")


@pytest.mark.parametrize(
    ("column", "value", "english", "chinese"),
    [("kind", "un_body", "UN body", "联合国机构"), ("status", "ongoing", "ongoing", "进行中"),
     ("nobody", "no_such_term", "no such term", "no such term")],
)  # fmt: skip
def test_a_term_has_words(column, value, english, chinese):
    assert [language(code).term(column, value) for code in ("en", "zh")] == [english, chinese]


@pytest.mark.parametrize("texts", sorted(key[1:] for key in catalogue.messages() if key[2]))
def test_the_number_chooses_singular_or_plural(texts):
    assert tuple(language("en").ngettext(*texts, n) for n in (1, 2)) == texts
    one, two = (language("zh").ngettext(*texts, n) for n in (1, 2))
    assert one == two not in texts


@pytest.mark.parametrize("code", i18n.languages())
@pytest.mark.parametrize("column", sorted(brief.TERMS))
def test_two_terms_of_a_column_never_read_the_same(column, code):
    for table in tables.names():
        for field in tables.schema(table)["fields"]:
            terms = field.get("constraints", {}).get("enum", []) if field["name"] == column else []
            words = {language(code).term(column, term) for term in terms}
            assert len(words) == len(terms), (table, words)


# Catalogues.


def test_every_language_is_found():
    assert set(i18n.languages()) == {"en"} | {path.stem for path in CATALOGUES}
    assert TRANSLATED


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: path.stem)
def test_every_text_is_translated(path):
    translated = {key for key, string in entries(path).items() if string and all(string)}
    assert sorted(catalogue.messages(language=path.stem) - translated) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_text_is_obsolete(path):
    assert sorted(set(entries(path)) - catalogue.messages()) == []
    assert "#~" not in path.read_text(encoding="utf-8")
    assert "fuzzy" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_has_the_names_in_braces_of_its_text(path):
    for (_, text, plural), string in entries(path).items():
        expected = i18n.placeholders(text) | i18n.placeholders(plural)
        dated = {"month", "year", "first_month"} & expected
        for written in (string,) if isinstance(string, str) else string:
            found = i18n.placeholders(written)
            extra = found - expected
            assert extra <= (DATE_PARTS if dated else set()), text
            # A number of the month may stand for its name.
            names = {"month", "first_month", "last_month"} if extra else set()
            assert expected - found <= names, text


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_braces_of_a_translation_are_names(path):
    for string in entries(path).values():
        for written in (string,) if isinstance(string, str) else string:
            assert not set("{}") & set(re.sub(r"{\w+}", "", written))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("Said")', [("", "Said", "")]),
        ('lang.gettext("Said {n}").format(n=1)', [("", "Said {n}", "")]),
        ('lang.gettext("one "\n  "text")', [("", "one text", "")]),
        ('lang.pgettext("list", " and ")', [("list", " and ", "")]),
        ('lang.ngettext("{n} day", "{n} days", n)', [("", "{n} day", "{n} days")]),
        ('brief.say("It is {title}.", title="Not this")', [("", "It is {title}.", "")]),
        ('brief.note("Title", "Text {n}", n=1)', [("", "Title", ""), ("", "Text {n}", "")]),
        ('brief.chart("Caption", bars, frame, ["not", "these"])', [("", "Caption", "")]),
        ('brief.chart(draw=bars, frame=frame, caption="Caption")', [("", "Caption", "")]),
        ('brief.table("Caption", f, ["no"], "Note")', [("", "Caption", ""), ("", "Note", "")]),
        ('brief.table("Caption", f, ["no"], note="Note")', [("", "Caption", ""), ("", "Note", "")]),
        ('brief.table("Caption", f, ["no"], note="")', [("", "Caption", "")]),
        ('print("Not this"); name("region", "AFR"); _(message); x = "_(no)"', []),
        ("measures.table(1, 2, 3, 4)", []),
    ],
)
def test_texts_of_code_are_found(source, found):
    assert sorted(catalogue.code_messages(source)) == sorted(found)


def test_texts_of_notebooks_and_terms_are_found(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["## How *many*\n", "\n", "So many."]},
        {"cell_type": "code", "source": ["brief.say(\n", '    "There are some."\n', ")"]},
        {"cell_type": "raw", "source": ["brief.say('Not this')"]},
    ]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    found = catalogue.messages(tmp_path)
    texts = {text for _, text, _ in found}
    assert {"So many.", "There are some."} <= texts
    assert any("How" in text and "many" in text for text in texts)
    assert "Not this" not in texts
    assert {
        ("status", "ongoing", ""),
        ("step", "trained", ""),
        ("span", "running total", ""),
    } <= found
    assert not {text for _, text, _ in catalogue.messages(tmp_path / "none")} & {"So many."}


@pytest.fixture
def copy(tmp_path):
    return shutil.copy(LOCALE / "zh.po", tmp_path / "zh.po")


def test_update_keeps_translations_drops_old_texts_and_names_new_ones(copy):
    before = entries(copy)
    gone = ("", "{number} per cent", "")
    new = {("", "Brand new", ""), ("list", "Brand new", ""), ("", "{n} day", "{n} days")}
    missing = catalogue.update(copy, set(before) - {gone} | new)
    after = entries(copy)
    assert set(missing) == new
    assert gone not in after
    assert {key: after[key] for key in after if key in before} == {
        key: string for key, string in before.items() if key != gone
    }
    assert not any(any(after[key]) for key in new)


def test_update_changes_nothing_where_nothing_is_new(copy):
    """Nor is the file written: somebody may be building reports with it."""
    before, text = copy.stat(), copy.read_text(encoding="utf-8")
    assert catalogue.update(copy, catalogue.messages(language="zh")) == []
    assert copy.read_text(encoding="utf-8") == text
    assert (copy.stat().st_ino, copy.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_main_says_what_is_missing(copy, monkeypatch, capsys):
    monkeypatch.setattr(catalogue, "LOCALE", copy.parent)
    assert catalogue.main() == 0
    wanted = catalogue.messages() | {("kind", "Brand new", "")}
    monkeypatch.setattr(catalogue, "messages", lambda language: wanted)
    assert catalogue.main() == 1
    assert "zh.po: no translation of kind: 'Brand new'" in capsys.readouterr().out
