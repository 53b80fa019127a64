"""The findings about the source: how many of which kind and severity, where, and what they change.

A claim here counts findings; it leads to their paragraphs. A finding stands in the section of the
paragraph its key names, so that each is counted in one section.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims, measures
from baaplib.claims import Claim
from baaplib.measures import Edition, of

SEVERITIES = ("high", "medium", "low")


def finding_count(data: Edition) -> Claim:
    """Count the findings.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> finding_count(edition("2022-12")).measure
    'findings'
    """
    return _counted(data, data.findings)


def of_severity(data: Edition, severity: str) -> Claim:
    """Count the findings of one severity.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> of_severity(edition("2022-12"), "high").measure
    'findings'
    """
    return _counted(data, _severe(data, severity), f"severity={severity}")


def high_count(data: Edition) -> Claim:
    """Count the findings that would change a headline, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> high_count(edition("2022-12")).measure
    'findings_high'
    """
    return _share(data, "findings_high", _severe(data, "high"))


def provable_count(data: Edition) -> Claim:
    """Count the findings that follow from the text alone, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> provable_count(edition("2022-12")).measure
    'findings_provable'
    """
    return _share(data, "findings_provable", data.findings[data.findings["basis"] == "provable"])


def paragraphs_concerned(data: Edition) -> Claim:
    """Count the paragraphs of the source that at least one finding concerns, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> paragraphs_concerned(edition("2022-12")).measure
    'paragraphs_concerned'
    """
    numbers = {number for own in data.findings["paragraphs"] for number in own}
    every = tuple(data.findings["finding_id"].astype(str))
    return of(data, Claim(
        "paragraphs_concerned", len(numbers), len(numbers), whole=len(data.paragraphs),
        findings=every,
    ))  # fmt: skip


def by_kind(data: Edition) -> pd.DataFrame:
    """Count findings by kind and severity: kind, high, medium, low (claims); gravest first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_kind(edition("2022-12")).columns.tolist()
    ['kind', 'high', 'medium', 'low']
    """
    return _by_severity(data, data.findings.astype({"kind": "str"}), ["kind"])


def by_section(data: Edition) -> pd.DataFrame:
    """Count findings by section and severity: section, area, high, medium, low (claims).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_section(edition("2022-12")).columns.tolist()
    ['section', 'area', 'high', 'medium', 'low']
    """
    frame = _by_severity(data, listing(data), ["section", "area"])
    return frame.sort_values("section", ignore_index=True)


def graver_kinds(data: Edition) -> pd.DataFrame:
    """Return the findings by kind that change a headline or a row.

    Returns
    -------
    DataFrame
        kind, severity (high or medium), findings, claim; a row where there is one.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> graver_kinds(edition("2022-12")).columns.tolist()
    ['kind', 'severity', 'findings', 'claim']
    """
    frame = by_kind(data)
    long = frame.melt("kind", ["high", "medium"], "severity", "claim").dropna(subset=["claim"])
    order = pd.Categorical(long["kind"], frame["kind"])
    long = long.assign(severity=pd.Categorical(long["severity"], SEVERITIES), order=order)
    long = long.sort_values(["order", "severity"], ignore_index=True)
    numbers = pd.Series([claim.low for claim in long["claim"]], long.index, dtype="int64")
    return long.assign(findings=numbers)[["kind", "severity", "findings", "claim"]]


def section_totals(data: Edition) -> pd.DataFrame:
    """Count findings by section: section, area, findings, claim; in the order of the source.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> section_totals(edition("2022-12")).columns.tolist()
    ['section', 'area', 'findings', 'claim']
    """
    groups = list(listing(data).groupby(["section", "area"], sort=True))
    counted = [_counted(data, rows, f"section={section}") for (section, _), rows in groups]
    return pd.DataFrame({
        "section": pd.Series([section for (section, _), _ in groups], dtype="int64"),
        "area": pd.Series([area for (_, area), _ in groups], dtype="str"),
        "findings": pd.Series([claim.low for claim in counted], dtype="int64"),
        "claim": pd.Series(counted, dtype=object),
    })  # fmt: skip


def listing(data: Edition, severity: str | None = None) -> pd.DataFrame:
    """Return the findings in the order of the source, of one severity or all.

    Returns
    -------
    DataFrame
        Rows of `findings` with section (where the key's paragraph stands) and area (the theme or
        component of most activities of the section; empty where it tells none).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> listing(edition("2022-12"), "high").columns[:7].tolist()
    ['finding_id', 'kind', 'severity', 'paragraphs', 'activities', 'figures', 'counted']
    """
    findings = data.findings if severity is None else _severe(data, severity)
    sections = data.paragraphs.set_index("paragraph")["section"]
    # The key holds the paragraph it stands at: X034-1 is the first finding of paragraph 34.
    parts = findings["finding_id"].astype(str).str.extract(r"X(\d+)-(\d+)").astype(int)
    section = parts[0].map(sections).astype(int)
    area = section.map(_areas(data)).fillna("").astype("str")
    frame = findings.assign(section=section, area=area, at=parts[0], number=parts[1])
    ordered = frame.sort_values(["at", "number"], ignore_index=True)
    return ordered.drop(columns=["at", "number"])


def arithmetic(data: Edition) -> pd.DataFrame:
    """Return what the source prints and what its own numbers give instead.

    Returns
    -------
    DataFrame
        finding_id, measure, stated, against (claims: as printed; worked out, or printed a second
        time), evidence, evidence_zh, treatment, treatment_zh, paragraphs; findings that name
        their figures and either derive a number or hold two printed ones against each other.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> arithmetic(edition("2022-12")).columns[:7].tolist()
    ['finding_id', 'measure', 'stated', 'against', 'evidence', 'evidence_zh', 'treatment']
    """
    derived = data.findings["derived"].notna()
    chosen = data.findings["figures"].map(len).gt(0) & (
        derived | (data.findings["kind"] == "conflicting_values")
    )
    rows = listing(replace(data, findings=data.findings[chosen]))
    figures = data.rules.figures.set_index("figure_id", drop=False)
    stated = [claims.stated(figures.loc[own[0]]) for own in rows["figures"]]
    columns = [rows[name] for name in ("finding_id", "figures", "derived")]
    against = [
        _derived(data, claim, key, number)
        if pd.notna(number)
        else claims.stated(figures.loc[own[1]])
        for key, own, number, claim in zip(*columns, stated, strict=True)
    ]
    shown = ["finding_id", "measure", "stated", "against", "evidence", "evidence_zh",
             "treatment", "treatment_zh", "paragraphs"]  # fmt: skip
    return rows.assign(
        measure=pd.Series([claim.measure for claim in stated], rows.index, dtype="str"),
        stated=pd.Series(stated, rows.index, dtype=object),
        against=pd.Series(against, rows.index, dtype=object),
    )[shown]


def effects(data: Edition) -> pd.DataFrame:
    """Return what of each headline hangs on activities that a high finding concerns.

    Returns
    -------
    DataFrame
        measure, claim, findings (a claim: high findings behind it; nothing where the row says
        what is left without them), keys (of those findings, joined); activities concerned,
        countries reached by those alone, people trained and devices with and without them.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> effects(edition("2022-12")).columns.tolist()
    ['measure', 'claim', 'findings', 'keys']
    """
    concerned = _concerned(data)
    questions = (
        (activities_concerned, ""), (countries_concerned, ""),
        (measures.people_trained, "people_trained_clear"),
        (measures.devices, "satellite_devices_clear"),
    )  # fmt: skip
    rows: list[tuple[str, Claim, Claim | None, str]] = []
    for question, apart in questions:
        claim = question(data)
        keys = [key for key, own in concerned.items() if own & set(claim.activities)]
        own = data.findings[data.findings["finding_id"].isin(keys)]
        about = _counted(data, own, "severity=high", f"measure={claim.measure}")
        rows.append((claim.measure, claim, about, " ".join(keys)))
        if apart:
            rows.append((apart, replace(question(clear(data)), measure=apart), None, ""))
    frame = pd.DataFrame(rows, columns=["measure", "claim", "findings", "keys"])
    return frame.astype({"measure": "str", "keys": "str", "claim": object, "findings": object})


def activities_concerned(data: Edition) -> Claim:
    """Count the activities that a high finding concerns, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> activities_concerned(edition("2022-12")).measure
    'activities_concerned'
    """
    touched = set().union(*_concerned(data).values())
    every = measures.not_pending(data)["activity_id"].astype(str)
    own = every[every.isin(list(touched))]
    return of(data, claims.coverage("activities_concerned", own, every))


def countries_concerned(data: Edition) -> Claim:
    """Count the countries reached by activities alone that a high finding concerns, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> countries_concerned(edition("2022-12")).measure
    'countries_concerned'
    """
    every, rest = (set(measures.reaching(part)["iso3"]) for part in (data, clear(data)))
    members = {code for own in data.members.values() for code in own}
    if data.region != measures.ALL:
        members = set(data.members[data.region])
    lost = sorted((every - rest) & members)
    links = measures.reaching(data)
    behind = links.loc[links["iso3"].isin(lost), "activity_id"].astype(str)
    return of(data, Claim(
        "countries_concerned", len(lost), len(lost), "exact", (), tuple(dict.fromkeys(behind)),
        measures.countries_reached(data).low, place=tuple(lost),
    ))  # fmt: skip


def clear(data: Edition) -> Edition:
    """Return the edition without the activities that a finding of severity high concerns.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> len(clear(edition("2022-12")).activities) < len(edition("2022-12").activities)
    True
    """
    touched = list(set().union(*_concerned(data).values()))

    def kept(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[~frame["activity_id"].isin(touched)]

    return replace(
        data, activities=kept(data.activities), countries=kept(data.countries),
        partners=kept(data.partners), tags=kept(data.tags), figures=kept(data.figures),
        stated=kept(data.stated),
    )  # fmt: skip


def people_clear(data: Edition) -> Claim:
    """Return how many people were trained by activities that no high finding concerns.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people_clear(edition("2022-12")).measure
    'people_trained_clear'
    """
    return replace(measures.people_trained(clear(data)), measure="people_trained_clear")


def _severe(data: Edition, severity: str) -> pd.DataFrame:
    return data.findings[data.findings["severity"] == severity]


def _counted(data: Edition, rows: pd.DataFrame, *scope: str) -> Claim:
    keys = tuple(rows["finding_id"].astype(str))
    return of(data, Claim("findings", len(keys), len(keys), findings=keys), *scope)


def _share(data: Edition, measure: str, rows: pd.DataFrame) -> Claim:
    claim = _counted(data, rows)
    return replace(claim, measure=measure, whole=len(data.findings))


def _by_severity(data: Edition, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Count the rows of each group by severity; a claim where there are any."""
    counted: list[dict[str, object]] = []
    for codes, group in rows.groupby(columns, sort=True):
        scope = f"{columns[0]}={codes[0]}"
        own = {name: group[group["severity"] == name] for name in SEVERITIES}
        found = {
            name: _counted(data, part, scope, f"severity={name}") if len(part) else None
            for name, part in own.items()
        }
        order = {f"n_{name}": len(part) for name, part in own.items()}
        counted.append({**dict(zip(columns, codes, strict=True)), **found, **order})
    ranks = [f"n_{name}" for name in SEVERITIES]
    frame = pd.DataFrame(counted, columns=[*columns, *SEVERITIES, *ranks])
    ordered = frame.sort_values(ranks, ascending=False, kind="stable", ignore_index=True)
    return ordered.drop(columns=ranks).astype(dict.fromkeys(SEVERITIES, object))


def _areas(data: Edition) -> dict[int, str]:
    """Return of each section the theme or component of most activities mainly told there."""
    sections = data.paragraphs.set_index("paragraph")["section"]
    told = data.every
    areas = told["theme"].astype(object).where(told["theme"].notna(), told["component"])
    section = told["paragraphs"].map(lambda numbers: sections.get(numbers[0]))
    most = areas.astype(str).groupby(section).agg(lambda own: own.value_counts().index[0])
    return {int(str(number)): area for number, area in most.items()}


def _derived(data: Edition, stated: Claim, key: str, number: float) -> Claim:
    """Return the number that the rows give in place of a stated one."""
    claim = replace(stated, low=number, high=number, bound="exact", findings=(key,))
    return of(data, claim, f"finding={key}")


def _concerned(data: Edition) -> dict[str, set[str]]:
    """Return of each high finding the activities it names, or all that its paragraphs tell."""
    told: dict[int, set[str]] = {}
    for key, numbers in zip(data.every["activity_id"], data.every["paragraphs"], strict=True):
        for number in numbers:
            told.setdefault(number, set()).add(str(key))
    high = listing(data, "high")
    return {
        str(key): set(named) or set().union(*(told.get(number, set()) for number in numbers))
        for key, named, numbers in zip(
            high["finding_id"], high["activities"], high["paragraphs"], strict=True
        )
    }
