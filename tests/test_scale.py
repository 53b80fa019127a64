"""Large editions: a synthetic one is well, mistakes in it are found, its claims are exact.

Nothing here is timed; `python tests/bench.py scale` says what a large edition costs.
"""

from __future__ import annotations

import csv
import io
import math
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from baaplib import audit, claims, cover, measures, scan, tables
from baaplib.claims import Claim, Rules
from baaplib.i18n import language

EDITION = synthetic.EDITION


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("synthetic")
    synthetic.write(folder, 300, seed=7)
    return folder


@pytest.fixture
def large(written, tmp_path, monkeypatch) -> Path:
    """A copy of the synthetic data, to break; the library reads it for this test."""
    copy = tmp_path / "large"
    shutil.copytree(written, copy)
    monkeypatch.setenv("BAAP_DATA", str(copy))
    return copy


def test_a_synthetic_edition_is_well_and_loads(large):
    assert audit.check(large) == []
    for name in tables.names():
        frame = tables.load(name, None if tables.is_reference(name) else EDITION)
        assert len(frame), name
    figures = tables.load("figures", EDITION)
    assert 2 * 300 < len(figures) < 4 * 300
    assert set(figures["bound"]) == {"exact", "at_least", "about", "at_most"}


def test_a_seed_gives_the_same_bytes(written, tmp_path):
    for seed, same in ((7, True), (8, False)):
        again = synthetic.write(tmp_path / str(seed), 300, seed=seed)
        own = written / "editions" / EDITION
        names = sorted(path.name for path in own.glob("*.csv"))
        assert names == sorted(path.name for path in again.glob("*.csv"))
        alike = [(own / name).read_bytes() == (again / name).read_bytes() for name in names]
        assert all(alike) == same


PLANTED = {
    "region": ("activities", "region", "AFF", "Did you mean 'AFR'?"),
    "in_period": ("activities", "in_period", "no", "must be "),
    "enum": ("activities", "type", "trainig", "unknown type 'trainig'"),
    "key": ("activities", "activity_id", "CAP-1", "must match"),
    "markup": ("activities", "summary_en", "<b>", "holds markup"),
    "white space": ("activities", "title_zh", "培训\u3000", "white space"),
    "number": ("figures", "value", "many", "must be a number"),
    "numeral": ("figures", "printed", "many", "is no numeral"),
    "paragraph": ("figures", "paragraph", "1234567", "a row of paragraphs"),
    "place": ("figures", "place", "GHX", "unknown place"),
    "country": ("activity_countries", "iso3", "GHX", "unknown iso3"),
    "tag": ("activity_tags", "tag", "C77", " tag"),
    "disposition": ("paragraphs", "disposition", "context", "an activity is told here"),
    "finding": ("findings", "derived", "0.1", "but derived says 0.1"),
    "verdict": ("overlaps", "fingerprint", "00000000", "is void"),
}
WHERE = {
    "in_period": ("in_period", "yes"), "disposition": ("disposition", "activities"),
    "finding": ("kind", "share_mismatch"),
}  # fmt: skip


def plant(data: Path, table: str, column: str, value: str, where: tuple[str, str] | None) -> int:
    """Put a value into the last row that fits; return its number in a spreadsheet."""
    path = data / "editions" / EDITION / f"{table}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    fits = frame.index if where is None else frame.index[frame[where[0]] == where[1]]
    frame.loc[fits[-1], column] = value
    frame.to_csv(path, index=False, lineterminator="\n")
    return int(fits[-1]) + 2


@pytest.mark.parametrize("name", PLANTED)
def test_a_mistake_planted_in_it_is_found_in_its_row(name, large):
    table, column, value, message = PLANTED[name]
    row = plant(large, table, column, value, WHERE.get(name))
    told = [problem for problem in audit.check(large) if problem.row == row]
    assert [p for p in told if p.file.endswith(f"/{table}.csv") and message in p.message]


def test_a_finding_that_is_missing_is_asked_for(large):
    path = large / "editions" / EDITION / "findings.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for kind, message in {
        "outside_period": "no finding of kind outside_period", "share_mismatch": "part and whole",
        "told_twice": "no finding of kind told_twice", "placeholder": "no finding of kind place",
    }.items():  # fmt: skip
        frame[frame["kind"] != kind].to_csv(path, index=False, lineterminator="\n")
        problems = audit.check(large)
        assert len(problems) == (frame["kind"] == kind).sum() > 0
        assert all(message in problem.message for problem in problems)


@pytest.mark.slow
def test_a_larger_one_is_well_too(tmp_path, monkeypatch):
    synthetic.write(tmp_path, 20_000, seed=1)
    monkeypatch.setenv("BAAP_DATA", str(tmp_path))
    assert audit.check(tmp_path) == []
    claim = measures.people_trained(measures.edition(EDITION))
    assert claim.gap == 0


# Reading: the fast way reads exactly what the csv module reads, or is not taken

CELLS = st.text(st.sampled_from('ab,"\n\r \0é字'), max_size=4)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(st.sampled_from('a,"\n\r \0字'), max_size=24))
@example('"1,2')
@example('1,"2\n3"\n')
@example('1"2",3\n')
@example("1,2\n\n3,4\n")
@example('"1"2,3\n')
@example('1,"a""b"')
def test_a_regular_file_is_read_as_the_csv_module_reads_it(body):
    content = ("x,y\n" + body).encode()
    if not scan.regular(content, ["x", "y"]):
        return
    expected = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))[1:]
    assert tables._read_fast(content).frame.to_numpy().tolist() == expected


# A few texts each, the first ones of a column and those that come far down.
FEW_TEXTS = {
    "words": (["AFR", "EUR", ""], ["ASP"]),
    "numbers": (["1", "02", "1e5"], ["3.0", "nan"]),
    "words after numbers": (["1", "2"], ["x"]),
    "numbers and nothing": (["1", "", "02"], ["1.50"]),
    "truth values": (["true", "false"], ["TRUE"]),
    "truth values and nothing": (["true", "", "false"], ["1"]),
    "what may be missing": (["NA", "nan", "None"], ["", "NULL"]),
    "spaces and marks": (["a", " a", '"', ","], ["a ", "字"]),
    "one text": (["x"], []),
    "nothing": ([""], []),
    "more texts than a byte counts": (["a"], [f"u{n}" for n in range(300)]),
    "words before numbers": (["x"], ["1", "1.0", "01"] * 90_000),
    "words before truth values": (["x"], ["true", "TRUE", "1"] * 90_000),
}


def test_a_long_file_is_read_as_the_csv_module_reads_it():
    """Also where columns of few texts are read as categories, in pieces that are put together."""
    rows = 300_000
    columns = [[first[n % len(first)] for n in range(rows)] for first, _ in FEW_TEXTS.values()]
    for column, (_, late) in zip(columns, FEW_TEXTS.values(), strict=True):
        column[rows - len(late) :] = late
    columns.append([str(n) for n in range(rows)])
    stream = io.StringIO(newline="")
    lines = [[*FEW_TEXTS, "key"], *zip(*columns, strict=True)]
    csv.writer(stream, lineterminator="\n").writerows(lines)
    content = stream.getvalue().encode()
    assert scan.regular(content, [*FEW_TEXTS, "key"])
    cells = tables._read_fast(content)
    few = [name for name in FEW_TEXTS if name.startswith(("more texts", "words before"))]
    assert {*few} <= {*cells.known}
    assert len(few) == 3
    for (name, read), wanted in zip(cells.frame.items(), columns, strict=True):
        assert read.tolist() == wanted, name
        codes, values = cells.distinct(name)
        assert (values if codes is None else values.take(codes)).tolist() == wanted, name


def test_equal_keys_are_found_whatever_their_columns_hold():
    """Also where a column differs in most rows, and where numbers for all run over."""
    rows = 3_000
    many, few = [f"k{n}" for n in range(rows)], [f"v{n % 7}" for n in range(rows)]
    for again in (False, True):
        row = ["k1", "v1"] if again else ["k1", "v2"]
        for order in ([0, 1], [1, 0]):
            pairs = [[*pair] for pair in zip(many, few, strict=True)] + [row]
            frame = pd.DataFrame(pairs, columns=["a", "b"], dtype=object)
            cells = tables._Cells(frame)
            schema = {"primaryKey": [frame.columns[n] for n in order]}
            found = list(tables._key_problems("x.csv", cells, schema))
            assert [problem.row for problem in found] == [rows + 2] * again
    wide = (np.array([0, 1, 0]), pd.Series(range(1000)))
    assert not tables._differ([wide] * 7)
    assert tables._differ([wide, (np.array([0, 0, 1]), pd.Series(range(2)))])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[st.text(st.sampled_from('ab," é字'), max_size=4)] * 3), max_size=8))
def test_what_the_csv_module_writes_on_one_line_is_regular(rows):
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([("x", "y", "z"), *rows])
    assert scan.regular(stream.getvalue().encode(), ["x", "y", "z"])


def test_lines_are_scanned_across_blocks(monkeypatch):
    monkeypatch.setattr(scan, "BLOCK", 8)
    good = b"a,b\n" + b'1,"2, 3"\n' * 9
    assert scan.regular(good, ["a", "b"])
    assert scan.regular(good + b"5,6", ["a", "b"])
    for bad in (b"5\n", b"5,6,7\n", b'5,"6\n', b"\n", b'5,6"7"\n', b'5,"6"7\n'):
        assert not scan.regular(good + bad + good[4:], ["a", "b"]), bad


def test_a_field_that_the_csv_module_does_not_take_is_not_regular():
    most = b"z" * csv.field_size_limit()
    for mark in (b"", b'"'):
        assert not scan.regular(b"a,b\n1," + mark + most + b"z" + mark + b"\n", ["a", "b"])
    assert scan.regular(b"a,b\n1," + most[1:] + b"\n", ["a", "b"])


SPECIAL = "a字 =+-@\t\n\u00a0\u3000\u200b\u202e\ufeff\x85<>/!?"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.text(st.sampled_from(SPECIAL), max_size=4), min_size=1, max_size=6))
def test_no_unsafe_text_passes_the_screen(texts):
    """The quick look at many texts misses nothing that the rules themselves find."""
    values = pd.Series(texts, dtype=object)
    unsafe = (
        values.str.contains(tables.FORMULA) | values.str.contains(tables.MARKUP)
        | values.str.contains(tables.INVISIBLE) | (values != values.str.strip())
    )  # fmt: skip
    assert not (unsafe & ~tables._doubtful(texts)).any()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.from_regex(r"(20|19)[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?", fullmatch=True))
@example("2024-02")
@example("2023-02-29")
@example("")
@example(" 202")
@example("+123")
@example("2022102")
def test_one_date_is_read_as_a_column_of_dates_is(text):
    for edge in ("start", "end"):
        one, column = tables._edge(text, edge), tables._day(pd.Series([text]), edge).iloc[0]
        assert (one == column and one.unit == column.unit) or (pd.isna(one) and pd.isna(column))


# Claims: the fewest people are those of the program written out in full

PLACES = "ABCDE"
GROUPS = st.lists(
    st.tuples(st.integers(0, 60), st.frozensets(st.sampled_from(PLACES), max_size=4)),
    min_size=1, max_size=9,
)  # fmt: skip


def written_out(groups, apart=()) -> float:
    """Solve the program over every set of groups that a person of a place may stand in."""
    columns = set()
    for place in [*PLACES, cover.ELSEWHERE]:
        here = [i for i, (_, places) in enumerate(groups) if not places or place in places]
        for chosen in range(1 << len(here)):
            kept = frozenset(i for bit, i in enumerate(here) if chosen >> bit & 1)
            if not any(a in kept and b in kept for a, b in apart):
                columns.add(kept)
    own = [column for column in columns if column]
    reach = np.array([[float(i in column) for column in own] for i in range(len(groups))])
    sizes = [size for size, _ in groups]
    return float(linprog(np.ones(len(own)), A_ub=-reach, b_ub=[-n for n in sizes]).fun)


@pytest.mark.parametrize("at_once", [1, 1000])
@settings(max_examples=120, deadline=None, derandomize=True)
@given(groups=GROUPS, data=st.data())
def test_the_fewest_people_are_exact(at_once, groups, data):
    pair = st.tuples(*[st.integers(0, len(groups) - 1)] * 2).filter(lambda pair: pair[0] < pair[1])
    apart = data.draw(st.sets(pair, max_size=4)) if len(groups) > 1 else set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover, "AT_ONCE", at_once)
        found = cover.cover(*zip(*groups, strict=True), apart)
    expected = math.ceil(round(written_out(groups, apart), 6))
    assert (found.fewest, found.gap) == (expected, 0)
    # The weights prove it without the program: no person counts more than once.
    assert (
        math.ceil(
            sum(
                Fraction(w).limit_denominator(10**4) * n
                for w, (n, _) in zip(found.weights, groups, strict=True)
            )
        )
        == expected
    )


@pytest.mark.parametrize("groups", [3, 4])
def test_groups_that_are_all_apart_add(groups):
    """Two by two they would fit into fewer people."""
    pairs = {(a, b) for b in range(groups) for a in range(b)}
    found = cover.cover([10, 20, 30, 40][:groups], [frozenset("A")] * groups, pairs)
    assert (found.fewest, found.gap) == (sum([10, 20, 30, 40][:groups]), 0)
    assert found.weights == [1.0] * groups


@settings(max_examples=60, deadline=None, derandomize=True)
@given(groups=GROUPS, data=st.data())
def test_verdicts_too_many_to_weigh_leave_a_gap_that_holds_the_answer(groups, data):
    pair = st.tuples(*[st.integers(0, len(groups) - 1)] * 2).filter(lambda pair: pair[0] < pair[1])
    apart = data.draw(st.sets(pair, max_size=5)) if len(groups) > 1 else set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover, "KINDS", 2)
        found = cover.cover(*zip(*groups, strict=True), apart)
    assert found.fewest <= math.ceil(round(written_out(groups, apart), 6))
    assert math.ceil(round(written_out(groups, apart), 6)) <= found.fewest + found.gap


def test_a_gap_is_said():
    claim = Claim("people_trained", 50, 90, "between", gap=3)
    assert claim.text(language("en")) == "50 to 90 (its lower end may be up to 3 too low)"
    assert "3" in claim.text(language("zh"))


def test_the_largest_group_of_each_country_is_what_many_groups_come_to():
    """Simulated: every country reports many courses of its people; the truth is known."""
    dice = np.random.default_rng(3)
    places = [f"P{n:02d}" for n in range(40)]
    home = dice.integers(0, 40, 5000)
    largest = np.zeros(40)
    figures = []
    for n in range(3000):
        own = sorted(set(dice.integers(0, 40, dice.integers(1, 4)).tolist()))
        people = int(dice.integers(1, 30))
        if len(own) == 1:
            people = min(people, int((home == own[0]).sum()))
            largest[own[0]] = max(largest[own[0]], people)
        else:
            people = 1
        figures.append((f"F{n}", people, tuple(places[p] for p in own)))
    rows = pd.DataFrame(figures, columns=["figure_id", "value", "place"]).assign(
        activity_id="CAP-001", measure="people_trained", bound="exact", place_role="origin",
        cumulative=False, part_of=None, occasions=pd.NA,
    )  # fmt: skip
    claim = claims.total(rows, Rules(tables.load("measures")))
    assert (claim.low, claim.gap) == (largest.sum(), 0)
