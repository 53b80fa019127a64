"""Emergency telecommunications: what was sent when, national plans, training, who paid.

Examples
--------
>>> from baaplib.i18n import language
>>> from baaplib.measures import edition, restrict
>>> data = restrict(edition("2022-12"), area="EMT")
>>> deployments(data)["iso3"].tolist()
['TON', 'NIC', 'NIC', 'MWI', 'MOZ']
>>> devices_by_disaster(data)["value"].tolist()
[35.0, 10.0, 10.0]
>>> devices_outside(data).text(language("en"))
'35'
>>> plans_made(data).text(language("en"))
'4 of 13'
>>> sorted(set(trainings(data)["activity_id"]))
['EMT-004', 'EMT-005', 'EMT-008', 'EMT-011']
>>> deployments_funded(data).text(language("en"))
'0 of 4'
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    Edition,
    claimed,
    counted,
    coverage,
    deployed,
    devices_of,
    equipment,
    not_pending,
    of,
    reaching,
    reaching_here,
    spans,
    titled,
    topics_of,
    total_of,
)

STAGES = {"completed": 0, "ongoing": 1, "planned": 2}
TRAINING, EARLY_WARNING = "emt-training", "emt-early-warning"
# What is told neither as a deployment, nor as a plan, nor as training.
OTHER = (EARLY_WARNING, "emt-policy", "emt-networks", "emt-supplies")
TAKING_PART = ("attendances", "people_participating", "people_trained")
# A day after every other: what came later than something, nobody says how much.
OPEN = pd.Timestamp("2262-01-01")


def by_topic(data: Edition) -> pd.DataFrame:
    """Count the activities of each topic, one may have several: topic, activities, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_topic(edition("2022-12")).columns.tolist()
    ['topic', 'activities', 'claim']
    """
    return counted(data, topics_of(data, "EMT"), "topic")


def early_warning(data: Edition) -> Claim:
    """Count the activities that tell of early warning.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> early_warning(edition("2022-12")).measure
    'activities'
    """
    topics = topics_of(data, "EMT")
    own = topics.loc[topics["topic"] == EARLY_WARNING, "activity_id"]
    return of(data, claims.count("activities", own), f"topic={EARLY_WARNING}")


def deployments(data: Edition) -> pd.DataFrame:
    """Return what was deployed where after which disaster.

    Returns
    -------
    DataFrame
        activity_id, iso3, disaster, measure (kind of equipment; any, where no number is stated),
        claim, value, start, end, after (date of the disaster, where the deployment has none),
        in_period, status, paragraphs, first, last (days on which it can have been), exact; one row
        for each activity and kind of equipment, in order of time.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> deployments(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'iso3', 'disaster', 'measure', 'claim', 'value', 'start', 'end']
    """
    sent = deployed(data).astype({"activity_id": "str"})
    tags = data.tags[data.tags["vocabulary"] == "disaster"].rename(columns={"tag": "disaster"})
    places = data.countries[data.countries["role"] == "beneficiary"]
    figures = claimed(equipment(data))
    for part in (places[["activity_id", "iso3"]], tags[["activity_id", "disaster"]],
                 figures[["activity_id", "measure", "claim", "value"]]):  # fmt: skip
        sent = sent.merge(part.astype({"activity_id": "str"}), on="activity_id", how="left")
    silent = sent["value"].isna()
    sent["measure"] = sent["measure"].astype("str").mask(silent, "satellite_devices")
    nothing = [
        replace(claims.not_stated("satellite_devices"), activities=(name,))
        for name in sent["activity_id"]
    ]
    sent["claim"] = sent["claim"].where(~silent, pd.Series(nothing, sent.index, dtype=object))
    begun = data.reference["disasters"].set_index("disaster")["start"].astype("str")
    dated = sent["start"].notna() | sent["end"].notna()
    sent["after"] = sent["disaster"].astype("str").map(begun).astype("str").mask(dated)
    late = sent["after"].notna()
    # What states no date of its own came after its disaster; how long after is open.
    timed = sent.assign(start=sent["start"].astype("str").where(~late, sent["after"]))
    timed = spans(data, timed[dated | late])[["first", "last", "exact"]].reindex(sent.index)
    sent = sent.assign(**timed)
    sent["last"] = sent["last"].mask(late, OPEN)
    sent["exact"] = sent["exact"].eq(True) & ~late
    columns = ["activity_id", "iso3", "disaster", "measure", "claim", "value", "start", "end",
               "after", "in_period", "status", "paragraphs", "first", "last", "exact"]  # fmt: skip
    return sent.sort_values(["first", "activity_id"], kind="stable", ignore_index=True)[columns]


def deployments_timed(data: Edition) -> pd.DataFrame:
    """Return the rows of `deployments` for which at least the disaster has a date.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> deployments_timed(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'iso3', 'disaster', 'measure', 'claim', 'value', 'start', 'end']
    """
    return deployments(data).dropna(subset=["first"]).reset_index(drop=True)


def devices_by_disaster(data: Edition) -> pd.DataFrame:
    """Add the devices of each kind sent after each disaster; none stated is left out.

    Returns
    -------
    DataFrame
        disaster, measure (kind of equipment), value, claim; most first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> devices_by_disaster(edition("2022-12")).columns.tolist()
    ['disaster', 'measure', 'value', 'claim']
    """
    disasters = deployments(data)[["activity_id", "disaster"]].drop_duplicates()
    figures = equipment(data).astype({"activity_id": "str", "measure": "str"})
    groups = figures.merge(disasters, on="activity_id").groupby(["disaster", "measure"])
    rows = [
        (disaster, kind, of(data, total_of(data, own, str(kind)), f"disaster={disaster}"))
        for (disaster, kind), own in groups
    ]
    frame = pd.DataFrame(rows, columns=["disaster", "measure", "claim"])
    frame["value"] = pd.Series([claim.low for *_, claim in rows], dtype="float64")
    order = ["value", "disaster", "measure"]
    ranked = frame.sort_values(order, ascending=[False, True, False], ignore_index=True)
    return ranked[["disaster", "measure", "value", "claim"]]


def devices_by_date(data: Edition) -> pd.DataFrame:
    """Return how many devices were sent inside, across and outside the period, or undated.

    Returns
    -------
    DataFrame
        in_period, iso3 (tuple of the codes of the countries), deployments, devices (claims);
        inside also if there is none, nothing if there is no deployment.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> devices_by_date(edition("2022-12")).columns.tolist()
    ['in_period', 'iso3', 'deployments', 'devices']
    """
    sent, places = deployed(data), deployments(data)
    rows = []
    for dated in ("yes", "partly", "no", "unknown"):
        own, scope = sent[sent["in_period"] == dated], f"in_period={dated}"
        if not own.empty or (dated == "yes" and not sent.empty):
            number = claims.count("deployments", own["activity_id"].astype(str))
            devices = _devices(data, own, "satellite_devices")
            codes = places.loc[places["activity_id"].isin(own["activity_id"]), "iso3"].dropna()
            named = tuple(dict.fromkeys(codes.astype(str)))
            rows.append((dated, named, of(data, number, scope), of(data, devices, scope)))
    return pd.DataFrame(rows, columns=["in_period", "iso3", "deployments", "devices"])


def devices_in_period(data: Edition) -> Claim:
    """Return how many satellite devices deployments dated inside the period brought.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> devices_in_period(edition("2022-12")).measure
    'satellite_devices_in_period'
    """
    sent = deployed(data)
    return _devices(data, sent[sent["in_period"] == "yes"], "satellite_devices_in_period")


def devices_outside(data: Edition) -> Claim:
    """Return how many satellite devices deployments dated outside the period brought.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> devices_outside(edition("2022-12")).measure
    'satellite_devices_outside'
    """
    sent = deployed(data)
    return _devices(data, sent[sent["in_period"] == "no"], "satellite_devices_outside")


def deployments_outside(data: Edition) -> Claim:
    """Count the deployments that lie wholly outside the reporting period, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> deployments_outside(edition("2022-12")).measure
    'deployments_outside'
    """
    sent = deployed(data)
    outside = sent.loc[sent["in_period"] == "no", "activity_id"]
    return of(data, claims.coverage("deployments_outside", outside, sent["activity_id"]))


def phones_supplied(data: Edition) -> Claim:
    """Return how many phones ITU was given: a stock, never added to what was sent from it.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> phones_supplied(edition("2022-12")).measure
    'satellite_phones_supplied'
    """
    figures = data.figures[data.figures["measure"] == "satellite_phones_supplied"]
    return total_of(data, figures, "satellite_phones_supplied")


def supporters(data: Edition) -> pd.DataFrame:
    """Return the organisations besides ITU in all the work, with what they did in it.

    Returns
    -------
    DataFrame
        role, partner, activity_id, title_en, title_zh, type, paragraphs; deployments first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> supporters(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'partner', 'role', 'type', 'paragraphs']
    """
    links = data.partners[data.partners["role"] != "prospective"]
    told = not_pending(data)[["activity_id", "type", "paragraphs"]].astype({"activity_id": "str"})
    links = links[["activity_id", "partner", "role"]].astype({"activity_id": "str"})
    frame = titled(links.merge(told, on="activity_id"), data)
    ranked = frame.assign(later=frame["type"] != "deployment")
    ranked = ranked.sort_values(["later", "activity_id", "partner", "role"], ignore_index=True)
    return ranked.drop(columns="later")


def deployments_requested(data: Edition) -> Claim:
    """Count the deployments of which the source says who asked for them, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> deployments_requested(edition("2022-12")).measure
    'deployments_requested'
    """
    return _with_role(data, "deployments_requested", "requester")


def deployments_funded(data: Edition) -> Claim:
    """Count the deployments of which the source names who paid or gave the equipment, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> deployments_funded(edition("2022-12")).measure
    'deployments_funded'
    """
    return _with_role(data, "deployments_funded", "funder", "supplier")


def plans(data: Edition) -> pd.DataFrame:
    """Return the countries that have or are getting a national emergency telecommunications plan.

    Returns
    -------
    DataFrame
        iso3, region, status, start, end, in_period, activity_id, paragraphs; the furthest stage
        of each country.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> plans(edition("2022-12")).columns.tolist()
    ['iso3', 'region', 'status', 'start', 'end', 'in_period', 'activity_id', 'paragraphs']
    """
    told = not_pending(data)
    work = told[(told["type"] == "plan") & (told["theme"] == "EMT")].drop(columns="region")
    links = data.countries[data.countries["role"] == "beneficiary"]
    frame = work.merge(links[["activity_id", "iso3"]].astype(str), on="activity_id")
    frame = frame.merge(reaching_here(data), on=["activity_id", "iso3"])
    frame["stage"] = frame["status"].map(STAGES).astype(int)
    first = frame.sort_values(["stage", "region", "iso3"]).drop_duplicates("iso3")
    columns = ["iso3", "region", "status", "start", "end", "in_period", "activity_id", "paragraphs"]
    return first[columns].reset_index(drop=True)


def plan_grid(data: Edition) -> pd.DataFrame:
    """Return every country of the region with the stage of its national plan.

    Returns
    -------
    DataFrame
        iso3, region, tile_row, tile_column, stage (missing where nothing is reported), behind
        (keys of the activities that say so).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> plan_grid(edition("2022-12")).columns.tolist()
    ['iso3', 'region', 'tile_row', 'tile_column', 'stage', 'behind']
    """
    stages = plans(data).set_index("iso3")["status"].astype(str)
    grid = coverage(data).drop(columns=["activities", "behind", "scope"])
    behind = plans(data).set_index("iso3")["activity_id"].astype(str)
    names = [(behind[code],) if code in behind.index else () for code in grid["iso3"]]
    return grid.assign(
        stage=grid["iso3"].map(stages).astype("str"),
        behind=pd.Series(names, index=grid.index, dtype=object),
    )


def plan_count(data: Edition) -> Claim:
    """Count the countries that have or are getting a national plan.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> plan_count(edition("2022-12")).measure
    'countries_planning'
    """
    work = plans(data)
    claim = claims.count("countries_planning", work["activity_id"])
    return of(data, replace(claim, low=len(work), high=len(work)))


def plans_made(data: Edition) -> Claim:
    """Count the countries whose plan is said to be made, of those of `plan_count`.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> plans_made(edition("2022-12")).measure
    'plans_made'
    """
    work = plans(data)
    made = work[work["status"] == "completed"]
    claim = claims.count("plans_made", made["activity_id"], whole=len(work))
    return of(data, replace(claim, low=len(made), high=len(made)))


def plan_share(data: Edition) -> pd.DataFrame:
    """Return the stated shares of assessed countries with a plan, also of several regions.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, share (claim, in per cent), place, paragraph.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> plan_share(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'share', 'place', 'paragraph']
    """
    figures = claimed(data.stated[data.stated["measure"] == "plan_share"])
    frame = figures.rename(columns={"claim": "share"}).reset_index(drop=True)
    return titled(frame[["activity_id", "share", "place", "paragraph"]], data)


def trainings(data: Edition) -> pd.DataFrame:
    """Return trainings, workshops and drills, each with every number it states of them.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, topic, start, end, status, iso3 (tuple of the codes of
        the countries reached), venue (tuple of codes), measure, population, claim (missing where
        no number is stated), paragraphs.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> trainings(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'topic', 'start', 'end', 'status', 'paragraphs']
    """
    sent = data.figures["figure_id"].isin(equipment(data)["figure_id"])
    return _with_figures(data, (TRAINING,), data.figures[~sent])


def stating_people(data: Edition) -> Claim:
    """Count the trainings that state how many learnt or took part, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> stating_people(edition("2022-12")).measure
    'activities_stating_people'
    """
    topics = topics_of(data, "EMT")
    every = topics.loc[topics["topic"] == TRAINING, "activity_id"]
    people = data.figures.loc[data.figures["measure"].isin(TAKING_PART), "activity_id"].astype(str)
    claim = claims.coverage("activities_stating_people", every[every.isin(people)], every)
    return of(data, claim, f"topic={TRAINING}")


def other_work(data: Edition) -> pd.DataFrame:
    """Return the work on early warning, policy, networks and supplies: columns of `trainings`.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> other_work(edition("2022-12")).columns[:8].tolist()
    ['activity_id', 'title_en', 'title_zh', 'topic', 'start', 'end', 'status', 'paragraphs']
    """
    apart = data.figures["activity_id"].isin(deployed(data)["activity_id"])
    apart |= data.figures["measure"] == "plan_share"
    return _with_figures(data, OTHER, data.figures[~apart])


def _devices(data: Edition, sent: pd.DataFrame, measure: str) -> Claim:
    """Add the devices of some deployments; nought if there are others, and none of these."""
    if sent.empty and not deployed(data).empty:
        return of(data, Claim(measure, 0, 0))
    return devices_of(data, sent, measure)


def _with_role(data: Edition, measure: str, *roles: str) -> Claim:
    links = data.partners.loc[data.partners["role"].isin(roles), "activity_id"]
    every = deployed(data)["activity_id"].astype(str)
    return of(data, claims.coverage(measure, every[every.isin(links.astype(str))], every))


def _with_figures(data: Edition, topics: tuple[str, ...], figures: pd.DataFrame) -> pd.DataFrame:
    """Return activities of topics, with their countries and each of their figures."""
    told = topics_of(data, "EMT")
    told = told[told["topic"].isin(topics)].sort_values(["topic", "activity_id"])
    stated = claimed(figures)[["activity_id", "measure", "population", "claim"]]
    columns = ["activity_id", "topic", "start", "end", "status", "paragraphs"]
    frame = told[columns].merge(
        stated.astype({"activity_id": "str", "measure": "str"}), on="activity_id", how="left"
    )
    venues = data.countries[data.countries["role"] == "venue"]
    for column, links in (("iso3", reaching(data)), ("venue", venues)):
        own = links.astype({"activity_id": "str", "iso3": "str"}).groupby("activity_id")["iso3"]
        named = {name: tuple(dict.fromkeys(codes)) for name, codes in own}
        found = [named.get(name, ()) for name in frame["activity_id"]]
        frame[column] = pd.Series(found, frame.index, dtype=object)
    return titled(frame, data)
