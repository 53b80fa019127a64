"""The notebook's voice: a `Brief` says sentences, shows tables and charts, and lists its sources.

Everything it shows is a block (see `blocks`): JupyterLab shows it in place, the exporters gather
it into a report. Texts are English message ids; the Brief says them in the report's language and
turns codes into names.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes

from baaplib import blocks, charts, fingerprint, i18n, measures, tables
from baaplib.blocks import NOTHING, Block
from baaplib.claims import PEOPLE, Claim
from baaplib.measures import ALL, Edition
from baaplib.refusal import unknown
from baaplib.render import fonts

Run = dict[str, Any]
Cell = list[Run]

# So many activities behind a number are linked one by one in its evidence.
FEW = 5
# How many findings of a source are shown, and of how many of high severity all are.
GRAVEST, ALL_GRAVE = 8, 12
# Columns of codes: the reference table that names them and the column their name goes to.
CODES = {
    "alone": ("partners", "alone"),
    "disaster": ("disasters", "disaster"),
    "iso3": ("countries", "country"),
    "language": ("topics", "language"),
    "measure": ("measures", "measure"),
    "partner": ("partners", "partner"),
    "product": ("topics", "product"),
    "region": ("regions", "region"),
    "theme": ("themes", "theme"),
    "topic": ("topics", "topic"),
    "venue": ("countries", "venue"),
}
# Columns that hold terms; the name of the column is their context in the catalogue.
TERMS = (
    "basis",
    "component",
    "group",
    "in_period",
    "kind",
    "least",
    "network",
    "population",
    "precision",
    "reported",
    "role",
    "severity",
    "span",
    "status",
    "step",
    "type",
)
NUMERIC = (
    "activities",
    "against",
    "began",
    "countries",
    "claim",
    "deployments",
    "devices",
    "ended",
    "people",
    "money",
    "findings",
    "here",
    "high",
    "low",
    "median",
    "medium",
    "most",
    "percent",
    "printed_percent",
    "reached",
    "share",
    "trained",
    "stated",
    "value",
    "winners",
)


def headings(lang: i18n.Language) -> dict[str, str]:
    """Return the headings of the columns that tables can show, in a language.

    Examples
    --------
    >>> headings(i18n.language("en"))["theme"]
    'Thematic area'
    """
    _ = lang.gettext
    return {
        "activities": _("Activities"),
        "activity_id": _("Activity"),
        "against": _("Worked out, or printed elsewhere"),
        "alone": _("Partners no other area names"),
        "area": _("Thematic area"),
        "basis": _("Basis"),
        "behind": _("Activity"),
        "began": _("At the first step"),
        "centres": _("Centres counted"),
        "certified": _("People certified"),
        "claim": _("Number"),
        "class": _("Reported"),
        "countries": _("Number of countries"),
        "counting": _("Trainings that say how many"),
        "country": _("Country"),
        "deployments": _("Deployments"),
        "devices": _("Satellite devices"),
        "disaster": _("Disaster"),
        "ended": _("At the last step"),
        "evidence": _("What is wrong or doubtful"),
        "finding_id": _("Finding"),
        "findings": _("High findings"),
        "group": _("Group of countries"),
        "here": _("Here"),
        "high": _("High"),
        "hosts": _("Countries named"),
        "in_period": _("In the period"),
        "initiative": _("Regional initiative"),
        "keys": _("Which findings"),
        "kind": _("Kind"),
        "label": _("Activity"),
        "language": _("Language"),
        "least": _("In the least number"),
        "low": _("Low"),
        "measure": _("What is counted"),
        "median": _("Median of similar countries"),
        "medium": _("Medium"),
        "members": _("Countries"),
        "money": _("Funding in US dollars"),
        "most": _("Most in a similar country"),
        "paragraph": _("Paragraph"),
        "network": _("Network"),
        "partner": _("Partner"),
        "people": _("People counted"),
        "percent": _("Per cent"),
        "population": _("Who"),
        "precision": _("Date stated"),
        "printed_percent": _("As printed"),
        "product": _("Kind of product"),
        "reached": _("Countries reached"),
        "region": _("Region"),
        "reported": _("Here"),
        "registered": _("People registered"),
        "role": _("Role"),
        "section": _("Section"),
        "severity": _("Severity"),
        "share": _("Per cent"),
        "span": _("Counted over"),
        "stated": _("As printed"),
        "status": _("Status"),
        "step": _("Step"),
        "summary": _("What was done or is planned"),
        "theme": _("Thematic area"),
        "title": _("Activity"),
        "topic": _("Topic"),
        "trained": _("People trained"),
        "treatment": _("What the tables do about it"),
        "type": _("Type"),
        "value": _("Number"),
        "venue": _("Held in"),
        "when": _("When"),
        "whole": _("Number there"),
        "time": _("Time it covers"),
        "window": _("Period counted"),
        "winners": _("Winning proposals"),
        "within": _("Lies in the count of"),
    }


class Brief:
    """One report in the making.

    Parameters
    ----------
    edition : str
        Reporting edition, one of `tables.editions()`.
    region : str
        ITU region code, or ALL.
    language : str
        Report language, one of `i18n.languages()`.
    country : str, optional
        ISO code of a country, in place of a region.

    Attributes
    ----------
    data : measures.Edition
        The edition's tables as far as they concern the region or country.
    lang : i18n.Language
        The report's language.

    Raises
    ------
    ValueError
        If edition, region, country or language does not exist; says what there is.

    Examples
    --------
    >>> Brief("2022-12", "AFR", "en").name("region", "AFR")
    'Africa'
    """

    def __init__(
        self, edition: str, region: str = ALL, language: str = "en", country: str = ""
    ) -> None:
        self.lang = i18n.language(language)
        self.data = measures.edition(edition, region, country)
        self.edition = edition
        self.region = region
        self.country = country
        self._claims: dict[str, Block] = {}
        self._declared: list[str] = []
        self._listed: set[str] = set()
        self._shown = 0
        self._headings = headings(self.lang)
        self._cards = self.data.reference["measures"].set_index("measure")
        self._names = {column: self._read_names(table) for column, (table, _) in CODES.items()}

    def name(self, column: str, code: str) -> str:
        """Return the name of a code in the report's language.

        Raises
        ------
        ValueError
            If the column holds no codes, or the code is not in its reference table.

        Examples
        --------
        >>> Brief("2022-12").name("iso3", "KEN")
        'Kenya'
        """
        if column not in self._names:
            raise ValueError(unknown("column of codes", column, self._names))
        if code not in self._names[column]:
            raise ValueError(unknown(column, code, self._names[column]))
        return self._names[column][code]

    def names(self, column: str, codes: Sequence[str]) -> str:
        """Return the names of codes as a list in a sentence, in the order of the alphabet.

        Examples
        --------
        >>> Brief("2022-12").names("region", ["EUR", "AFR"])
        'Africa and Europe'
        """
        return self.lang.join(self.lang.sorted(self.name(column, code) for code in codes))

    def countries(self, codes: Sequence[str]) -> str:
        """Return the names of countries as a list in a sentence.

        Examples
        --------
        >>> Brief("2022-12").countries(["TON", "FJI"])
        'Fiji and Tonga'
        """
        return self.names("iso3", codes)

    def place(self) -> str:
        """Return the name of the country or region; empty for all regions.

        Examples
        --------
        >>> Brief("2022-12", "AFR").place(), Brief("2022-12").place()
        ('Africa', '')
        """
        if self.country:
            return self.name("iso3", self.country)
        return "" if self.region == ALL else self.name("region", self.region)

    def cover(self) -> None:
        """Show the cover: place, edition, reporting period, and how much of the source is in.

        Examples
        --------
        >>> Brief("2022-12", "AFR").cover()
        {'application/vnd.baap.block+json': {'type': 'cover', ...}
        """
        _ = self.lang.gettext
        edition = self.data.reference["editions"].set_index("edition").loc[self.edition]
        first, last = (edition[key].strftime("%Y-%m-%d") for key in ("period_start", "period_end"))
        facts = {
            **(self._about_country() if self.country else {}),
            _("Reporting period"): self.lang.period(first, last),
            **self._covered(),
            _("Edition of the tables"): self.edition,
            _("Data version"): fingerprint.data_sha256(tables.root(), self.edition)[:8],
            _("Made on"): self.lang.date(made_on()),
        }
        place = self.place()
        self._show({
            "type": "cover",
            "language": self.lang.code,
            "title": place or _("All regions"),
            "standing": _("Unofficial work"),
            "subtitle": str(edition.get(self.lang.column("title"), edition["title"])),
            "facts": [{"label": label, "value": value} for label, value in facts.items()],
            "notices": self._notices(),
            "literals": [
                {"text": str(text), "reason": "name, edition, date, data version or licence"}
                for text in (place, *facts.values(), edition["title"], *self._notices())
            ],
            "identifier": f"{self.edition}/{self.country or self.region}",
            "date": made_on(),
            "about": self._about(),
        })  # fmt: skip

    def _covered(self) -> dict[str, str]:
        """Return how much of the source the tables hold, as long as that is not all."""
        coverage = measures.source_coverage(self.data)
        if coverage.low == coverage.whole:
            return {}
        said = self.lang.gettext("{paragraphs} paragraphs")
        covered = said.format(paragraphs=coverage.text(self.lang))
        return {self.lang.gettext("Part of the source covered"): covered}

    def _about(self) -> dict[str, str]:
        """Return what the report is about: a region, or a country and the region it is of."""
        region = measures.region_of(self.country, self.data) if self.country else self.region
        every = self.lang.gettext("All regions")
        name = every if region == ALL else self.name("region", region) if region else ""
        return {"region": region, "region_name": name, "country": self.country}

    def _about_country(self) -> dict[str, str]:
        """Return a country's region and groups as facts of the cover."""
        _ = self.lang.gettext
        region = measures.region_of(self.country, self.data)
        groups = measures.groups_of(self.country, self.data)
        named = self.lang.join([self.lang.term("group", group) for group in groups])
        return {
            _("Region"): self.name("region", region) if region else NOTHING,
            _("Groups of countries"): named or _("none of LDC, LLDC and SIDS"),
        }

    def say(self, message: str, **values: object) -> None:
        """Say a sentence; `{names}` in it stand for claims, numbers, texts or lists of texts.

        Raises
        ------
        ValueError
            If a name in braces has no value, or a value no name.

        Examples
        --------
        >>> from baaplib import charts, measures
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.say("Activities: {number}.", number=measures.activity_count(brief.data))
        {'application/vnd.baap.block+json': {'type': 'paragraph', ...}
        """
        runs, claims = self._runs(message, values)
        self._show({"type": "paragraph", "runs": runs}, claims)

    def note(self, title: str, message: str, **values: object) -> None:
        """Show a boxed remark with a title.

        Examples
        --------
        >>> Brief("2022-12").note("Careful", "People are not attendances.")
        {'application/vnd.baap.block+json': {'type': 'note', ...}
        """
        runs, claims = self._runs(message, values)
        self._show({"type": "note", "title": self.lang.said(title), "runs": runs}, claims)

    def remark(self, frame: pd.DataFrame, message: str, **values: object) -> None:
        """Say a sentence about a frame; without rows, its chart or table has said that already.

        Examples
        --------
        >>> brief = Brief("2022-12")
        >>> brief.remark(pd.DataFrame(), "Nothing is said of an empty frame.")
        """
        if not frame.empty:
            self.say(message, **values)

    def literal(self, text: str, reason: str) -> None:
        """Declare a number that comes from no claim, such as a year in a title, with its reason.

        Say so before the number is shown. No reader sees it, so it is not translated.

        Examples
        --------
        >>> Brief("2022-12").literal("SDG 5", "name of a goal")
        {'application/vnd.baap.block+json': {'type': 'declaration', ...}
        """
        self._declared.append(text)
        self._show({"type": "declaration", "text": text, "reason": reason})

    def headlines(self, *claims: Claim) -> None:
        """Show numbers large, each with its name and the definition of its measure's card.

        Examples
        --------
        >>> from baaplib import charts, measures
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.headlines(measures.activity_count(brief.data))
        {'application/vnd.baap.block+json': {'type': 'headlines', ...}
        """
        cards = self.data.reference["measures"].set_index("measure")
        cards["definition"] = cards[self.lang.column("definition")].fillna("")
        items = [
            {
                "value": claim.text(self.lang),
                "label": str(cards.at[claim.measure, self.lang.column("name")]),
                "note": str(cards["definition"].at[claim.measure]),
                "claim": _id(claim),
            }
            for claim in claims
        ]
        definitions = [{"text": item["note"], "reason": "definition"} for item in items]
        self._show({"type": "headlines", "items": items, "literals": definitions}, claims)

    def chart(
        self,
        caption: str,
        draw: Callable[..., Axes],
        frame: pd.DataFrame,
        columns: Sequence[str] | None = None,
        *,
        if_any: bool = False,
        **options: object,
    ) -> None:
        """Draw a frame, or say that there is nothing to draw.

        Parameters
        ----------
        caption : str
            What the chart shows, as one sentence.
        draw : callable
            A function of `charts`; takes a frame and a language, returns Axes.
        frame : DataFrame
            What a function of `measures` returned.
        columns : sequence of str, optional
            The named columns to draw, in the order the chart expects.
        if_any : bool, optional
            Show nothing at all where there is nothing to draw: what stands before has said so.
        **options
            Passed on to the chart; `half=True` draws it half as wide, beside the next one.

        Examples
        --------
        >>> from baaplib import charts, measures
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.chart("Activities by type", charts.bars, measures.by_type(brief.data))
        {'application/vnd.baap.block+json': {'type': 'chart', ...}
        """
        caption = self.lang.said(caption)
        if frame.empty:
            if not if_any:
                self._nothing(caption)
            return
        named = self.named(frame)
        if columns is not None:
            _refuse_missing(columns, named)
            named = named[list(columns)]
        ax = draw(named, self.lang, **options)
        about = charts.description(ax)
        table = about.table
        self._show({
            "type": "chart",
            "caption": caption,
            "alt": about.alt,
            "see": about.see,
            "svg": charts.svg(ax),
            "drawn": list(about.labels),
            "table": self._table(caption, table, list(table.columns), words=True),
            "wide": about.wide,
            **({"half": True} if options.get("half") else {}),
            "literals": [{"text": text, "reason": why} for text, why in about.literals],
        }, [*_claims_in(named), *about.claims])  # fmt: skip

    def table(
        self,
        caption: str,
        frame: pd.DataFrame,
        columns: Sequence[str],
        note: str = "",
        *,
        if_any: bool = False,
    ) -> None:
        """Show named columns of a frame as a table, or say that there is nothing to show.

        With `if_any` nothing is shown of an empty frame: what stands before has said so.

        Examples
        --------
        >>> from baaplib import charts, measures
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.table("Activities by type", measures.by_type(brief.data), ["type", "claim"])
        {'application/vnd.baap.block+json': {'type': 'table', ...}
        """
        caption = self.lang.said(caption)
        if frame.empty:
            if not if_any:
                self._nothing(caption)
            return
        named = self.named(frame)
        claims = _claims_in(named[[column for column in columns if column in named]])
        block = self._table(caption, named, columns)
        self._show({**block, "note": self.lang.said(note) if note else ""}, claims)

    def each(self, caption: str, frame: pd.DataFrame, by: str, columns: Sequence[str]) -> None:
        """Show a table for each name in a column, or say once that there is nothing to show.

        Examples
        --------
        >>> brief = Brief("2022-12")
        >>> frame = pd.DataFrame({"kind": ["a"], "title_en": ["What was done"]})
        >>> brief.each("Some activities", frame, "kind", ["title"])
        {'application/vnd.baap.block+json': {'type': 'table', ...}
        """
        caption = self.lang.said(caption)
        if frame.empty:
            self._nothing(caption)
            return
        named = self.named(frame)
        for name in dict.fromkeys(named[by]):
            rows = named[named[by] == name]
            block = self._table(str(name), rows, columns)
            literal = {"text": str(name), "reason": "a name of the tables"}
            self._show({**block, "literals": [literal]}, _claims_in(rows[list(columns)]))

    def silence(self, data: Edition) -> None:
        """Name the countries for which nothing is reported; for all regions, count them.

        For a country, name the thematic areas.

        Examples
        --------
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.silence(brief.data)
        {'application/vnd.baap.block+json': {'type': 'paragraph', ...}
        """
        if self.country:
            self._silent_areas(data)
            return
        silent = measures.silent(data)
        if not silent and data.areas:
            self.say("At least one activity in this area reaches every country.")
        elif not silent:
            self.say("At least one activity reaches every country.")
        elif self.region == ALL and data.areas:
            self.say(
                "Countries that no activity in this area names as beneficiary, participant or "
                "member: {number}; the data behind the chart list them. This does not mean that "
                "nothing was done there.",
                number=measures.silent_count(data),
            )
        elif self.region == ALL:
            self.say(
                "Countries that no activity names as beneficiary, participant or member: {number}; "
                "the data behind the chart list them. This does not mean that nothing was done "
                "there.",
                number=measures.silent_count(data),
            )
        elif data.areas:
            self.say(
                "Countries that no activity in this area names as beneficiary, participant or "
                "member: {countries}. This does not mean that nothing was done there.",
                countries=self.names("iso3", silent),
            )
        else:
            self.say(
                "Countries that no activity names as beneficiary, participant or member: "
                "{countries}. This does not mean that nothing was done there: many activities "
                "concern the region without naming a country.",
                countries=self.names("iso3", silent),
            )
        if (planned := measures.only_planned(data)) and self.region != ALL:
            self.say(
                "Countries that only planned activities reach: {countries}.",
                countries=self.names("iso3", planned),
            )

    def _silent_areas(self, data: Edition) -> None:
        silent, place = measures.silent_areas(data), self.place()
        if not silent:
            self.say("At least one activity in each thematic area reaches {place}.", place=place)
        elif measures.not_pending(data).empty:
            self.say(
                "The source document names {place}, but no activity that reaches it. This does not "
                "mean that nothing was done there.",
                place=place,
            )
        else:
            self.say(
                "Thematic areas of which the source document names no activity that reaches "
                "{place}: {areas}. This does not mean that nothing was done there.",
                place=place,
                areas=self.lang.join([self.name("theme", code) for code in silent]),
            )

    def activities(self, data: Edition) -> None:
        """List the activities with their source paragraphs; other rows link here.

        Examples
        --------
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.activities(brief.data)
        {'application/vnd.baap.block+json': {'type': 'table', ...}
        """
        caption = self.lang.gettext(
            "The activities and the paragraphs of the source that tell them"
        )
        frame = measures.listing(data)
        if frame.empty:
            self._nothing(caption)
            return
        columns = ["activity_id", "summary", "when", "status", "paragraph"]
        named = self.named(frame)
        block = self._table(caption, named, columns)
        for row, (_, activity) in zip(block["rows"], named.iterrows(), strict=True):
            title = {
                "text": f"{activity['title']}{self.lang.pgettext('list', '. ')}",
                "strong": True,
            }
            row["cells"][0] = [{"text": activity["activity_id"], "data": True}]
            summary = {"text": activity["summary"], "data": True}
            row["cells"][1] = [{**title, "data": True}, summary, *self._reached(activity)]
            row["anchor"] = _anchor(activity["activity_id"])
        self._listed.update(named["activity_id"])
        block["note"] = self.lang.gettext(
            "The status is how the curators read the text, where it does not state one."
        )
        if (frame["status"] == "pending").any():
            block["note"] = self.lang.gettext(
                "The status is how the curators read the text, where it does not state one. What "
                "is pending is a placeholder of the source and is counted nowhere."
            )
        self._show(block)

    def _reached(self, activity: pd.Series) -> list[Run]:
        if not activity["countries"]:
            return []
        message = self.lang.gettext(" ({countries})")
        names = self.names("iso3", activity["countries"])
        return [{"text": message.format(countries=names), "em": True, "data": True}]

    def careful(self, data: Edition, most: int | None = None) -> None:
        """Show the gravest problems of the source that concern these activities.

        Unless told how many at most, these are eight, or all of high severity if a page holds them.

        Examples
        --------
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.careful(brief.data)
        {'application/vnd.baap.block+json': {'type': 'table', ...}
        """
        found = measures.careful(data)
        if most is None:
            grave = int((found["severity"] == "high").sum())
            most = max(GRAVEST, grave) if grave <= ALL_GRAVE else GRAVEST
        caption = self.lang.gettext(
            "Problems of the source that concern these figures, gravest first"
        )
        if found.empty:
            self.say("No problem of the source was found that concerns these activities.")
            return
        shown = self.named(found.head(most))
        # A column that says the same of every row says nothing.
        severity = ["severity"] if shown["severity"].nunique() > 1 else []
        block = self._table(caption, shown, [*severity, "evidence", "treatment", "paragraph"])
        rest = found.iloc[most:]
        number, grave = len(rest), int((rest["severity"] == "high").sum())
        more = self.lang.ngettext(
            "{number} more finding concerns these activities; of high severity: {grave}. The "
            "audit of the source lists all of high and medium severity.",
            "{number} more findings concern these activities; of high severity: {grave}. The "
            "audit of the source lists all of high and medium severity.",
            max(number, 1),
        )
        numbers = {"number": self.lang.number(number), "grave": self.lang.number(grave)}
        note = more.format(**numbers) if number else ""
        literal = {"text": note, "reason": "rows of the findings table that are not shown"}
        self._show({**block, "note": note, "literals": [literal]})

    def findings(self, frame: pd.DataFrame, also: Sequence[str] = ()) -> None:
        """Show findings (rows of `measures.source_audit.listing`), one table for each section.

        Kind, basis, evidence and, emphasised, the columns of `also` (such as treatment) share a
        cell: columns of their own would make the table twice as long. The index names those of
        high severity.

        Examples
        --------
        >>> from baaplib.measures import source_audit
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.findings(source_audit.listing(brief.data))
        {'application/vnd.baap.block+json': {'type': 'table', ...}
        """
        if frame.empty:
            self.say("No such problem of the source was found.")
            return
        comma, stop = (self.lang.pgettext("list", mark) for mark in (", ", ". "))
        named, grave = self.named(frame), frame["severity"] == "high"
        for caption in dict.fromkeys(named["section"]):
            rows = named[named["section"] == caption]
            block = self._table(caption, rows, ["finding_id", "evidence", "paragraph"])
            for row, (at, finding) in zip(block["rows"], rows.iterrows(), strict=True):
                about = f"{finding['kind']}{comma}{finding['basis']}{stop}"
                said: Cell = [{"text": about, "strong": True}, {"text": finding["evidence"]}]
                for column in also:
                    said += [{"text": " "}, {"text": finding[column], "em": True}]
                row["cells"][1] = [{**run, "data": True} for run in said]
                row["anchor"] = blocks.finding_anchor(str(finding["finding_id"]))
                if grave[at]:
                    row["indexed"] = finding["evidence"]
            literal = {"text": caption, "reason": "number of a section of the source"}
            self._show({**block, "literals": [literal]})

    def sources(self) -> None:
        """Say which document the numbers come from, and what stands behind each of them.

        Examples
        --------
        >>> Brief("2022-12", "AFR").sources()
        {'application/vnd.baap.block+json': {'type': 'paragraph', ...}
        """
        edition = self.data.reference["editions"].set_index("edition").loc[self.edition]
        title = str(edition.get(self.lang.column("title"), edition["title"]))
        runs, _ = self._runs(
            "Source: {title}, in {language}. Paragraph numbers count the lines of its text that "
            "are not empty, from the first. The text itself is not reproduced; its fingerprint "
            "(SHA-256) begins {fingerprint}.",
            {
                "title": title,
                "language": self.lang.language_name(str(edition["source_language"])),
                "fingerprint": str(edition["source_sha256"])[:12],
            },
        )
        literal = {"text": "SHA-256", "reason": "name of a hash function"}
        self._show({"type": "paragraph", "runs": runs, "literals": [literal]})
        if self._claims:
            self._show({"type": "heading", "level": 2, "text": self.lang.gettext("Evidence")})
            self._show(self._evidence())

    def _evidence(self) -> Block:
        """Return the table that every number of the report leads to."""
        _ = self.lang.gettext
        heads = (
            _("Number"),
            _("What it counts"),
            self.lang.pgettext("evidence", "Activities"),
            self.lang.pgettext("evidence", "Paragraphs"),
            _("Shown in"),
        )
        rows = [
            {
                "anchor": _evidence_anchor(name),
                "cells": [
                    [{"text": claim["text"], "data": True}],
                    [{"text": claim["says"], "data": True}],
                    self._links(claim["activities"]),
                    [{"text": _ranges(claim["paragraphs"]) or NOTHING, "data": True}],
                    [{"text": _("back"), "href": f"#{claim['anchor']}"}],
                ],
            }
            for name, claim in self._claims.items()
        ]
        between = any((c["low"] or 0) < (c["high"] or 0) for c in self._claims.values())
        return {
            "type": "table",
            "caption": _("What each number counts, and where it comes from"),
            "columns": [{"label": label, "align": "left"} for label in heads],
            "rows": rows,
            "row_header": True,
            "compact": True,
            "note": _("A number between two ends counts each person once at its lower end (OCHA, "
                      "CARE) and nobody twice at its upper end.") if between else "",
        }  # fmt: skip

    def partners(self, data: Edition) -> None:
        """Show the partners of several activities as a table, name the others in a sentence.

        Examples
        --------
        >>> brief = Brief("2022-12", "AFR")
        >>> brief.partners(brief.data)
        {'application/vnd.baap.block+json': {'type': 'table', ...}
        """
        frame = measures.partners(data)
        caption = self.lang.gettext("Organizations that took part in several activities")
        often = frame[[claim.low > 1 for claim in frame["activities"]]]
        once = frame.drop(often.index)
        if frame.empty:
            self._nothing(self.lang.gettext("Organizations that took part"))
        if not often.empty:
            block = self._table(caption, self.named(often), ["partner", "kind", "activities"])
            self._show(block, list(often["activities"]))
        if not once.empty:
            self._once(measures.partners_named_once(data), self.named(once))

    def _once(self, number: Claim, named: pd.DataFrame) -> None:
        """Name the partners of one activity, each with a link to it."""
        runs, claims = self._runs("Named in one activity each: {number}. ", {"number": number})
        comma = self.lang.pgettext("list", ", ")
        for partner in self.lang.sorted(named["partner"]):
            claim = named.loc[named["partner"] == partner, "activities"].iloc[0]
            key = claim.activities[0]
            runs += [
                {"text": f"{partner} ", "data": True},
                {"text": key, "data": True, "href": f"#{_anchor(key)}"},
                {"text": comma},
            ]
        self._show({"type": "paragraph", "runs": runs[:-1]}, claims)

    def _links(self, activities: Sequence[str]) -> Cell:
        """Return the keys of activities; a few are linked, where the report lists them.

        A link in a PDF weighs more than the key it stands on: a long list is looked up.
        """
        if len(activities) > FEW:
            return [{"text": _key_ranges(activities), "data": True}]
        cell: Cell = []
        for name in activities:
            cell += [{"text": " "}] if cell else []
            link = {"href": f"#{_anchor(name)}"} if name in self._listed else {}
            cell.append({"text": name, "data": True, **link})
        return cell or [{"text": NOTHING}]

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with names for codes, words for terms, texts in the report's language.

        Codes of countries stay in `iso3`; their names come into `country`. `start` and `end`
        together become `when`, the ends of a window `window`; `label` is a title and its window.

        Examples
        --------
        >>> brief = Brief("2022-12", language="zh")
        >>> brief.named(pd.DataFrame({"region": ["AFR"]}))["region"].tolist()
        ['非洲']
        """
        named = frame.copy()
        for column, (_, target) in CODES.items():
            if column in frame:
                named[target] = self._coded(column, frame[column])
        for column in TERMS:
            if column in frame:
                named[column] = self._terms(column, frame[column])
        if {"section", "area"} <= set(frame.columns):
            pairs = zip(frame["section"], frame["area"], strict=True)
            named["section"] = [self._section(number, str(area)) for number, area in pairs]
        if "area" in frame:
            named["area"] = [
                self.lang.join([self._area(each) for each in code])
                if isinstance(code, tuple) else self._area(str(code))
                for code in frame["area"]
            ]  # fmt: skip
        for stem in ("title", "summary", "evidence", "treatment", "initiative", "topic", "within"):
            # Some texts stand in English, or have been named, in a column of the plain name.
            column = self.lang.column(stem) if self.lang.column(stem) in frame else stem
            if column in named:
                named[stem] = named[column].map(_bound_together)
        if {"initiative", "status"} <= set(frame.columns):
            named["initiative"] = self._titles(named)
        for target, start, end in (
            ("when", "start", "end"),
            ("window", "window_start", "window_end"),
        ):
            if {start, end} <= set(frame.columns):
                named[target] = [
                    self._when(row[start], row[end], window=target == "window")
                    for _, row in frame.iterrows()
                ]
        if "window" in named:
            silent = self.lang.gettext("not stated")
            named["time"] = [silent if said == NOTHING else said for said in named["window"]]
        if {"start", "end", "status"} <= set(frame.columns):
            goes_on = (frame["status"] == "ongoing") & frame["start"].notna() & frame["end"].isna()
            since = [self._since(start) for start in frame.loc[goes_on, "start"]]
            named.loc[goes_on, "when"] = since
        if "after" in frame:
            later = frame["after"].notna()
            named.loc[later, "when"] = [self._later(date) for date in frame.loc[later, "after"]]
        if "paragraphs" in frame:
            named["paragraph"] = frame["paragraphs"]
        if "title" in named:
            windows = named["window"] if "window" in named else [NOTHING] * len(named)
            pairs = zip(named["title"], windows, strict=True)
            named["label"] = [
                title if window == NOTHING else self.lang.gettext("{title} ({window})").format(
                    title=title, window=window
                )
                for title, window in pairs
            ]  # fmt: skip
        elif {"iso3", "disaster", "claim", "measure"} <= set(frame.columns):
            outside = frame["in_period"] == "no"
            rows = zip(outside, named.iterrows(), strict=True)
            named["label"] = [self._deployment(row, outside=flag) for flag, (_, row) in rows]
        return named

    def _titles(self, named: pd.DataFrame) -> list[str]:
        """Return the titles of initiatives; one that is not sure says so."""
        marked = self.lang.gettext("{title} (title {status})")
        sure = self.lang.term("status", "sure")
        return [
            title if status == sure else marked.format(title=title, status=status)
            for title, status in zip(named["initiative"], named["status"], strict=True)
        ]

    def _deployment(self, row: pd.Series, *, outside: bool) -> str:
        """Return where something was sent after which disaster, what, and how many."""
        _ = self.lang.gettext
        place = row["country"]
        if row["disaster"] != NOTHING:
            place = _("{country} ({disaster})").format(country=place, disaster=row["disaster"])
        said = _("{place}: {number} {what}")
        if row["claim"].bound == "not_stated":
            said = _("{place}: {what}, number not stated")
        number = row["claim"].text(self.lang)
        label = said.format(place=place, number=number, what=row["measure"])
        return _("{label}, outside the reporting period").format(label=label) if outside else label

    def _area(self, code: str) -> str:
        """Return the name of a theme, or of the component an activity outside themes is of."""
        return self._names["theme"].get(code) or self.lang.term("component", code)

    def _section(self, number: int, area: str = "") -> str:
        """Return the words for a section of the source, with the area it is about."""
        name = self.lang.gettext("Section {number}").format(number=number)
        pair = self.lang.gettext("{name}: {value}")
        return pair.format(name=name, value=self._area(area)) if area else name

    def _since(self, start: str) -> str:
        return self.lang.gettext("since {date}").format(date=self.lang.date(start))

    def _later(self, date: str) -> str:
        return self.lang.gettext("not dated; {date} or later").format(date=self.lang.date(date))

    def _when(self, start: object, end: object, *, window: bool = False) -> str:
        first, last = (text if isinstance(text, str) else "" for text in (start, end))
        if last and not first:
            return self.lang.gettext("until {date}").format(date=self.lang.date(last))
        if first and not last and window:
            return self._since(first)
        return self.lang.period(first, last) if first else NOTHING

    def _coded(self, column: str, codes: pd.Series) -> pd.Series:
        """Return the names of codes; an ordered category stays one."""
        if isinstance(codes.dtype, pd.CategoricalDtype) and codes.cat.ordered:
            every = {code: self.name(column, str(code)) for code in codes.cat.categories}
            return codes.cat.rename_categories(every)
        return pd.Series([self._name_or_nothing(column, code) for code in codes], codes.index)

    def _name_or_nothing(self, column: str, code: object) -> str:
        if isinstance(code, tuple):
            return self.names(column, code) or NOTHING
        return NOTHING if pd.isna(code) else self.name(column, str(code))  # type: ignore[call-overload]

    def _terms(self, context: str, values: pd.Series) -> pd.Series:
        if isinstance(values.dtype, pd.CategoricalDtype):
            # Only a measure that orders its categories means those that do not occur.
            kept = values if values.cat.ordered else values.cat.remove_unused_categories()
            every = {code: self.lang.term(context, str(code)) for code in kept.cat.categories}
            return kept.cat.rename_categories(every)
        words = {value: self.lang.term(context, str(value)) for value in values.dropna().unique()}
        return values.map(words)

    @cached_property
    def _initiatives(self) -> dict[str, str]:
        """Titles of the regional initiatives by code."""
        frame = self.data.reference["initiatives"]
        return dict(zip(frame["code"].astype(str), frame[self.lang.column("title")], strict=True))

    def _read_names(self, table: str) -> dict[str, str]:
        frame = self.data.reference[table]
        return dict(zip(frame.iloc[:, 0].astype(str), frame[self.lang.column("name")], strict=True))

    def _table(
        self, caption: str, named: pd.DataFrame, columns: Sequence[str], *, words: bool = False
    ) -> Block:
        """Return rows as a table; with `words`, a column without a heading is named in words."""
        for column in columns:
            if column not in self._headings and not words:
                raise ValueError(unknown("column with a heading", column, self._headings))
        _refuse_missing(columns, named)
        numeric = {*NUMERIC, *_claim_columns(named)}
        return {
            "type": "table",
            "caption": caption,
            "columns": [
                {
                    "label": self._headings.get(column, column),
                    "align": "right" if column in numeric else "left",
                }
                for column in columns
            ],
            "rows": [
                {"cells": [self._cell(column, row[column]) for column in columns]}
                for _, row in named.iterrows()
            ],
            "row_header": True,
            "note": "",
        }

    def _cell(self, column: str, value: Any) -> Cell:
        if column == "activity_id":
            return [{"text": str(value), "href": f"#{_anchor(str(value))}", "data": True}]
        if isinstance(value, Claim):
            return [{"text": value.text(self.lang), "claim": _id(value)}]
        if column == "behind":
            return [{"text": _key_ranges(value), "data": True}]
        if column == "keys":
            return _finding_links(str(value).split())
        if isinstance(value, tuple):
            comma = self.lang.pgettext("list", ", ")
            return [{"text": comma.join(str(part) for part in value), "data": True}]
        if pd.isna(value):
            return [{"text": NOTHING}]
        text = value if isinstance(value, str) else self.lang.number(float(value))
        if column in NUMERIC:
            return [{"text": text}]
        # A date, a name, the number of a paragraph: what stands in the tables, and counts nothing.
        return [{"text": text, "data": True}]

    def _runs(self, message: str, values: dict[str, object]) -> tuple[list[Run], list[Claim]]:
        expected = i18n.placeholders(message)
        if expected != set(values):
            wrong = ", ".join(sorted(expected ^ set(values)))
            text = f"the names in braces and the values given differ in {wrong}: {message!r}"
            raise ValueError(text)
        parts = re.split(r"{(\w+)}", self.lang.said(message))
        runs: list[Run] = []
        for index, part in enumerate(parts):
            if index % 2:
                runs.append(self._run(values[part]))
            elif part:
                runs.append({"text": part})
        return runs, [value for value in values.values() if isinstance(value, Claim)]

    def _run(self, value: object) -> Run:
        if isinstance(value, Claim):
            return {"text": value.text(self.lang), "strong": True, "claim": _id(value)}
        if isinstance(value, str):
            return {"text": value, "data": True}
        if isinstance(value, list):
            return {"text": self.lang.join([str(item) for item in value]), "data": True}
        return {"text": self.lang.number(float(str(value)))}

    def _nothing(self, caption: str) -> None:
        place = self.place() or self.lang.gettext("any region")
        runs, _ = self._runs(
            "The source document reports nothing of this for {place}. This does not "
            "mean that nothing was done.",
            {"place": place},
        )
        self._show({"type": "note", "title": caption, "runs": runs, "silent": True})

    def _notices(self) -> list[str]:
        _ = self.lang.gettext
        return [
            _("This is an unofficial work. It is not made, endorsed or checked by the "
              "International Telecommunication Union."),
            _("The designations employed do not imply the expression of any opinion on the legal "
              "status of any country, territory, city or area, or of its authorities, or on the "
              "delimitation of its frontiers. The tile grids show no borders."),
            _("Titles and summaries are written by the curators of the tables; no translation in "
              "this report was made by the Union."),
            _("Tables, texts and charts: Creative Commons Attribution 4.0 International. Credit: "
              "Buenos Aires Action Plan activity tables, edition {edition}.").format(
                edition=self.edition),
        ]  # fmt: skip

    def _entry(self, claim: Claim) -> Block:
        """Return a claim as a row of the ledger."""
        pairs = [item.split("=") for item in claim.scope]
        # What speaks of paragraphs is told in them.
        own = [int(code) for column, code in pairs if column == "paragraph"]
        return {
            "id": _id(claim),
            "text": claim.text(self.lang),
            "says": self._says(claim),
            "measure": claim.measure,
            "scope": list(claim.scope),
            "population": claim.population,
            "place": list(claim.place),
            "window": list(claim.window),
            "cumulative": claim.cumulative,
            "low": _end(claim.low),
            "high": _end(claim.high),
            "bound": claim.bound,
            "whole": claim.whole,
            "figures": list(claim.figures),
            "activities": list(claim.activities),
            "paragraphs": own or self.data.told_in(claim.activities, claim.figures, claim.findings),
            **({"findings": list(claim.findings)} if claim.findings else {}),
        }

    def _says(self, claim: Claim) -> str:
        """Say in one sentence what a claim counts: what, of whom, where, when, and how sure."""
        _ = self.lang.gettext
        card = self._cards.loc[claim.measure]
        start, end = claim.window
        parts = [
            str(card[self.lang.column("name")]),
            claim.population and self.lang.term("population", claim.population),
            claim.place and self._places(claim.place),
            (start or end) and self._when(start or None, end or None, window=True),
            claim.cumulative and _("running total: it began earlier, or at a time not told"),
            # Not each of them is in it.
            card["kind"] in PEOPLE
            and len(claim.figures) > 1
            and _("the least that explains the counts of these activities"),
            *(self._scope(item) for item in claim.scope),
        ]
        # A place that is also the scope is said once.
        return self.lang.pgettext("list", "; ").join(dict.fromkeys(str(p) for p in parts if p))

    def _places(self, codes: Sequence[str]) -> str:
        regions = self._names["region"]
        names = [regions.get(code) or self.name("iso3", code) for code in codes]
        if len(names) > FEW + 2:
            more = self.lang.gettext("{number} more").format(number=len(names) - FEW)
            names = [*names[:FEW], more]
        return self.lang.join(names)

    def _scope(self, item: str) -> str:
        """Return the words for one part of a claim's scope, as `region=AFR`."""
        column, _, code = item.partition("=")
        if column == "section":
            return self._section(int(code))
        if column == "paragraph":
            return self.lang.gettext("paragraph {number}").format(number=code)
        if code == ALL:
            return self.lang.gettext("all regions")
        if column == "country":
            return self.name("iso3", code)
        if column in self._names:
            return self.name(column, code)
        if column == "initiative":
            return self._initiatives[code]
        if column == "in_period":
            return self.lang.gettext("by date: {value}").format(value=self.lang.term(column, code))
        return self._area(code) if column == "area" else self.lang.term(column, code)

    def _show(self, block: Block, claims: Sequence[Claim] = ()) -> None:
        entries = {_id(claim): self._entry(claim) for claim in claims}
        anchor = f"n-{self._shown + 1}"
        if entries:
            block = {**block, "anchor": anchor, "claims": list(entries.values())}
        block = _legible(block)
        blocks.check(block)
        if lost := blocks.unbacked(block, self._declared):
            numbers = ", ".join(dict.fromkeys(lost))
            message = (
                f"no claim backs the number {numbers} in this {block['type']}; pass a claim of "
                "`measures` in its place, or declare it: brief.literal(text, reason)"
            )
            raise ValueError(message)
        if entries:
            self._shown += 1
        for name, entry in entries.items():
            self._claims.setdefault(name, {**entry, "anchor": anchor})
        bundle: dict[str, Any] = {blocks.MIME: block}
        if not os.environ.get("BAAP_BATCH"):  # where nobody looks at the notebook itself
            bundle["text/html"] = blocks.to_html(block, self.lang)
            bundle["text/plain"] = blocks.plain(block)
        display(bundle, raw=True)


def _legible(value: Any) -> Any:
    """Return a block, or what it is made of, without symbols that no font can draw."""
    if isinstance(value, str):
        return fonts.legible(value)
    if isinstance(value, dict):
        return {key: _legible(part) for key, part in value.items()}
    return [_legible(part) for part in value] if isinstance(value, list) else value


def made_on() -> str:
    """Return the day that stands on a cover: that of the run, else today's (UTC).

    Examples
    --------
    >>> len(made_on())
    10
    """
    return os.environ.get("BAAP_MADE_ON") or datetime.now(UTC).date().isoformat()


def _refuse_missing(columns: Sequence[str], frame: pd.DataFrame) -> None:
    for column in columns:
        if column not in frame:
            raise ValueError(unknown("column of this frame", column, frame.columns))


def _claim_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold claims; only columns of objects can."""
    objects = frame.select_dtypes(include=["object"], exclude=["str"])
    return [
        str(column) for column in objects
        if any(isinstance(cell, Claim) for cell in objects[column])
    ]  # fmt: skip


def _claims_in(frame: pd.DataFrame) -> list[Claim]:
    return [
        cell for column in _claim_columns(frame) for cell in frame[column]
        if isinstance(cell, Claim)
    ]  # fmt: skip


def _id(claim: Claim) -> str:
    """Return a short key of a claim that is the same in every report and language."""
    own = [claim.measure, *map(_end, (claim.low, claim.high)), claim.bound, claim.whole,
           claim.scope, claim.population, claim.place, claim.window, claim.cumulative,
           claim.figures, claim.activities, *filter(None, [claim.findings])]  # fmt: skip
    return hashlib.sha256(json.dumps(own).encode()).hexdigest()[:8]


def _end(value: float) -> float | None:
    """Return an end of an interval; nothing where it is open or not stated."""
    return float(value) if math.isfinite(value) else None


def _evidence_anchor(name: str) -> str:
    return f"c-{name}"


def _key_ranges(keys: Sequence[str]) -> str:
    """Write keys of activities with their runs drawn together: CAP-001, CAP-004–009."""
    by_area: dict[str, list[int]] = {}
    for area, _, number in sorted(key.partition("-") for key in keys):
        by_area.setdefault(area, []).append(int(number))
    words = []
    for area, numbers in by_area.items():
        for run in _runs_of(numbers):
            last = f"–{run[-1]:03d}" if len(run) > 1 else ""
            words.append(f"{area}-{run[0]:03d}{last}")
    return ", ".join(words)


def _finding_links(keys: Sequence[str]) -> Cell:
    """Return the keys of findings as links to where the report tells them."""
    links = [{"text": key, "data": True, "href": f"#{blocks.finding_anchor(key)}"} for key in keys]
    return [run for link in links for run in ({"text": " "}, link)][1:] or [{"text": NOTHING}]


def _ranges(numbers: Sequence[int]) -> str:
    """Write numbers with their runs drawn together: 7, 9, 14–17."""
    runs = _runs_of(numbers)
    words = [f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return ", ".join(words)


def _runs_of(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _bound_together(text: str) -> str:
    """Keep the digits of a number on one line: curators type a plain space between thousands."""
    return re.sub(r"(?<=\d) (?=\d{3}(?!\d))", i18n.THIN_SPACE, text)


def _anchor(activity_id: str) -> str:
    return activity_id.lower()
