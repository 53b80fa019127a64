"""What the notebook on digital inclusion asks: who is reached, where, and in which languages.

Whom an activity is for, what kind of product it makes and in which languages are topics of the
theme: `inc-lang-...` a language, `inc-product-...` a product, every other a group of people.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from baaplib import claims
from baaplib.claims import Claim
from baaplib.measures import (
    ALL,
    SPANS,
    WOMEN,
    Edition,
    claimed,
    coverage,
    most_first,
    not_pending,
    of,
    reaching,
    restrict,
    titled,
    topics_of,
    total_of,
)

THEME = "INC"
LANGUAGE, PRODUCT = "inc-lang-", "inc-product-"
# The topic of what is for all people, and that of accessibility.
EVERYONE, ACCESSIBILITY = "inc-all", "inc-disabilities"
# Measures of people who took part or learnt something.
REACHED = ("people_trained", "attendances", "people_participating")
# What figures call the people of a group; who attends an event about a group may be anybody.
POPULATIONS = {
    "inc-disabilities": ("persons_with_disabilities",),
    "inc-entrepreneurs": ("entrepreneurs",),
    "inc-indigenous": ("indigenous_peoples",),
    "inc-migrants": ("migrants",),
    "inc-older": ("older_persons",),
    "inc-women-girls": WOMEN,
    "inc-youth": ("children", "school_students", "young_people"),
}
# So many groups are drawn region by region; a table holds the others.
LARGEST = 3


def naming_group(data: Edition) -> Claim:
    """Count the activities that are for a named group of people, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> naming_group(edition("2022-12")).measure
    'activities_naming_group'
    """
    links = _topics(data)
    named = links[~is_property(links["tag"]) & (links["tag"] != EVERYONE)]
    return of(
        data,
        claims.coverage(
            "activities_naming_group", named["activity_id"], not_pending(data)["activity_id"]
        ),
    )


def people_of_groups(data: Edition) -> Claim:
    """Return how many people were counted that the source says belong to a named group.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people_of_groups(edition("2022-12")).measure
    'people_of_group'
    """
    every = [name for names in POPULATIONS.values() for name in names]
    return total_of(data, _counted(data, every), "people_of_group")


def groups(data: Edition) -> pd.DataFrame:
    """Return each group of people with what is told of it, also those nothing is told of.

    Returns
    -------
    DataFrame
        topic, number (of activities), activities (the claim, of all activities), people (the claim
        of those counted), iso3 (codes of the countries of the region reached for the group); most
        activities first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> groups(edition("2022-12")).columns.tolist()
    ['topic', 'number', 'activities', 'people', 'iso3']
    """
    told, links = not_pending(data)["activity_id"].astype(str), _topics(data)
    grid = coverage(data)["iso3"].astype(str)
    reached = reaching(data)
    reached = reached[reached["iso3"].isin(grid)]
    rows = []
    for topic in _groups(data) if len(told) else []:
        own = links.loc[links["tag"] == topic, "activity_id"].astype(str)
        codes = reached.loc[reached["activity_id"].isin(own), "iso3"].astype(str)
        rows.append((topic, len(own), _for_group(data, topic), _people(data, topic),
                     tuple(sorted(set(codes)))))  # fmt: skip
    frame = pd.DataFrame(rows, columns=["topic", "number", "activities", "people", "iso3"])
    return frame.sort_values(["number", "topic"], ascending=[False, True], ignore_index=True)


def untold(data: Edition) -> list[str]:
    """Return the topics of the groups of people that no activity is for.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> untold(edition("2022-12"))
    ['inc-migrants']
    """
    told = set(_topics(data)["tag"])
    return [topic for topic in _groups(data) if topic not in told and topic != EVERYONE]


def by_region(data: Edition) -> pd.DataFrame:
    """Count the activities for each group, region by region.

    Returns
    -------
    DataFrame
        region, topic (a category: groups with most activities first), activities, claim (of all
        activities of the region); only groups and regions of which something is told.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_region(edition("2022-12")).columns.tolist()
    ['region', 'topic', 'activities', 'claim']
    """
    codes = data.reference["regions"]["region"].astype(str).tolist()
    rows = []
    for region in codes if data.region == ALL else [data.region]:
        part = restrict(data, region)
        counts = groups(part)
        counts = counts[counts["number"] > 0]
        for topic, number, claim in zip(
            counts["topic"], counts["number"], counts["activities"], strict=True
        ):
            rows.append((region, topic, number, claim))
    frame = pd.DataFrame(rows, columns=["region", "topic", "activities", "claim"])
    order = groups(data)["topic"].tolist()
    frame["topic"] = pd.Categorical(frame["topic"], order, ordered=True)
    frame["region"] = pd.Categorical(frame["region"], codes, ordered=True)
    frame = frame.sort_values(["region", "topic"], ignore_index=True)
    return frame.astype({"region": "str"})


def largest_by_region(data: Edition) -> pd.DataFrame:
    """Return the rows of `by_region` for the groups with most activities of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> largest_by_region(edition("2022-12")).columns.tolist()
    ['region', 'topic', 'activities', 'claim']
    """
    frame = by_region(data)
    return _of_topics(frame, list(frame["topic"].cat.categories[:LARGEST]))


def others_by_region(data: Edition) -> pd.DataFrame:
    """Return the rows of `by_region` for all groups but those with most activities.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> others_by_region(edition("2022-12")).columns.tolist()
    ['region', 'topic', 'activities', 'claim']
    """
    frame = by_region(data)
    return _of_topics(frame, list(frame["topic"].cat.categories[LARGEST:]))


def worldwide(data: Edition) -> Claim:
    """Count the activities that belong to no region and reach no named country, of all.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> worldwide(edition("2022-12")).measure
    'activities_worldwide'
    """
    told = not_pending(data)
    placed = told["region"].notna() | told["also_regions"].map(len).gt(0)
    placed |= told["activity_id"].isin(reaching(data)["activity_id"])
    return of(
        data,
        claims.coverage(
            "activities_worldwide", told.loc[~placed, "activity_id"], told["activity_id"]
        ),
    )


def people(data: Edition) -> pd.DataFrame:
    """Return every count of people of a named group.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, population, claim, measure, span (single count or running
        total), window_start, window_end, paragraph; in the order of the source.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'population', 'claim', 'measure', 'span']
    """
    every = [name for names in POPULATIONS.values() for name in names]
    chosen = _stating(data, every)
    frame = claimed(chosen.assign(span=chosen["cumulative"].map(SPANS)))
    columns = ["activity_id", "population", "claim", "measure", "span", "window_start",
               "window_end", "paragraph"]  # fmt: skip
    return titled(frame.sort_values(["paragraph", "figure_id"])[columns], data)


def people_elsewhere(data: Edition) -> pd.DataFrame:
    """Return the counts of people of a named group that other thematic areas state.

    Returns
    -------
    DataFrame
        As `people`, and area: the theme, or the component outside the themes.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> people_elsewhere(edition("2022-12")).columns[:7].tolist()
    ['activity_id', 'title_en', 'title_zh', 'population', 'claim', 'measure', 'span']
    """
    frame = people(data)
    about = data.activities.set_index("activity_id")[["theme", "component"]].astype("object")
    area = about["theme"].where(about["theme"].notna(), about["component"])
    frame = frame.assign(area=frame["activity_id"].map(area))
    return frame[frame["area"] != THEME].reset_index(drop=True)


def accessibility_by_type(data: Edition) -> pd.DataFrame:
    """Count the activities on accessibility by type: type, activities, claim; most first.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> accessibility_by_type(edition("2022-12")).columns.tolist()
    ['type', 'activities', 'claim']
    """
    told = not_pending(data)
    links = _topics(data)
    own = told[told["activity_id"].isin(links.loc[links["tag"] == ACCESSIBILITY, "activity_id"])]
    kinds = own.groupby(own["type"].astype("object"))["activity_id"]
    counts = [(kind, claims.count("activities", ids.astype(str))) for kind, ids in kinds]
    rows = [
        (kind, int(claim.low), of(data, claim, f"topic={ACCESSIBILITY}", f"type={kind}"))
        for kind, claim in counts
    ]
    return most_first(pd.DataFrame(rows, columns=["type", "activities", "claim"]), "type")


def products(data: Edition) -> pd.DataFrame:
    """Return the guides, toolkits, courses and other resources with their languages.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, product (topic), language, topic (tuples of topics:
        the languages stated and the groups), paragraphs; ordered by product.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> products(edition("2022-12")).columns.tolist()
    ['activity_id', 'title_en', 'title_zh', 'product', 'language', 'topic', 'paragraphs']
    """
    links = _topics(data)
    made = links[links["tag"].str.startswith(PRODUCT)].rename(columns={"tag": "product"})
    made = made.sort_values(["product", "activity_id"], ignore_index=True)
    frame = made[["activity_id", "product"]].assign(
        language=_tags_of(made["activity_id"], links[links["tag"].str.startswith(LANGUAGE)]),
        topic=_tags_of(made["activity_id"], links[~is_property(links["tag"])]),
    )
    told = data.activities[["activity_id", "paragraphs"]].astype({"activity_id": "str"})
    return titled(frame.merge(told, on="activity_id"), data)


def by_language(data: Edition) -> pd.DataFrame:
    """Count the products said to have come out in a language: language, activities, claim.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> by_language(edition("2022-12")).columns.tolist()
    ['language', 'activities', 'claim']
    """
    links = _topics(data)
    spoken = links[links["tag"].str.startswith(LANGUAGE)].groupby("tag")["activity_id"]
    counts = [(tag, claims.count("products_in_language", ids)) for tag, ids in spoken]
    rows = [(tag, int(claim.low), of(data, claim, f"topic={tag}")) for tag, claim in counts]
    return most_first(pd.DataFrame(rows, columns=["language", "activities", "claim"]), "language")


def naming_language(data: Edition) -> Claim:
    """Count the products of which the source names a language, of all products.

    Examples
    --------
    >>> from baaplib.measures import edition
    >>> naming_language(edition("2022-12")).measure
    'products_naming_language'
    """
    made = products(data)
    named = made.loc[made["language"].map(len) > 0, "activity_id"]
    return of(data, claims.coverage("products_naming_language", named, made["activity_id"]))


def _topics(data: Edition) -> pd.DataFrame:
    """Return the theme's topics of the activities that are no placeholders."""
    return topics_of(data, THEME)[["activity_id", "topic"]].rename(columns={"topic": "tag"})


def is_property(topics: pd.Series) -> pd.Series[bool]:
    """Tell which topics say something else than whom an activity is for.

    Examples
    --------
    >>> is_property(pd.Series(["inc-women"])).dtype.name
    'bool'
    """
    return topics.str.startswith(LANGUAGE) | topics.str.startswith(PRODUCT)


def _groups(data: Edition) -> list[str]:
    reference = data.reference["topics"]
    own = reference.loc[reference["theme"] == THEME, "topic"].astype("str")
    return sorted(own[~is_property(own)])


def _for_group(data: Edition, topic: str) -> Claim:
    links = _topics(data)
    own = links.loc[links["tag"] == topic, "activity_id"]
    claim = claims.coverage("activities_for_group", own, not_pending(data)["activity_id"])
    return of(data, claim, f"topic={topic}")


def _people(data: Edition, topic: str) -> Claim:
    claim = total_of(data, _counted(data, POPULATIONS.get(topic, ())), "people_of_group")
    return of(data, claim, f"topic={topic}")


def _counted(data: Edition, populations: Sequence[str]) -> pd.DataFrame:
    """Return the counts of people of some populations that may be added: no running totals."""
    chosen = _stating(data, populations)
    return chosen[~chosen["cumulative"].astype(bool)]


def _stating(data: Edition, populations: Sequence[str]) -> pd.DataFrame:
    figures = data.figures[data.figures["measure"].isin(REACHED)]
    return figures[figures["population"].isin(list(populations))]


def _of_topics(frame: pd.DataFrame, topics: Sequence[str]) -> pd.DataFrame:
    chosen = frame[frame["topic"].isin(list(topics))].reset_index(drop=True)
    return chosen.assign(topic=chosen["topic"].cat.set_categories(list(topics)))


def _tags_of(activities: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Return for each activity the tuple of its tags, in the order of the alphabet."""
    own = {name: tuple(sorted(tags)) for name, tags in links.groupby("activity_id")["tag"]}
    found = [own.get(str(name), ()) for name in activities]
    return pd.Series(found, index=activities.index, dtype=object)
