"""Findings that can be computed are computed: a stale, invented or missing one is a problem.

Two questions, over the raw text frames of one edition: does each finding of an arithmetic kind
follow from the rows it names, and does each contradiction that the rows show have its finding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from baaplib.tables import Problem

Raw = dict[str, pd.DataFrame]
Paths = dict[str, str]
Row = Mapping[str, str]
# The figures a finding names, in its order.
Figures = Sequence[Row]
SEPARATED = re.compile(r"(?<=\d)[\s,](?=\d{3}(?!\d))")


def rederived(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Work out each provable finding of an arithmetic kind again; it must follow and say so.

    A judgement about dates or tellings rests on more than the rows and is not computed; one about
    numbers is.
    """
    findings = raw["findings"]
    judged = (findings["basis"] == "judgement") & ~findings["kind"].isin(NUMERIC)
    due = findings[findings["kind"].isin(list(DERIVED)) & ~judged]
    rows = Rows(raw, due)
    for index, finding in zip(due.index, _mappings(due), strict=True):
        if not rows.hold(finding):
            continue
        try:
            message = DERIVED[finding["kind"]](finding, rows.figures(finding), rows)
        except ValueError:
            continue  # a number that is none has been told already
        if message:
            name, kind = finding["finding_id"], finding["kind"]
            yield Problem(paths["findings"], _row(index), "figures", name, f"{kind}: {message}")


def found(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Ask for a finding wherever the rows themselves show that the source needs one."""
    findings = raw["findings"]
    yield from _paragraphs_found(raw, paths, findings, "placeholder", "placeholder")
    yield from _paragraphs_found(raw, paths, findings, "told_again", "told_twice")
    yield from _outside_found(raw, paths, findings[findings["kind"] == "outside_period"])
    yield from _shares_found(raw, paths, findings[findings["kind"] == "share_mismatch"])


@dataclass(frozen=True)
class Told:
    """Some activities, by their keys and by the paragraphs that tell them."""

    names: frozenset[str]
    paragraphs: frozenset[str]

    @classmethod
    def of(cls, activities: pd.DataFrame) -> Told:
        """Note the activities of some rows."""
        return cls(frozenset(activities["activity_id"]), _members(activities["paragraphs"]))

    def concern(self, finding: Row) -> bool:
        """Tell whether one of them is an activity a finding names, or is told where it stands."""
        if finding["activities"]:
            return not self.names.isdisjoint(finding["activities"].split(";"))
        return not self.paragraphs.isdisjoint(finding["paragraphs"].split(";"))


class Rows:
    """The rows of an edition as findings ask for them, each looked up once for all findings.

    A table is only touched when a finding needs it: one that cannot be read hides no more.
    """

    def __init__(self, raw: Raw, findings: pd.DataFrame) -> None:
        self.raw = raw
        figures = raw["figures"][["figure_id", "activity_id", "value", "bound"]]
        figures = figures[figures["figure_id"].isin(_members(findings["figures"]))]
        self._figures: dict[str, Row] = {}
        for row in _mappings(figures):
            self._figures.setdefault(row["figure_id"], row)
        self._paragraphs = frozenset(raw["paragraphs"]["paragraph"])

    def hold(self, finding: Row) -> bool:
        """Tell whether the figures and paragraphs a finding names exist."""
        figures = [name for name in finding["figures"].split(";") if name]
        return all(name in self._figures for name in figures) and self._paragraphs.issuperset(
            finding["paragraphs"].split(";")
        )

    def figures(self, finding: Row) -> Figures:
        """Return the figures a finding names, in its order."""
        return [self._figures[name] for name in finding["figures"].split(";") if name]

    def linked(self, table: str, column: str, without: str) -> pd.Series[int]:
        """Count the countries or partners of the activities of these figures, but for one role."""
        links = self.raw[table]
        named = {figure["activity_id"] for figure in self._figures.values()}
        own = links[links["activity_id"].isin(named)]
        return own[own["role"] != without].groupby("activity_id")[column].nunique()

    @cached_property
    def countries(self) -> pd.Series[int]:
        """The number of countries of an activity; a mere venue is none."""
        return self.linked("activity_countries", "iso3", "venue")

    @cached_property
    def partners(self) -> pd.Series[int]:
        """The number of partners of an activity; who is only being talked to is none."""
        return self.linked("activity_partners", "partner", "prospective")

    @cached_property
    def beyond(self) -> Told:
        """The activities outside the period or only partly inside it."""
        activities = self.raw["activities"]
        return Told.of(activities[activities["in_period"].isin(["no", "partly"])])

    @cached_property
    def pending(self) -> Told:
        """The activities that are placeholders."""
        return Told.of(self.raw["activities"][self.raw["activities"]["status"] == "pending"])

    @cached_property
    def running(self) -> frozenset[str]:
        """The paragraphs with a figure that names its time or runs since before the period."""
        figures = self.raw["figures"]
        timed = (figures["window_start"] != "") | (figures["window_end"] != "")
        return frozenset(figures.loc[timed | (figures["cumulative"] == "true"), "paragraph"])

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The paragraphs that are placeholders."""
        paragraphs = self.raw["paragraphs"]
        chosen = paragraphs["disposition"] == "placeholder"
        return frozenset(paragraphs.loc[chosen, "paragraph"])

    @cached_property
    def told_often(self) -> dict[str, list[frozenset[str]]]:
        """For each paragraph the tellings, all in one, of its activities that have several."""
        tellings: dict[str, list[frozenset[str]]] = {}
        for cells in self.raw["activities"]["paragraphs"].unique():
            if ";" in cells:
                own = frozenset(cells.split(";"))
                for number in own:
                    tellings.setdefault(number, []).append(own)
        return tellings


def parsed(printed: str) -> float | None:
    """Return the number a printed numeral stands for; None if it is not written as one.

    Several (数) is read as two, the least it can be.

    Examples
    --------
    >>> parsed("190 000"), parsed("1600多万"), parsed("六"), parsed("数百"), parsed("several")
    (190000.0, 16000000.0, 6.0, 200.0, None)
    """
    text = SEPARATED.sub("", printed).translate(str.maketrans("两数", "二二", "多"))
    digits = re.match(r"\d+(\.\d+)?", text)
    total, ones = 0.0, float(digits.group()) if digits else 0.0
    for letter in text[digits.end() if digits else 0 :]:
        number = unicodedata.numeric(letter, -1)
        if number < 0:
            return None
        if number < 10:
            ones = number
        elif number < 10_000:
            total, ones = total + (ones or 1) * number, 0
        else:
            total, ones = (total + ones or 1) * number, 0
    return total + ones if text else None


def _total(finding: Row, figures: Figures, rows: Rows) -> str:
    if not figures:
        return "needs the whole and then its parts"
    whole, *parts = (float(figure["value"]) for figure in figures)
    # The parts of a total that stands alone are the rows of the table on Resolution 9.
    if not parts:
        parts = [float(number) for number in rows.raw["spectrum_assistance"]["activities"]]
    return _differs(finding, sum(parts), whole)


def _share(finding: Row, figures: Figures, rows: Rows) -> str:
    if len(figures) != 3:
        return "needs three figures: the share, the part, the whole"
    share, part, whole = (float(figure["value"]) for figure in figures)
    if not whole:
        return "the whole is 0"
    exact = 100 * part / whole
    if _rounds_to(exact, figures[0]["value"]):
        return f"{part:g} of {whole:g} is {exact:.1f} per cent, which the source prints"
    return _differs(finding, round(exact, 1), share)


def _count(finding: Row, figures: Figures, rows: Rows) -> str:
    if len(figures) != 1 or not finding["counted"]:
        return "needs the announced number and, in counted, what it is held against"
    announced, activity = figures[0], figures[0]["activity_id"]
    counts = {
        "countries": rows.countries.get(activity, 0),
        "partners": rows.partners.get(activity, 0),
        "activities": len([name for name in finding["activities"].split(";") if name]),
        "topics": len(rows.raw["spectrum_assistance"]),
        # The members are no rows, so the count is the reader's; it still has to differ.
        "text": float(finding["derived"] or "nan"),
    }
    derived, value = counts[finding["counted"]], float(announced["value"])
    fits = {"at_least": derived >= value, "at_most": derived <= value}
    if fits.get(announced["bound"], derived == value):
        return f"the rows give {derived:g}, which is no contradiction to {value:g}"
    return _differs(finding, derived, value)


def _conflict(finding: Row, figures: Figures, rows: Rows) -> str:
    if not figures:
        return ""  # dates, names or states conflict, not numbers
    if len({float(figure["value"]) for figure in figures}) == 1:
        return "needs two figures with different values"
    return ""


def _outside(finding: Row, figures: Figures, rows: Rows) -> str:
    if rows.beyond.concern(finding) or not rows.running.isdisjoint(
        finding["paragraphs"].split(";")
    ):
        return ""
    return "nothing told here is dated outside the period or only partly inside it"


def _twice(finding: Row, figures: Figures, rows: Rows) -> str:
    numbers = set(finding["paragraphs"].split(";"))
    tellings = (own for number in numbers for own in rows.told_often.get(number, ()))
    # Twice in one paragraph is twice too.
    if len(numbers) == 1 or any(len(numbers & own) > 1 for own in tellings):
        return ""
    return "no activity is told in two of these paragraphs"


def _placeholder(finding: Row, figures: Figures, rows: Rows) -> str:
    held = not rows.placeholders.isdisjoint(finding["paragraphs"].split(";"))
    return "" if held or rows.pending.concern(finding) else "no placeholder stands here"


DERIVED: dict[str, Callable[[Row, Figures, Rows], str]] = {
    "total_mismatch": _total,
    "share_mismatch": _share,
    "count_mismatch": _count,
    "conflicting_values": _conflict,
    "outside_period": _outside,
    "told_twice": _twice,
    "placeholder": _placeholder,
}

# Kinds whose arithmetic holds whatever else is judged.
NUMERIC = ("total_mismatch", "share_mismatch", "count_mismatch", "conflicting_values")


def _differs(finding: Row, derived: float, stated: float) -> str:
    """Hold a number worked out against the one stated, the finding's own and its evidence."""
    if derived == stated:
        return f"the rows give {derived:g}, as the source states"
    if finding["derived"] == "" or float(finding["derived"]) != derived:
        return f"the rows give {derived:g}, but derived says {finding['derived'] or 'nothing'}"
    for column in ("evidence", "evidence_zh"):
        if not re.search(rf"(?<![\d.]){derived:g}(?![\d.]*\d)", SEPARATED.sub("", finding[column])):
            return f"{column} does not state {derived:g}, which the rows give"
    return ""


def _rounds_to(exact: float, printed: str) -> bool:
    """Tell whether a number is printed as readers round: half a unit goes up."""
    half = 0.5 * 10 ** -len(printed.partition(".")[2])
    return bool(-half - 1e-9 <= exact - float(printed) < half - 1e-9)


def _mappings(frame: pd.DataFrame) -> Iterator[Row]:
    """Yield the rows as mappings, many times faster than as Series."""
    columns = frame.columns.tolist()
    for cells in zip(*(frame[name] for name in columns), strict=True):
        yield dict(zip(columns, cells, strict=True))


def _members(lists: pd.Series[str]) -> frozenset[str]:
    """Return what some lists name."""
    return frozenset(name for text in lists.unique() for name in text.split(";") if name)


def _outside_found(raw: Raw, paths: Paths, findings: pd.DataFrame) -> Iterator[Problem]:
    named = _members(findings["activities"])
    told = _members(findings.loc[findings["activities"] == "", "paragraphs"])
    activities = raw["activities"]
    outside = activities[(activities["in_period"] == "no") & ~activities["activity_id"].isin(named)]
    for index, row in outside.iterrows():
        if told.isdisjoint(row["paragraphs"].split(";")):
            message = "lies outside the period, but no finding of kind outside_period says so"
            yield Problem(
                paths["activities"], _row(index), "in_period", row["activity_id"], message
            )


def _paragraphs_found(
    raw: Raw, paths: Paths, findings: pd.DataFrame, disposition: str, kind: str
) -> Iterator[Problem]:
    """Ask for a finding of a kind on each paragraph of a disposition."""
    named = set(findings.loc[findings["kind"] == kind, "paragraphs"].str.split(";").explode())
    paragraphs = raw["paragraphs"].loc[raw["paragraphs"]["disposition"] == disposition, "paragraph"]
    for index, number in paragraphs[~paragraphs.isin(named)].items():
        message = f"is {disposition}, but no finding of kind {kind} says so"
        yield Problem(paths["paragraphs"], _row(index), "disposition", number, message)


def _shares_found(raw: Raw, paths: Paths, findings: pd.DataFrame) -> Iterator[Problem]:
    """Hold a printed share of women against part and whole, where both are printed."""
    told = set(findings["figures"].str.split(";").str[0])
    columns = ["figure_id", "activity_id", "measure", "value", "population", "part_of", "share_of"]
    figures = raw["figures"][columns]
    shares = figures[(figures["share_of"] != "") & (figures["measure"] == "women_share")]
    shares = shares[~shares["figure_id"].isin(told)].assign(row=lambda own: own.index)
    above = figures[figures["figure_id"].isin(shares["share_of"])].drop_duplicates("figure_id")
    wholes = pd.to_numeric(above.set_index("figure_id")["value"], errors="coerce")
    women = figures[figures["population"].isin(["women", "girls"]) & (figures["part_of"] != "")]
    women = women.drop_duplicates("figure_id")[["part_of", "activity_id", "value"]].set_axis(
        ["share_of", "activity_id", "part"], axis=1
    )
    joined = shares.merge(women, on=["share_of", "activity_id"])
    part = pd.to_numeric(joined["part"], errors="coerce")
    # A number that is none, or of no figure, has been told already.
    joined["exact"] = 100 * part / joined["share_of"].map(wholes)
    joined = joined[pd.to_numeric(joined["value"], errors="coerce").notna()]
    for row, own in _none_fits(joined).groupby("row", sort=False):
        given = ", ".join(f"{exact:.1f}" for exact in own["exact"])
        message = f"part and whole give {given} per cent; add a finding of kind share_mismatch"
        yield Problem(paths["figures"], _row(row), "value", own["value"].iloc[0], message)


def _none_fits(shares: pd.DataFrame) -> pd.DataFrame:
    """Keep the shares that none of their parts gives, unless a part is no number."""
    pairs = zip(shares["exact"], shares["value"], strict=True)
    fits = pd.Series([exact != exact or _rounds_to(exact, value) for exact, value in pairs],
                     index=shares.index, dtype=bool)  # fmt: skip
    return shares[~fits.groupby(shares["row"]).transform("any")]


def _row(index: object) -> int:
    return int(str(index)) + 2
