"""Innovation ecosystems: profiles by stage, challenges and their money, start-ups, youth, women."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    Edition,
    careful,
    claimed,
    counted,
    not_pending,
    of,
    reaching_here,
    titled,
    topics_of,
    total_of,
)
from baaplib.measures.services import by_country

# Topics this module asks for by name; all of them are rows of `topics`.
PROFILES, STRATEGIES = "inn-profiles", "inn-strategies"
CHALLENGES, STARTUPS = "inn-challenges", "inn-startups"
# The topics that say for whom an activity is meant, not what it does.
AUDIENCES = ("inn-women", "inn-youth")
# The stages of work, the furthest first.
STAGES = ("completed", "ongoing", "planned")
# Measures of people who took part; a pledge or an estimate reaches nobody yet.
TAKING_PART = (
    "attendances",
    "people_certified",
    "people_participating",
    "people_registered",
    "people_trained",
)
# Kinds of finding that say what the source leaves open.
OPEN = ("missing_value", "unclear_scope")


def by_topic(data: Edition) -> pd.DataFrame:
    """Count activities by topic; one may have several. Columns topic, activities, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_topic(edition("2022-12")).columns.tolist()
    ['topic', 'activities', 'claim']
    """
    return counted(data, topics_of(data, "INN"), "topic")


def profiles(data: Edition) -> pd.DataFrame:
    """Return the countries whose digital innovation profile is made, in work or planned.

    A workshop that prepares a profile is no profile.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, iso3, region, status, paragraphs; the furthest stage of
        each country, completed ones first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> profiles(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'iso3', 'region', 'status', 'paragraphs']
    """
    work = not_pending(_of_topic(data, PROFILES))
    work = work[work["type"] == "assessment"]
    told = work[["activity_id", "status", "paragraphs"]]
    frame = told.merge(reaching_here(data), on="activity_id")
    frame["stage"] = frame["status"].astype(str).map(STAGES.index)
    first = frame.sort_values(["stage", "iso3"]).drop_duplicates("iso3")
    columns = ["activity_id", "iso3", "region", "status", "paragraphs"]
    return titled(first[columns].reset_index(drop=True), data)


def profiles_by_stage(data: Edition) -> pd.DataFrame:
    """Count the countries at each stage of a profile: status, countries, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> profiles_by_stage(edition("2022-12")).columns.tolist()
    ['status', 'countries', 'claim']
    """
    work = profiles(data)
    stages = [stage for stage in STAGES if (work["status"] == stage).any()]
    stated = [_countries(data, work[work["status"] == stage], stage) for stage in stages]
    return pd.DataFrame({
        "status": pd.Series(stages, dtype="str"),
        "countries": pd.Series([claim.low for claim in stated], dtype="int64"),
        "claim": pd.Series(stated, dtype="object"),
    })  # fmt: skip


def profile_count(data: Edition) -> Claim:
    """Count the countries with a profile made, in work or planned.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> profile_count(edition("2022-12")).measure
    'countries_profiled'
    """
    return _countries(data, profiles(data))


def profiles_made(data: Edition) -> Claim:
    """Count the countries whose profile the document calls completed.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> profiles_made(edition("2022-12")).measure
    'countries_profiled'
    """
    work = profiles(data)
    return _countries(data, work[work["status"] == "completed"], "completed")


def strategies(data: Edition) -> pd.DataFrame:
    """Return work on national strategies, blueprints and ecosystems, furthest stage first.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, iso3 (one row for each country, missing where none is
        named), status, paragraphs.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> strategies(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'status', 'paragraphs', 'iso3']
    """
    work = not_pending(_of_topic(data, STRATEGIES))[["activity_id", "status", "paragraphs"]]
    links = reaching_here(data)[["activity_id", "iso3"]]
    frame = work.astype({"activity_id": "str"}).merge(links, on="activity_id", how="left")
    frame["stage"] = frame["status"].astype(str).map(STAGES.index)
    ordered = frame.sort_values(["stage", "activity_id", "iso3"]).drop(columns="stage")
    return titled(ordered.reset_index(drop=True), data)


def strategy_count(data: Edition) -> Claim:
    """Count the activities on national strategies, blueprints and ecosystems.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> strategy_count(edition("2022-12")).measure
    'activities'
    """
    told = not_pending(_of_topic(data, STRATEGIES))
    return of(data, claims.count("activities", told["activity_id"]), f"topic={STRATEGIES}")


def strategies_made(data: Edition) -> Claim:
    """Count those of `strategy_count` that the document calls completed.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> strategies_made(edition("2022-12")).measure
    'activities'
    """
    told = not_pending(_of_topic(data, STRATEGIES))
    made = told.loc[told["status"] == "completed", "activity_id"]
    scope = (f"topic={STRATEGIES}", "status=completed")
    return of(data, claims.count("activities", made), *scope)


def work_by_country(data: Edition) -> pd.DataFrame:
    """Return what kind of work each country is named in: the columns of `services.by_country`.

    Topics that say for whom an activity is meant are left out.

    Examples
    --------
    >>> from baaplib.measures import edition, restrict
    >>> data = restrict(edition("2022-12"), area="INN")
    >>> work_by_country(data).columns.tolist()
    ['iso3', 'region', 'topic', 'status', 'activity_id', 'paragraphs', 'behind']
    """
    return by_country(data, AUDIENCES)


def challenges(data: Edition) -> pd.DataFrame:
    """Return the innovation challenges with their winners and their money.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, start, end, status, paragraphs, winners, money (claims,
        `not stated` where the document is silent; a row for each amount, for amounts do not add).

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> challenges(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'start', 'end', 'status', 'paragraphs']
    """
    held = _competitions(data)[["activity_id", "start", "end", "status", "paragraphs"]]
    amounts = claimed(data.figures[data.figures["measure"] == "funding_usd"])
    money = amounts[["activity_id", "claim"]].astype({"activity_id": "str"})
    frame = held.astype({"activity_id": "str"}).merge(money, on="activity_id", how="left")
    names = frame["activity_id"].tolist()
    won = [_won(data, [name], f"activity_id={name}") for name in names]
    paid = [
        claim if isinstance(claim, Claim)
        else replace(claims.not_stated("funding_usd"), activities=(name,))
        for name, claim in zip(names, frame["claim"], strict=True)
    ]  # fmt: skip
    return titled(frame.drop(columns="claim").assign(
        winners=pd.Series(won, frame.index, dtype=object),
        money=pd.Series(paid, frame.index, dtype=object),
    ), data)  # fmt: skip


def challenge_count(data: Edition) -> Claim:
    """Count the innovation challenges.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> challenge_count(edition("2022-12")).measure
    'competitions'
    """
    return of(data, claims.count("competitions", _competitions(data)["activity_id"].astype(str)))


def winners(data: Edition) -> Claim:
    """Return how many proposals won a challenge.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> winners(edition("2022-12")).measure
    'proposals'
    """
    return _won(data, _competitions(data)["activity_id"].astype(str).tolist())


def challenges_with_money(data: Edition) -> Claim:
    """Count the challenges that state what their winners received, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> challenges_with_money(edition("2022-12")).measure
    'challenges_with_money'
    """
    held = _competitions(data)["activity_id"].astype(str)
    stating = data.figures.loc[data.figures["measure"] == "funding_usd", "activity_id"]
    return of(data, claims.coverage("challenges_with_money", held[held.isin(stating)], held))


def challenge_partners(data: Edition) -> pd.DataFrame:
    """Return who held or paid for the challenges: activity_id, titles, partner, kind.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> challenge_partners(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'partner', 'kind']
    """
    links = data.partners[data.partners["role"] != "prospective"]
    links = links[links["activity_id"].isin(_competitions(data)["activity_id"])]
    frame = links[["activity_id", "partner"]].drop_duplicates().astype(str)
    kinds = data.reference["partners"].set_index("partner")["kind"]
    named = titled(frame.assign(kind=frame["partner"].map(kinds)), data)
    return named.sort_values(["activity_id", "partner"], ignore_index=True)


def challenge_funders(data: Edition) -> pd.DataFrame:
    """Return who pays the winners of the challenges: the rows of `challenge_partners` that do.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> challenge_funders(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'partner', 'kind']
    """
    paying = data.partners.loc[data.partners["role"] == "funder", ["activity_id", "partner"]]
    own = challenge_partners(data)
    return own.merge(paying.drop_duplicates().astype(str), on=["activity_id", "partner"])


def left_open(data: Edition) -> pd.DataFrame:
    """Return what the document leaves open about the challenges and the help for their winners.

    Returns
    -------
    DataFrame
        Rows of the table of findings that name one of these activities, gravest first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> left_open(edition("2022-12")).columns[:7].tolist()
    ['finding_id', 'kind', 'severity', 'paragraphs', 'activities', 'figures', 'counted']
    """
    names = set(_of_topic(data, CHALLENGES).activities["activity_id"])
    ranked = careful(data)
    about = [bool(names & set(own)) for own in ranked["activities"]]
    chosen = ranked[pd.Series(about, ranked.index, dtype=bool) & ranked["kind"].isin(OPEN)]
    return chosen.reset_index(drop=True)


def startups_applying(data: Edition) -> Claim:
    """Return how many start-ups applied to the programmes for them.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> startups_applying(edition("2022-12")).measure
    'startups_applying'
    """
    own = _of_topic(data, STARTUPS)
    figures = own.figures[own.figures["measure"] == "startups"]
    return total_of(data, figures, "startups_applying")


def startup_figures(data: Edition) -> pd.DataFrame:
    """Return every number stated of start-ups and their ecosystems.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure, window_start, window_end, paragraph.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> startup_figures(edition("2022-12")).columns[:6].tolist()
    ['activity_id', 'title_en', 'title_zh', 'claim', 'measure', 'population']
    """
    return _stated(data, _of_topic(data, STARTUPS).figures)


def startup_work(data: Edition) -> Edition:
    """Return the rows about start-ups alone, for questions that any activities can be asked.

    Its claims would carry the scope of the whole theme: show none of them.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> startup_work(edition("2022-12")).activities["theme"].iloc[0]
    'INN'
    """
    return _of_topic(data, STARTUPS)


def by_audience(data: Edition) -> pd.DataFrame:
    """Count the activities for women and for young people by status.

    Returns
    -------
    DataFrame
        topic, status, activities, claim; one activity may be meant for both.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_audience(edition("2022-12")).columns.tolist()
    ['topic', 'status', 'activities', 'claim']
    """
    rows = topics_of(data, "INN")
    frames = []
    for audience in AUDIENCES:
        own = counted(data, rows[rows["topic"] == audience], "status")
        scoped = [of(data, claim, f"topic={audience}", f"status={status}")
                  for claim, status in zip(own["claim"], own["status"], strict=True)]  # fmt: skip
        own = own.assign(topic=audience, claim=pd.Series(scoped, own.index, dtype=object))
        frames.append(own.sort_values("status", key=lambda names: names.map(STAGES.index)))
    both = pd.concat(frames, ignore_index=True)
    return both[["topic", "status", "activities", "claim"]]


def for_youth_or_women(data: Edition) -> Claim:
    """Count the activities for young people, women or girls, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> for_youth_or_women(edition("2022-12")).measure
    'activities_youth_women'
    """
    every = not_pending(data)["activity_id"].astype(str)
    return of(data, claims.coverage("activities_youth_women", _aimed(data), every))


def counting_people(data: Edition) -> Claim:
    """Count the activities for young people, women or girls that say how many took part, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> counting_people(edition("2022-12")).measure
    'activities_counting_people'
    """
    aimed = _aimed(data)
    people = data.stated[data.stated["measure"].isin(TAKING_PART)]["activity_id"].astype(str)
    stating = [name for name in aimed if name in set(people)]
    return of(data, claims.coverage("activities_counting_people", stating, aimed))


def audience_figures(data: Edition) -> pd.DataFrame:
    """Return what is stated of people and groups taught by activities for youth or women.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, claim, measure, population, window_start, window_end,
        paragraph.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> audience_figures(edition("2022-12")).columns[:6].tolist()
    ['activity_id', 'title_en', 'title_zh', 'claim', 'measure', 'population']
    """
    kinds = data.reference["measures"].set_index("measure")["kind"]
    figures = data.figures[data.figures["activity_id"].isin(_aimed(data))]
    people = figures["measure"].map(kinds).isin(claims.PEOPLE)
    return _stated(data, figures[people | (figures["measure"] == "cohorts")])


def _of_topic(data: Edition, topic: str) -> Edition:
    tags = data.tags[(data.tags["vocabulary"] == "topic") & (data.tags["tag"] == topic)]
    names = tags["activity_id"]
    return replace(
        data,
        activities=data.activities[data.activities["activity_id"].isin(names)],
        figures=data.figures[data.figures["activity_id"].isin(names)],
    )


def _competitions(data: Edition) -> pd.DataFrame:
    told = not_pending(_of_topic(data, CHALLENGES))
    return told[told["type"] == "competition"]


def _won(data: Edition, names: list[str], *more: str) -> Claim:
    figures = data.figures[data.figures["activity_id"].isin(names)]
    claim = total_of(data, figures[figures["measure"] == "proposals"], "proposals")
    silent = claim.bound == "not_stated" and bool(more)
    return of(data, replace(claim, activities=tuple(names)) if silent else claim, *more)


def _aimed(data: Edition) -> list[str]:
    rows = topics_of(data, "INN")
    return list(dict.fromkeys(rows.loc[rows["topic"].isin(AUDIENCES), "activity_id"]))


def _countries(data: Edition, work: pd.DataFrame, stage: str = "") -> Claim:
    claim = claims.count("countries_profiled", work["activity_id"].astype(str))
    scope = (f"status={stage}",) if stage else ()
    return of(data, replace(claim, low=len(work), high=len(work)), *scope)


def _stated(data: Edition, figures: pd.DataFrame) -> pd.DataFrame:
    columns = ["activity_id", "claim", "measure", "population", "window_start", "window_end",
               "paragraph"]  # fmt: skip
    return titled(claimed(figures)[columns], data)
