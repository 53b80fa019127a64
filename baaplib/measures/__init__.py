"""Questions to the curated tables: frames in, claims and tidy frames out.

One pure function per question. Frames hold codes; `brief` turns them into a reader's words. A
region asks for what the document places there and for what names one of its countries, other than
as a mere meeting place or donor.

What several areas ask stands here; what one area asks, in the module of its notebook.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from baaplib import claims, tables, verdicts
from baaplib.claims import Claim, Rules
from baaplib.refusal import unknown

ALL = "ALL"
# Roles in which an activity reaches a country; a venue or a donor is not reached by it.
REACHING = ("beneficiary", "participant", "member")
# Measures of people who learnt something, and the types of activity where they did.
TRAINED = ("people_trained", "attendances")
TEACHING = ("training", "workshop", "programme", "project", "platform")
# The steps from registration to a certificate; who attends is being trained.
STEPS = {
    "people_registered": "registered",
    "attendances": "trained",
    "people_trained": "trained",
    "people_certified": "certified",
}
# How a count stands to the least number of people: in it, or why it is not added.
LEAST = (
    "yes", "no: part of another number", "no: may be the same people", "no: running total",
)  # fmt: skip
EQUIPMENT = ("satellite_phones", "broadband_terminals")
WOMEN = ("women", "girls")
# What a count of people runs over, by the column `cumulative`.
SPANS = {False: "single count", True: "running total"}


@dataclass(frozen=True)
class Edition:
    """The tables of one reporting edition, as far as they concern one region or country.

    Attributes
    ----------
    name : str
        Reporting edition, one of `tables.editions()`.
    region : str
        Region the rows are about, or ALL; that of the country, where they are about one.
    activities, countries, partners, tags, findings : DataFrame
        Rows of the edition's tables; `countries`, `partners` and `tags` are links of activities.
    figures : DataFrame
        Figures that count something of the region or country.
    stated : DataFrame
        Every figure of the activities, also those that count more than the region or country.
    paragraphs : DataFrame
        Every paragraph of the source, whatever the region.
    reference : dict of DataFrame
        The reference tables by name.
    members : dict of list of str
        The countries of each region that belong to ITU, by region.
    rules : claims.Rules
        What is known of all figures of the edition, for sums.
    every : DataFrame
        Every activity of the edition.
    areas : tuple of str
        Themes, or components outside the themes, that the rows are about; empty for all.
    spectrum : DataFrame
        The table on assistance in spectrum management, which names no region.
    country : str
        Country the rows are about; empty where they are about a region.

    Examples
    --------
    >>> data = edition("2022-12", "AFR")
    >>> data.region, data.activities.columns[0], "KEN" in data.members["AFR"]
    ('AFR', 'activity_id', True)
    """

    name: str
    region: str
    activities: pd.DataFrame
    countries: pd.DataFrame
    partners: pd.DataFrame
    tags: pd.DataFrame
    figures: pd.DataFrame
    stated: pd.DataFrame
    findings: pd.DataFrame
    paragraphs: pd.DataFrame
    reference: dict[str, pd.DataFrame]
    members: dict[str, list[str]]
    rules: Rules
    every: pd.DataFrame
    areas: tuple[str, ...] = ()
    spectrum: pd.DataFrame = field(default_factory=pd.DataFrame)
    country: str = ""

    def told_in(
        self, activities: Sequence[str], figures: Sequence[str], findings: Sequence[str] = ()
    ) -> list[int]:
        """Return the paragraphs behind a number: of its findings, its figures or its activities.

        Examples
        --------
        >>> edition("2022-12").told_in(["CYB-001"], [])
        [34]
        """
        if findings:
            found = self.findings[self.findings["finding_id"].isin(list(findings))]
            return sorted({number for own in found["paragraphs"] for number in own})
        counted, told = self._paragraphs
        numbers = {counted[name] for name in figures if name in counted}
        if not numbers:
            numbers = {number for name in activities for number in told.get(name, ())}
        return sorted(numbers)

    @cached_property
    def _paragraphs(self) -> tuple[dict[str, int], dict[str, Sequence[int]]]:
        """The paragraph of each figure, and the paragraphs of each activity."""
        figures, every = self.rules.figures, self.every
        counted = dict(zip(figures["figure_id"], figures["paragraph"].astype(int), strict=True))
        return counted, dict(zip(every["activity_id"], every["paragraphs"], strict=True))


def edition(name: str, region: str = ALL, country: str = "") -> Edition:
    """Load an edition and keep what concerns a region or a country.

    Parameters
    ----------
    name : str
        Reporting edition, one of `tables.editions()`.
    region : str
        Region code, or ALL.
    country : str, optional
        ISO code of a country, in place of a region.

    Raises
    ------
    ValueError
        If there is no such edition, region or country, or if both a region and a country are given.

    Examples
    --------
    >>> bool(edition("2022-12", "AFR").activities["title_en"].notna().all())
    True
    """
    reference = {
        table: tables.load(table) for table in tables.names() if tables.is_reference(table)
    }
    allowed = [*reference["regions"]["region"].astype(str), ALL]
    if region not in allowed:
        raise ValueError(unknown("region", region, allowed))
    codes = reference["countries"]["iso3"].astype(str).tolist()
    if country and country not in codes:
        raise ValueError(unknown("country", country, codes))
    if country and region != ALL:
        message = f"region {region!r} and country {country!r} are both given; give one of them"
        raise ValueError(message)
    frames = {
        table: tables.load(table, name)
        for table in ("activities", "activity_countries", "activity_partners", "activity_tags",
                      "figures", "findings", "paragraphs")
    }  # fmt: skip
    _unite(frames, verdicts.in_force(name, "same_activities"))
    return restrict(
        Edition(
            name, ALL, frames["activities"], frames["activity_countries"],
            frames["activity_partners"], frames["activity_tags"], frames["figures"],
            frames["figures"], frames["findings"], frames["paragraphs"], reference,
            _members(reference["countries"]),
            Rules(
                reference["measures"], _places(reference["countries"]), frames["figures"],
                verdicts.in_force(name),
            ),
            frames["activities"],
            spectrum=tables.load("spectrum_assistance", name),
        ),
        region, country=country,
    )  # fmt: skip


def _unite(frames: dict[str, pd.DataFrame], judged: pd.DataFrame) -> None:
    """Make one activity of each two that a curator found to be the same: the first of them."""
    same = judged[judged["verdict"] == "same"]
    first = dict(zip(same["other"], same["activity"], strict=True))
    if not first:
        return
    for table in ("activity_countries", "activity_partners", "activity_tags", "figures"):
        names = frames[table]["activity_id"].astype(str)
        united = frames[table].assign(activity_id=names.map(lambda name: first.get(name, name)))
        frames[table] = united.drop_duplicates(
            [column for column in united if column not in ("place", "basis")]
        )
    activities = frames["activities"]
    told: dict[str, dict[int, None]] = {}
    for name, paragraphs in zip(activities["activity_id"], activities["paragraphs"], strict=True):
        told.setdefault(first.get(str(name), str(name)), {}).update(dict.fromkeys(paragraphs))
    kept = activities[~activities["activity_id"].isin(list(first))].reset_index(drop=True)
    every = [tuple(told[str(name)]) for name in kept["activity_id"]]
    frames["activities"] = kept.assign(paragraphs=pd.Series(every, kept.index, dtype=object))


def restrict(
    data: Edition, region: str = ALL, area: str | Sequence[str] = (), country: str = ""
) -> Edition:
    """Keep the rows that concern a region or a country, some areas, or both.

    Figures stay only if they count something of the region: a figure of a worldwide activity that
    also names one of its countries is not the region's. A country's activities are those that
    reach it, its figures those that count it alone.

    Parameters
    ----------
    data : Edition
        What to choose from.
    region : str, optional
        Region code; all if not given.
    area : str or sequence of str, optional
        Codes of themes, or of components outside the themes; all if not given.
    country : str, optional
        ISO code of a country, in place of a region.

    Examples
    --------
    >>> data = restrict(edition("2022-12"), area="CYB")
    >>> data.activities["theme"].unique().tolist()
    ['CYB']
    """
    areas = (area,) if isinstance(area, str) else tuple(area)
    chosen = pd.Series(True, index=data.activities.index)
    if region != ALL:
        chosen &= activities_of(region, data)
    if country:
        chosen &= _reaching_any([country], data)
    if areas:
        chosen &= area_of(data.activities).isin(areas)
    activities = data.activities[chosen]

    def linked(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["activity_id"].isin(activities["activity_id"])]

    figures = linked(data.figures)
    findings = data.findings
    if region != ALL or areas or country:
        findings = _concerning(findings, activities)
    home = region_of(country, data) or ALL if country else data.region
    return replace(
        data,
        region=region if region != ALL else home,
        activities=activities,
        countries=linked(data.countries),
        partners=linked(data.partners),
        tags=linked(data.tags),
        figures=figures[_figures_of(country or region, figures, data)],
        stated=linked(data.stated),
        findings=findings,
        areas=areas or data.areas,
        country=country or data.country,
    )


def area_of(activities: pd.DataFrame) -> pd.Series[str]:
    """Return the area of each activity: its theme, or its component outside the themes.

    Examples
    --------
    >>> area_of(edition("2022-12").activities).iloc[0]
    'CAP'
    """
    themes, components = (activities[name].astype(object) for name in ("theme", "component"))
    return themes.where(themes.notna(), components)


def every_area(data: Edition) -> list[str]:
    """Return all areas of the edition: the themes in their order, then the other components.

    Examples
    --------
    >>> every_area(edition("2022-12"))[:2]
    ['CAP', 'CYB']
    """
    themes = data.reference["themes"]["theme"].astype(str).tolist()
    return [*themes, *sorted(set(area_of(data.every)) - set(themes))]


def activities_of(region: str, data: Edition) -> pd.Series[bool]:
    """Tell for each activity whether it concerns a region.

    Examples
    --------
    >>> chosen = activities_of("AFR", edition("2022-12"))
    >>> 0 < chosen.sum() < len(chosen)
    np.True_
    """
    named = data.activities["also_regions"].map(lambda regions: region in regions).astype(bool)
    own = data.activities["region"] == region
    return own | named | _reaching_any(data.members[region], data)


def _reaching_any(countries: Sequence[str], data: Edition) -> pd.Series[bool]:
    links = data.countries[data.countries["role"].isin(REACHING)]
    here = links[links["iso3"].isin(list(countries))]["activity_id"]
    return data.activities["activity_id"].isin(here)


def region_of(country: str, data: Edition) -> str:
    """Return the region of a country; empty for a territory that belongs to none.

    Examples
    --------
    >>> region_of("KEN", edition("2022-12"))
    'AFR'
    """
    region = data.reference["countries"].set_index("iso3")["region"].astype(object)[country]
    return region if isinstance(region, str) else ""


def memberships(data: Edition) -> pd.DataFrame:
    """Return the countries of each vulnerable group at the end of the period: group, iso3.

    Examples
    --------
    >>> memberships(edition("2022-12")).columns.tolist()
    ['group', 'iso3']
    """
    links, end = data.reference["country_groups"], period_of(data)[1]
    valid = links[~(links["valid_from"] > end) & ~(links["valid_to"] < end)]
    return valid[["group", "iso3"]].astype(str).reset_index(drop=True)


def activity_count(data: Edition) -> Claim:
    """Count the activities; placeholders of the source are not activities.

    Examples
    --------
    >>> activity_count(edition("2022-12")).measure
    'activities'
    """
    return of(data, claims.count("activities", not_pending(data)["activity_id"]))


def in_period(data: Edition) -> Claim:
    """Count the activities whose stated dates lie wholly in the reporting period, of all.

    Examples
    --------
    >>> in_period(edition("2022-12")).measure
    'activities_in_period'
    """
    told = not_pending(data)
    inside = told[told["in_period"] == "yes"]
    return of(
        data, claims.coverage("activities_in_period", inside["activity_id"], told["activity_id"])
    )


def by_theme(data: Edition) -> pd.DataFrame:
    """Count activities by theme, or by component outside the themes: area, activities, claim.

    Examples
    --------
    >>> by_theme(edition("2022-12")).columns.tolist()
    ['area', 'activities', 'claim']
    """
    told = not_pending(data)
    themes = counted(data, told, "theme")
    others = counted(data, told[told["theme"].isna()], "component")
    both = [frame.set_axis(["area", "activities", "claim"], axis=1) for frame in (themes, others)]
    return most_first(pd.concat(both), "area")


def by_type(data: Edition) -> pd.DataFrame:
    """Count activities by type: columns type, activities, claim; most first.

    Examples
    --------
    >>> by_type(edition("2022-12")).columns.tolist()
    ['type', 'activities', 'claim']
    """
    return counted(data, not_pending(data), "type")


def groups_of(country: str, data: Edition) -> list[str]:
    """Return the vulnerable groups a country belongs to at the end of the period.

    Examples
    --------
    >>> groups_of("TUV", edition("2022-12"))
    ['LDC', 'SIDS']
    """
    rows = memberships(data)
    return sorted(rows.loc[rows["iso3"] == country, "group"])


def coverage(data: Edition) -> pd.DataFrame:
    """Count for every country of the region, or of all, or for one, the activities that reach it.

    Returns
    -------
    DataFrame
        iso3, region, tile_row, tile_column, activities (0 where none is reported), behind (keys
        of those activities), scope (of a claim that counts them).

    Examples
    --------
    >>> coverage(edition("2022-12")).columns.tolist()
    ['iso3', 'region', 'tile_row', 'tile_column', 'activities', 'behind', 'scope']
    """
    countries = reachable(data)
    pairs = reaching(data).drop_duplicates(["activity_id", "iso3"]).astype(str)
    reached = {code: tuple(own) for code, own in pairs.groupby("iso3")["activity_id"]}
    behind = [reached.get(str(code), ()) for code in countries["iso3"]]
    frame = countries.assign(behind=pd.Series(behind, countries.index, dtype=object))
    frame["activities"] = frame["behind"].map(len).astype(int)
    areas = [scope_of(data, code) for code in data.areas]
    scopes = [(f"country={code}", *areas) for code in countries["iso3"]]
    frame["scope"] = pd.Series(scopes, countries.index, dtype=object)
    columns = ["iso3", "region", "tile_row", "tile_column", "activities", "behind", "scope"]
    return frame[columns].reset_index(drop=True)


def reachable(data: Edition) -> pd.DataFrame:
    """Return the countries that could have been reached, by region and code.

    Left out are territories, which belong to a country, and those that joined ITU later.

    Examples
    --------
    >>> reachable(edition("2022-12", "CIS"))["iso3"].tolist()[:3]
    ['ARM', 'AZE', 'BLR']
    """
    countries = data.reference["countries"].dropna(subset=["region"])
    countries = countries[countries["membership"] != "territory"]
    joined_later = countries["member_from_day"] > period_of(data)[1]
    countries = countries[~joined_later]
    if data.region != ALL:
        countries = countries[countries["region"] == data.region]
    if data.country:
        countries = countries[countries["iso3"] == data.country]
    return countries.sort_values(["region", "iso3"])


def countries_reached(data: Edition) -> Claim:
    """Count the countries that at least one activity reaches, of all countries of the region.

    Examples
    --------
    >>> countries_reached(edition("2022-12")).measure
    'countries_reached'
    """
    countries, links = reachable(data)["iso3"], reaching(data)
    links = links[links["iso3"].isin(countries)]
    reached = links["iso3"].nunique()
    return of(data, Claim(
        "countries_reached", reached, reached, "exact", (),
        tuple(dict.fromkeys(links["activity_id"].astype(str))), len(countries),
    ))  # fmt: skip


def silent(data: Edition) -> list[str]:
    """Return the codes of the region's countries for which nothing is reported.

    Examples
    --------
    >>> silent(edition("2022-12"))[:2]
    ['AGO', 'BFA']
    """
    grid = coverage(data)
    return grid.loc[grid["activities"] == 0, "iso3"].astype(str).tolist()


def only_planned(data: Edition) -> list[str]:
    """Return the codes of the region's countries that planned activities alone reach.

    Examples
    --------
    >>> only_planned(edition("2022-12"))
    ['COM', 'LBY']
    """
    planned = data.activities.loc[data.activities["status"] == "planned", "activity_id"]
    grid = coverage(data)
    alone = [bool(keys) and set(keys) <= set(planned.astype(str)) for keys in grid["behind"]]
    return grid.loc[alone, "iso3"].astype(str).tolist()


def silent_areas(data: Edition) -> list[str]:
    """Return the codes of the thematic areas of which no activity is reported.

    Examples
    --------
    >>> silent_areas(edition("2022-12"))
    []
    """
    told = set(not_pending(data)["theme"].dropna().astype(str))
    return [code for code in data.reference["themes"]["theme"].astype(str) if code not in told]


def silent_count(data: Edition) -> Claim:
    """Count the countries of the region for which nothing is reported.

    Examples
    --------
    >>> silent_count(edition("2022-12")).measure
    'countries_silent'
    """
    number = len(silent(data))
    return of(data, Claim("countries_silent", number, number))


def people_trained(data: Edition) -> Claim:
    """Return how many people were trained, from figures that are no running total.

    Examples
    --------
    >>> people_trained(edition("2022-12")).measure
    'people_trained'
    """
    return total_of(data, _trained(data), "people_trained")


def people_behind(data: Edition) -> pd.DataFrame:
    """Return the counts of people trained, the largest first, and which make up the least number.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, least (one of `LEAST`), window_start,
        window_end, paragraph.

    Examples
    --------
    >>> people_behind(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'claim', 'least', 'window_start', 'window_end']
    """
    figures = _taught(data)
    names, running = figures["figure_id"].astype(str), figures["cumulative"].astype(bool)
    carrying = names.isin(claims.carrying(people_trained(data)))
    inside = figures["part_of"].astype(object).isin(list(names[~running]))
    least = [
        LEAST[3 if total else 0 if own else 1 if part else 2]
        for total, own, part in zip(running, carrying, inside, strict=True)
    ]
    rows = claimed(figures.assign(least=least))
    rows = rows.sort_values("value", ascending=False, kind="stable")
    columns = ["activity_id", "claim", "least", "window_start", "window_end", "paragraph"]
    return titled(rows[columns], data).reset_index(drop=True)


def activities_with_people(data: Edition) -> Claim:
    """Count the trainings and workshops that state a number of people or attendances, of all.

    Examples
    --------
    >>> activities_with_people(edition("2022-12")).measure
    'trainings_counted'
    """
    told = not_pending(data)
    events = told[told["type"].isin(["training", "workshop"])]
    people = data.stated[counts_people(data.stated, data)]
    stating = events[events["activity_id"].isin(people["activity_id"])]
    return of(
        data,
        claims.coverage("trainings_counted", stating["activity_id"], events["activity_id"]),
    )


def devices(data: Edition) -> Claim:
    """Return how many satellite devices of any kind were sent to disaster areas.

    The upper end is open if a deployment states no number.

    Examples
    --------
    >>> devices(edition("2022-12")).measure
    'satellite_devices'
    """
    return devices_of(data, deployed(data), "satellite_devices")


def ladder(data: Edition) -> pd.DataFrame:
    """Return how many registered, were trained and were certified, where two steps are stated.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, step, value, claim, cumulative, figure_id; in the order
        of the steps.

    Examples
    --------
    >>> ladder(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'step', 'value', 'claim', 'cumulative']
    """
    figures = data.figures[data.figures["measure"].isin(list(STEPS))]
    wholes = data.figures.set_index("figure_id")[["measure", "cumulative"]].astype(str)
    # A part in the same measure (the women among the trained) is no step of its own; a period's
    # part of a running total is.
    same = [figures["part_of"].map(wholes[key]) == figures[key].astype(str) for key in wholes]
    figures = figures[~(same[0] & same[1])]
    steps = figures["measure"].astype(str).map(STEPS)
    figures = figures.assign(step=pd.Categorical(steps, list(dict.fromkeys(STEPS.values()))))
    # One period's steps and those of a running total are two ladders; the period's is shown.
    spans = figures.groupby(["activity_id", "cumulative"], observed=True)["step"]
    chosen = figures[spans.transform("nunique") > 1].sort_values(["activity_id", "step"])
    first = chosen.groupby("activity_id", observed=True)["cumulative"].transform("min")
    chosen = chosen[chosen["cumulative"] == first]
    columns = ["activity_id", "step", "value", "claim", "cumulative", "figure_id"]
    return titled(claimed(chosen.drop_duplicates(["activity_id", "step"]))[columns], data)


def finished(data: Edition) -> pd.DataFrame:
    """Return the share of those at the first stated step who reached the last one.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, began, ended, share (claims; the share in per cent);
        highest share first.

    Examples
    --------
    >>> finished(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'began', 'ended', 'share']
    """
    steps = ladder(data).groupby("activity_id", sort=False)["claim"]
    frame = pd.DataFrame({"began": steps.first(), "ended": steps.last()}, dtype=object)
    frame["share"] = shares_of(frame["ended"], frame["began"], "certified_share")
    order = [-claim.high for claim in frame["share"]]
    ranked = frame.assign(order=order).sort_values("order", kind="stable").drop(columns="order")
    return titled(ranked.reset_index(), data)


def womens_share(data: Edition) -> pd.DataFrame:
    """Return the share of women wherever it is stated or follows from a part and its whole.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, percent (of the numbers as stated), share (the claim, with
        its bound), printed_percent (the claim the source states, if it does), window_start,
        window_end, figure_id (of the women, or of the share).

    Examples
    --------
    >>> womens_share(edition("2022-12")).columns[:6].tolist()
    ['activity_id', 'title_en', 'title_zh', 'percent', 'share', 'printed_percent']
    """
    figures = data.figures.set_index("figure_id", drop=False)
    women = figures[figures["population"].isin(WOMEN) & figures["part_of"].notna()]
    whole = figures.reindex(women["part_of"])
    # Women among women, the trained among the registered, or a course for girls inside the total
    # of a programme say nothing of women's share.
    columns = ["measure", "activity_id"]
    same = (whole[columns].astype(str).to_numpy() == women[columns].astype(str).to_numpy()).all(1)
    women = women[same & ~whole["population"].isin(WOMEN).to_numpy()]
    whole = figures.reindex(women["part_of"])
    computed = women.assign(
        share=shares_of(claimed(women)["claim"], claimed(whole)["claim"], "women_share"),
        percent=100 * women["value"].to_numpy() / whole["value"].to_numpy(),
        whole=women["part_of"],
    )
    printed = claimed(figures[figures["measure"] == "women_share"])
    printed = printed.assign(whole=printed["share_of"])
    # Where a share is printed twice, the first counts.
    first = printed.drop_duplicates("whole")
    shares = dict(zip(first["whole"], first["claim"], strict=True))
    computed["printed_percent"] = pd.Series(
        [shares.get(whole) for whole in computed["whole"]], computed.index, dtype=object
    )
    alone = printed[~printed["whole"].isin(computed["whole"])]
    alone = alone.assign(
        share=alone["claim"], percent=alone["value"], printed_percent=alone["claim"]
    )
    columns = ["activity_id", "percent", "share", "printed_percent", "window_start", "window_end",
               "figure_id"]  # fmt: skip
    both = pd.concat(
        [frame[columns] for frame in (computed, alone) if len(frame)] or [computed[columns]]
    )
    return titled(both.sort_values("percent", ascending=False).reset_index(drop=True), data)


def people_figures(data: Edition) -> pd.DataFrame:
    """Return every stated count of people, with what it counts and where it is told.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure, population, window_start, window_end,
        paragraph.

    Examples
    --------
    >>> people_figures(edition("2022-12")).columns[:6].tolist()
    ['activity_id', 'title_en', 'title_zh', 'claim', 'measure', 'population']
    """
    people = data.figures[counts_people(data.figures, data)]
    columns = ["activity_id", "claim", "measure", "population", "window_start", "window_end",
               "paragraph"]  # fmt: skip
    return titled(claimed(people)[columns], data)


def timeline(data: Edition) -> pd.DataFrame:
    """Return the activities dated more closely than to the year, in order of time.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, start, end, status, first, last (days), exact (each end
        stated to the day; false if some day in a month or year, or if it goes on without an end),
        in_period.

    Examples
    --------
    >>> timeline(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'first', 'last']
    """
    dated = spans(data, _closely_dated(data))
    columns = ["activity_id", "title_en", "title_zh", "start", "end", "status", "first", "last",
               "exact", "in_period"]  # fmt: skip
    return dated.sort_values(["first", "last"])[columns].reset_index(drop=True)


def spans(data: Edition, rows: pd.DataFrame) -> pd.DataFrame:
    """Return dated activities with the days their dates can mean: first, last, exact.

    What goes on without an end lasts to the end of the period.

    Examples
    --------
    >>> data = edition("2022-12")
    >>> "exact" in spans(data, data.activities.dropna(subset="start"))
    True
    """
    dated = rows.copy()
    period = period_of(data)
    texts = [
        (start if isinstance(start, str) else end, end if isinstance(end, str) else start)
        for start, end in zip(dated["start"], dated["end"], strict=True)
    ]
    days = [tables.first_and_last_day(*pair) for pair in texts]
    open_ended = dated["end"].isna() & (dated["status"] == "ongoing")
    dated["first"] = pd.Series([day for day, _ in days], dated.index, dtype="datetime64[s]")
    dated["last"] = pd.Series([day for _, day in days], dated.index, dtype="datetime64[s]")
    dated["last"] = dated["last"].where(~open_ended | (dated["last"] > period[1]), period[1])
    # An end that is not stated is no doubt about a date, unless something goes on.
    to_the_day = [
        (dated[f"{end}_precision"] == "day") | dated[end].isna() for end in ("start", "end")
    ]
    dated["exact"] = to_the_day[0] & to_the_day[1] & ~open_ended
    return dated


def dated_by_year(data: Edition) -> Claim:
    """Count the activities that state a year and no more, of those that state a date.

    Examples
    --------
    >>> dated_by_year(edition("2022-12")).measure
    'activities_dated_by_year'
    """
    told = not_pending(data)
    dated = told[told["start_day"].notna() | told["end_day"].notna()]
    closely = set(_closely_dated(data)["activity_id"])
    only_year = [name for name in dated["activity_id"] if name not in closely]
    return of(data, claims.coverage("activities_dated_by_year", only_year, dated["activity_id"]))


def _closely_dated(data: Edition) -> pd.DataFrame:
    told = not_pending(data)
    precise = [told[name].isin(["month", "day"]) for name in ("start_precision", "end_precision")]
    return told[precise[0] | precise[1]]


def period_of(data: Edition) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day of the edition's reporting period.

    Examples
    --------
    >>> period_of(edition("2022-12"))
    (Timestamp('2022-05-01 00:00:00'), Timestamp('2022-12-31 00:00:00'))
    """
    editions = data.reference["editions"]
    row = editions[editions["edition"] == data.name].iloc[0]
    return row["period_start"], row["period_end"]


def partners(data: Edition) -> pd.DataFrame:
    """Count the activities of each partner: partner, kind, activities (claim); most first.

    Examples
    --------
    >>> partners(edition("2022-12")).columns.tolist()
    ['partner', 'activities', 'kind']
    """
    links = data.partners[data.partners["role"] != "prospective"]
    frame = counted(data, links.drop_duplicates(["activity_id", "partner"]), "partner")
    kinds = data.reference["partners"].set_index("partner")["kind"]
    named = frame.assign(kind=frame["partner"].map(kinds), activities=frame["claim"])
    return named.drop(columns="claim")


def partners_named_once(data: Edition) -> Claim:
    """Count the partners that one activity alone names.

    Examples
    --------
    >>> partners_named_once(edition("2022-12")).measure
    'partners_one_activity'
    """
    frame = partners(data)
    once = [claim.activities[0] for claim in frame["activities"] if claim.low == 1]
    behind = tuple(dict.fromkeys(sorted(once)))
    return of(data, Claim("partners_one_activity", len(once), len(once), "exact", (), behind))


def partner_count(data: Edition) -> Claim:
    """Count the organisations named as partners (prospective ones left out).

    Examples
    --------
    >>> partner_count(edition("2022-12")).measure
    'partners_named'
    """
    links = data.partners[data.partners["role"] != "prospective"]
    number = links["partner"].nunique()
    ids = tuple(dict.fromkeys(links["activity_id"].astype(str)))
    return of(data, Claim("partners_named", number, number, "exact", (), ids))


def listing(data: Edition) -> pd.DataFrame:
    """Return the activities as a reader looks them up, in order of the source.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, summary_en, summary_zh, start, end, status, paragraphs,
        countries (tuple of the codes of those it reaches).

    Examples
    --------
    >>> listing(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'summary_en', 'summary_zh', 'start', 'end']
    """
    columns = ["activity_id", "title_en", "title_zh", "summary_en", "summary_zh", "start", "end",
               "status", "paragraphs"]  # fmt: skip
    links = reaching(data)
    codes = {
        str(activity): tuple(dict.fromkeys(group["iso3"].astype(str)))
        for activity, group in links.groupby("activity_id", observed=True)
    }
    reached = [codes.get(activity, ()) for activity in data.activities["activity_id"]]
    frame = data.activities[columns].reset_index(drop=True)
    return frame.assign(countries=pd.Series(reached, index=frame.index, dtype=object))


def careful(data: Edition) -> pd.DataFrame:
    """Return the problems of the source that concern these activities.

    The gravest come first; among equals, those that concern little besides these activities.

    Examples
    --------
    >>> careful(edition("2022-12")).columns[:7].tolist()
    ['finding_id', 'kind', 'severity', 'paragraphs', 'activities', 'figures', 'counted']
    """
    told = {number for numbers in data.activities["paragraphs"] for number in numbers}
    findings = _concerning(data.findings, data.activities)
    order = {"high": 0, "medium": 1, "low": 2}
    rank = findings["severity"].map(order).astype(int)
    apart = [1 - len(told & set(own)) / len(own) for own in findings["paragraphs"]]
    ranked = findings.assign(rank=rank, apart=apart)
    ordered = ranked.sort_values(["rank", "apart", "finding_id"])
    return ordered.drop(columns=["rank", "apart"]).reset_index(drop=True)


def source_coverage(data: Edition) -> Claim:
    """Count the paragraphs of the source that the tables have worked through, of all of them.

    Examples
    --------
    >>> source_coverage(edition("2022-12")).measure
    'paragraphs'
    """
    curated = data.paragraphs["disposition"] != "not_curated"
    number = int(curated.sum())
    return Claim("paragraphs", number, number, whole=len(data.paragraphs))


def _places(countries: pd.DataFrame) -> dict[str, list[str]]:
    """Return the places of each region; people of a territory are people of its region."""
    grouped = countries.dropna(subset=["region"]).groupby("region", observed=True)["iso3"]
    return {str(region): codes.tolist() for region, codes in grouped}


def _members(countries: pd.DataFrame) -> dict[str, list[str]]:
    belonging = countries[countries["region"].notna() & (countries["membership"] != "territory")]
    grouped = belonging.groupby("region", observed=True)["iso3"]
    return {str(region): codes.astype(str).tolist() for region, codes in grouped}


def _concerning(findings: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the findings that concern activities: those they name, or all their paragraphs tell."""
    told = {number for numbers in rows["paragraphs"] for number in numbers}
    chosen = set(rows["activity_id"])
    about = [
        bool(set(activities) & chosen if activities else set(paragraphs) & told)
        for activities, paragraphs in zip(
            findings["activities"], findings["paragraphs"], strict=True
        )
    ]
    return findings[pd.Series(about, findings.index, dtype=bool)]


def not_pending(data: Edition) -> pd.DataFrame:
    """Return the activities that are none of the source's placeholders.

    Examples
    --------
    >>> not_pending(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'component', 'theme', 'region', 'also_regions', 'title_en', 'title_zh']
    """
    return data.activities[data.activities["status"] != "pending"]


def topics_of(data: Edition, theme: str) -> pd.DataFrame:
    """Return the activities, once for each of their topics of a theme, with the `topic`.

    Examples
    --------
    >>> topics_of(edition("2022-12"), "CYB").columns.tolist()[:2]
    ['activity_id', 'component']
    """
    reference = data.reference["topics"]
    own = reference.loc[reference["theme"] == theme, "topic"].astype(str)
    pairs = data.tags.loc[data.tags["vocabulary"] == "topic", ["activity_id", "tag"]].astype(str)
    pairs = pairs[pairs["tag"].isin(own)].rename(columns={"tag": "topic"})
    told = not_pending(data).astype({"activity_id": "str", "type": "str", "status": "str"})
    return told.merge(pairs, on="activity_id")


def reaching(data: Edition) -> pd.DataFrame:
    """Return the links of activities to the countries they reach.

    Examples
    --------
    >>> reaching(edition("2022-12")).columns.tolist()
    ['activity_id', 'iso3', 'role']
    """
    links = data.countries[data.countries["role"].isin(REACHING)]
    return links[links["activity_id"].isin(not_pending(data)["activity_id"])]


def reaching_here(data: Edition) -> pd.DataFrame:
    """Return each activity once for each country of the edition's region that it reaches.

    Returns
    -------
    DataFrame
        activity_id, iso3, region (of the country); countries of all regions, and those of none, if
        the edition is not restricted to one.

    Examples
    --------
    >>> reaching_here(edition("2022-12")).columns.tolist()
    ['activity_id', 'iso3', 'region']
    """
    links = reaching(data)[["activity_id", "iso3"]].astype(str).drop_duplicates()
    homes = data.reference["countries"].set_index("iso3")["region"]
    links["region"] = links["iso3"].map(homes).astype("str")
    return links if data.region == ALL else links[links["region"] == data.region]


def scope_of(data: Edition, area: str) -> str:
    """Return the part of a scope that names an area: a theme, or a component outside them.

    Examples
    --------
    >>> scope_of(edition("2022-12"), "CYB")
    'theme=CYB'
    """
    known = set(data.reference["themes"]["theme"].astype(str))
    return f"{'theme' if area in known else 'component'}={area}"


def of(data: Edition, claim: Claim, *more: str) -> Claim:
    """Say of which activities a claim speaks.

    Examples
    --------
    >>> of(edition("2022-12"), claims.count("activities", ["CYB-001"])).scope
    ('region=ALL',)
    """
    areas = [scope_of(data, code) for code in data.areas]
    place = f"country={data.country}" if data.country else f"region={data.region}"
    return replace(claim, scope=tuple(dict.fromkeys((place, *areas, *more))))


def counted(data: Edition, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Count the activities of each code of a column: the column, activities, claim.

    Examples
    --------
    >>> data = edition("2022-12")
    >>> counted(data, data.activities, "type").columns.tolist()
    ['type', 'activities', 'claim']
    """
    groups = rows.groupby(rows[column].astype("object"))["activity_id"]
    found = [(code, claims.count("activities", ids.astype(str))) for code, ids in groups]
    scoped = [of(data, claim, f"{column}={code}") for code, claim in found]
    frame = pd.DataFrame({
        column: pd.Series([code for code, _ in found], dtype="str"),
        "activities": pd.Series([claim.low for _, claim in found], dtype="int64"),
        "claim": pd.Series(scoped, dtype="object"),
    })  # fmt: skip
    return most_first(frame, column)


def most_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Put the rows with most activities first, equal ones in the order of the column.

    Examples
    --------
    >>> frame = pd.DataFrame({"type": ["a", "b"], "activities": [1, 2]})
    >>> most_first(frame, "type")["type"].tolist()
    ['b', 'a']
    """
    return frame.sort_values(["activities", column], ascending=[False, True], ignore_index=True)


def in_time(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by the day of the start; a mere month or year stands after its days.

    Examples
    --------
    >>> in_time(edition("2022-12").activities).columns[0]
    'activity_id'
    """
    last = frame["start"].astype("object").map(lambda text: f"{text}~", na_action="ignore")
    ordered = frame.assign(last=last).sort_values(["last", "activity_id"], na_position="last")
    return ordered.drop(columns="last").reset_index(drop=True)


def _figures_of(place: str, figures: pd.DataFrame, data: Edition) -> pd.Series[bool]:
    """Tell which figures count something of a region or country alone; ALL is every place."""
    if place == ALL:
        return pd.Series(True, index=figures.index)
    here = {place, *data.members.get(place, ())}
    own = data.activities.loc[data.activities["region"] == place, "activity_id"]
    # A worldwide meeting held in the region is not about its people.
    placed = [
        bool(places) and set(places) <= here and role != "venue"
        for places, role in zip(figures["place"], figures["place_role"], strict=True)
    ]
    unplaced = figures["place"].map(len).eq(0) & figures["activity_id"].isin(own)
    venue_only = (figures["place_role"] == "venue") & figures["activity_id"].isin(own)
    return pd.Series(placed, index=figures.index) | unplaced | venue_only


def _taught(data: Edition) -> pd.DataFrame:
    teaching = data.activities.loc[data.activities["type"].isin(TEACHING), "activity_id"]
    figures = data.figures[data.figures["measure"].isin(TRAINED)]
    return figures[figures["activity_id"].isin(teaching)]


def _trained(data: Edition) -> pd.DataFrame:
    figures = _taught(data)
    return figures[~figures["cumulative"].astype(bool)]


def total_of(data: Edition, figures: pd.DataFrame, measure: str) -> Claim:
    """Add figures as far as they add, under the name of a measure; nothing is `not stated`.

    Examples
    --------
    >>> data = edition("2022-12")
    >>> total_of(data, data.figures.head(1), "courses").measure
    'courses'
    """
    if figures.empty:
        return of(data, claims.not_stated(measure))
    return of(data, replace(claims.total(figures, data.rules), measure=measure))


def deployed(data: Edition) -> pd.DataFrame:
    """Return the activities that sent equipment after a disaster.

    Examples
    --------
    >>> deployed(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'component', 'theme', 'region', 'also_regions', 'title_en', 'title_zh']
    """
    return data.activities[data.activities["type"] == "deployment"]


def equipment(data: Edition) -> pd.DataFrame:
    """Return the figures that count what deployments sent.

    Examples
    --------
    >>> equipment(edition("2022-12")).columns[:7].tolist()
    ['figure_id', 'activity_id', 'paragraph', 'measure', 'value', 'bound', 'population']
    """
    figures = data.figures[data.figures["activity_id"].isin(deployed(data)["activity_id"])]
    return figures[figures["measure"].isin(EQUIPMENT)]


def devices_of(data: Edition, sent: pd.DataFrame, measure: str) -> Claim:
    """Add the satellite devices of some deployments, under the name of a measure.

    The upper end is open if one of them states no number.

    Examples
    --------
    >>> data = edition("2022-12")
    >>> devices_of(data, equipment(data), "satellite_devices").measure
    'satellite_devices'
    """
    figures = equipment(data)
    figures = figures[figures["activity_id"].isin(sent["activity_id"])]
    # All kinds of equipment are one thing here, a device, and devices add.
    claim = total_of(data, figures.assign(measure=measure), measure)
    if figures.empty or sent["activity_id"].isin(figures["activity_id"]).all():
        return claim
    return replace(claim, high=math.inf, bound="at_least")


def counts_people(figures: pd.DataFrame, data: Edition) -> pd.Series[bool]:
    """Tell for each figure whether it counts people or attendances.

    Examples
    --------
    >>> data = edition("2022-12")
    >>> counts_people(data.figures, data).dtype.name
    'bool'
    """
    kinds = data.reference["measures"].set_index("measure")["kind"]
    return figures["measure"].map(kinds).isin(claims.PEOPLE)


def shares_of(parts: pd.Series, wholes: pd.Series, measure: str) -> pd.Series:
    """Return the share of each part in its whole, both columns of claims.

    Examples
    --------
    >>> whole = pd.Series([claims.count("activities", ["CYB-001", "CYB-002"])])
    >>> part = pd.Series([claims.count("activities", ["CYB-001"])])
    >>> shares_of(part, whole, "plan_share").tolist()[0].low
    50.0
    """
    pairs = zip(parts, wholes, strict=True)
    shares = [claims.share(part, whole, measure) for part, whole in pairs]
    return pd.Series(shares, index=parts.index, dtype=object)


def claimed(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures with the claim that each of them makes.

    Examples
    --------
    >>> "claim" in claimed(edition("2022-12").figures)
    True
    """
    stated = claims.every_stated(figures)
    return figures.assign(claim=pd.Series(stated, index=figures.index, dtype=object))


def titled(frame: pd.DataFrame, data: Edition) -> pd.DataFrame:
    """Return rows about activities with the activities' titles before all else.

    Examples
    --------
    >>> data = edition("2022-12")
    >>> titled(data.activities[["activity_id"]], data).columns.tolist()
    ['activity_id', 'title_en', 'title_zh']
    """
    titles = data.activities[["activity_id", "title_en", "title_zh"]]
    joined = frame.astype({"activity_id": "str"}).merge(titles, on="activity_id", how="left")
    first = ["activity_id", "title_en", "title_zh"]
    return joined[first + [column for column in joined if column not in first]]
