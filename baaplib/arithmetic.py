"""Findings that can be computed are computed: a stale, invented or missing one is a problem.

Two questions, over the raw text frames of one edition: does each finding of an arithmetic kind
follow from the rows it names, and does each contradiction that the rows show have its finding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import pandas as pd

from baaplib.tables import Problem

Raw = dict[str, pd.DataFrame]
Paths = dict[str, str]
Row = pd.Series
SEPARATED = re.compile(r"(?<=\d)[\s,](?=\d{3}(?!\d))")


def rederived(raw: Raw, paths: Paths) -> Iterator[Problem]:
    """Work out each provable finding of an arithmetic kind again; it must follow and say so.

    A judgement about dates or tellings rests on more than the rows and is not computed; one about
    numbers is.
    """
    values = raw["figures"].drop_duplicates("figure_id").set_index("figure_id")
    known = set(raw["paragraphs"]["paragraph"])
    for index, finding in raw["findings"].iterrows():
        figures = [name for name in finding["figures"].split(";") if name]
        links = set(figures) <= set(values.index) and set(finding["paragraphs"].split(";")) <= known
        judged = finding["basis"] == "judgement" and finding["kind"] not in NUMERIC
        if finding["kind"] not in DERIVED or judged or not links:
            continue
        try:
            message = DERIVED[finding["kind"]](finding, values.loc[figures], raw)
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


def _total(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    if figures.empty:
        return "needs the whole and then its parts"
    # The parts of a total that stands alone are the rows of the table on Resolution 9.
    parts = figures["value"][1:] if len(figures) > 1 else raw["spectrum_assistance"]["activities"]
    whole = float(figures["value"].iloc[0])
    return _differs(finding, sum(map(float, parts)), whole)


def _share(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    if len(figures) != 3:
        return "needs three figures: the share, the part, the whole"
    share, part, whole = (float(value) for value in figures["value"])
    if not whole:
        return "the whole is 0"
    exact = 100 * part / whole
    if _rounds_to(exact, figures["value"].iloc[0]):
        return f"{part:g} of {whole:g} is {exact:.1f} per cent, which the source prints"
    return _differs(finding, round(exact, 1), share)


def _count(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    if len(figures) != 1 or not finding["counted"]:
        return "needs the announced number and, in counted, what it is held against"
    announced, activity = figures.iloc[0], figures["activity_id"].iloc[0]
    countries, partners = raw["activity_countries"], raw["activity_partners"]
    linked = countries[(countries["activity_id"] == activity) & (countries["role"] != "venue")]
    taking = partners[(partners["activity_id"] == activity) & (partners["role"] != "prospective")]
    counts = {
        "countries": linked["iso3"].nunique(),
        "partners": taking["partner"].nunique(),
        "activities": len([name for name in finding["activities"].split(";") if name]),
        "topics": len(raw["spectrum_assistance"]),
        # The members are no rows, so the count is the reader's; it still has to differ.
        "text": float(finding["derived"] or "nan"),
    }
    derived, value = counts[finding["counted"]], float(announced["value"])
    fits = {"at_least": derived >= value, "at_most": derived <= value}
    if fits.get(announced["bound"], derived == value):
        return f"the rows give {derived:g}, which is no contradiction to {value:g}"
    return _differs(finding, derived, value)


def _conflict(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    if figures.empty:
        return ""  # dates, names or states conflict, not numbers
    if len(figures) == 1 or figures["value"].astype(float).nunique() == 1:
        return "needs two figures with different values"
    return ""


def _outside(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    numbers = set(finding["paragraphs"].split(";"))
    own = raw["figures"][raw["figures"]["paragraph"].isin(numbers)]
    running = (own["cumulative"] == "true") | (own["window_start"] + own["window_end"] != "")
    activities = _concerned(finding, raw)
    if activities["in_period"].isin(["no", "partly"]).any() or running.any():
        return ""
    return "nothing told here is dated outside the period or only partly inside it"


def _twice(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    numbers = set(finding["paragraphs"].split(";"))
    told = raw["activities"]["paragraphs"].str.split(";")
    shared = told.map(lambda paragraphs: len(numbers.intersection(paragraphs)))
    # Twice in one paragraph is twice too.
    if len(numbers) == 1 or (shared >= 2).any():
        return ""
    return "no activity is told in two of these paragraphs"


def _placeholder(finding: Row, figures: pd.DataFrame, raw: Raw) -> str:
    paragraphs = raw["paragraphs"].set_index("paragraph")["disposition"]
    held = paragraphs.reindex(finding["paragraphs"].split(";")) == "placeholder"
    pending = _concerned(finding, raw)["status"] == "pending"
    return "" if held.any() or pending.any() else "no placeholder stands here"


DERIVED: dict[str, Callable[[Row, pd.DataFrame, Raw], str]] = {
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


def _concerned(finding: Row, raw: Raw) -> pd.DataFrame:
    """Return the activities a finding names, or all that its paragraphs tell."""
    activities = raw["activities"]
    if finding["activities"]:
        return activities[activities["activity_id"].isin(finding["activities"].split(";"))]
    numbers = set(finding["paragraphs"].split(";"))
    told = activities["paragraphs"].str.split(";").map(lambda own: bool(numbers & set(own)))
    return activities[told]


def _outside_found(raw: Raw, paths: Paths, findings: pd.DataFrame) -> Iterator[Problem]:
    covered = {name for _, row in findings.iterrows() for name in _concerned(row, raw).activity_id}
    activities = raw["activities"]
    for index, row in activities[activities["in_period"] == "no"].iterrows():
        if row["activity_id"] not in covered:
            message = "lies outside the period, but no finding of kind outside_period says so"
            yield Problem(
                paths["activities"], _row(index), "in_period", row["activity_id"], message
            )


def _paragraphs_found(
    raw: Raw, paths: Paths, findings: pd.DataFrame, disposition: str, kind: str
) -> Iterator[Problem]:
    """Ask for a finding of a kind on each paragraph of a disposition."""
    named = set(findings.loc[findings["kind"] == kind, "paragraphs"].str.split(";").explode())
    paragraphs = raw["paragraphs"]
    for index, row in paragraphs[paragraphs["disposition"] == disposition].iterrows():
        if row["paragraph"] not in named:
            message = f"is {disposition}, but no finding of kind {kind} says so"
            place = (paths["paragraphs"], _row(index), "disposition", row["paragraph"])
            yield Problem(*place, message)


def _shares_found(raw: Raw, paths: Paths, findings: pd.DataFrame) -> Iterator[Problem]:
    """Hold a printed share of women against part and whole, where both are printed."""
    figures = raw["figures"].drop_duplicates("figure_id").set_index("figure_id", drop=False)
    told = set(findings["figures"].str.split(";").str[0])
    for index, share in raw["figures"][raw["figures"]["share_of"] != ""].iterrows():
        same = figures["activity_id"] == share["activity_id"]
        women = figures["population"].isin(["women", "girls"])
        parts = figures[(figures["part_of"] == share["share_of"]) & same & women]
        if share["measure"] != "women_share" or parts.empty or share["figure_id"] in told:
            continue
        whole = figures.loc[figures.index == share["share_of"], "value"].astype(float).sum()
        exact = 100 * pd.to_numeric(parts["value"], errors="coerce") / whole
        if exact.notna().all() and not any(_rounds_to(e, share["value"]) for e in exact):
            given = ", ".join(f"{e:.1f}" for e in exact)
            message = f"part and whole give {given} per cent; add a finding of kind share_mismatch"
            yield Problem(paths["figures"], _row(index), "value", share["value"], message)


def _row(index: object) -> int:
    return int(str(index)) + 2
