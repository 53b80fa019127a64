"""Where the training centres are: networks, their phases, and the countries named of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from baaplib.claims import Claim
from baaplib.measures import ALL, Edition, claimed, of, titled, topics_of

# Networks of training centres by topic, and the phases of one of them as they began.
NETWORKS = {
    "cap-excellence": "Centre of Excellence",
    "cap-digital-transformation": "Digital Transformation Centre",
}
PHASES = (
    "Digital Transformation Centre, from the first phase",
    "Digital Transformation Centre, new in the second phase",
)


def networks(data: Edition) -> pd.DataFrame:
    """Return which country hosts a centre of which network, and of which phase.

    The phases are the parts of the initiative's count of centres, in the order of the source.

    Returns
    -------
    DataFrame
        iso3, region, network (an ordered category, so that every region has all of them),
        activity_id; by network and country. A centre whose phase is not told stands under its
        network alone.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "AMS"), area="CAP")
    >>> networks(data)["iso3"].tolist()
    ['DOM']
    """
    topics = topics_of(data, "CAP")[["activity_id", "topic"]]
    links = data.countries[data.countries["role"] == "member"].astype(str)
    frame = links.merge(topics[topics["topic"].isin(list(NETWORKS))], on="activity_id")
    frame = frame.drop_duplicates(["activity_id", "iso3"])
    homes = data.reference["countries"].set_index("iso3")["region"].astype(str)
    frame["region"] = frame["iso3"].map(homes)
    if data.region != ALL:
        frame = frame[frame["region"] == data.region]
    phases = _phases(data)
    told = [
        phases.get((activity, code), NETWORKS[topic])
        for activity, code, topic in zip(
            frame["activity_id"], frame["iso3"], frame["topic"], strict=True
        )
    ]
    excellence, transformation = NETWORKS.values()
    without_phase = [transformation] if transformation in told else []
    order = [excellence, *without_phase, *PHASES]
    frame["network"] = pd.Categorical(told, order, ordered=True)
    columns = ["iso3", "region", "network", "activity_id"]
    return frame.sort_values(["network", "iso3"], ignore_index=True)[columns]


def centre_countries(data: Edition) -> Claim:
    """Count the countries named as home of a training centre of any network.

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "EUR"), area="CAP")
    >>> centre_countries(data).place
    ('ITA', 'LTU', 'MKD', 'POL')
    """
    frame = networks(data)
    codes = tuple(sorted(set(frame["iso3"])))
    ids = tuple(dict.fromkeys(frame["activity_id"]))
    return of(data, Claim("centre_countries", len(codes), len(codes), activities=ids, place=codes))


def centres_counted(data: Edition) -> pd.DataFrame:
    """Return how many centres the source counts, and the countries of the region it names of them.

    Returns
    -------
    DataFrame
        activity_id, title_en, title_zh, network (as in `networks`), centres (the count, a claim:
        it may be that of all regions), hosts (a claim: how many countries are named, there or
        where the network is told of which it is a part).

    Examples
    --------
    >>> from baaplib import measures
    >>> data = measures.restrict(measures.edition("2022-12", "ARB"), area="CAP")
    >>> [claim.low for claim in centres_counted(data)["hosts"]]
    [1, 0, 1, 0]
    """
    told = topics_of(data, "CAP")
    told = told[told["topic"].isin(list(NETWORKS))]
    topics = dict(zip(told["activity_id"], told["topic"], strict=True))
    counts = data.stated["measure"].eq("centres") & data.stated["activity_id"].isin(list(topics))
    figures, hosts, phases = claimed(data.stated[counts]), networks(data), _phases(data)
    every = data.rules.figures.astype({"figure_id": "str", "activity_id": "str"})
    homes = dict(zip(every["figure_id"], every["activity_id"], strict=True))
    rows = []
    for _, figure in figures.iterrows():
        name, count = str(figure["activity_id"]), figure["claim"]
        # Centres of a region are named where the network they are part of is told.
        names = tuple(dict.fromkeys([name, homes.get(figure["part_of"], name)]))
        own = hosts[hosts["activity_id"].isin(names)]
        here = own["iso3"].isin(figure["place"]) | own["region"].isin(figure["place"])
        codes = tuple(sorted(own.loc[here | (not figure["place"]), "iso3"]))
        named = replace(
            count, measure="countries", low=len(codes), high=len(codes), bound="exact",
            place=codes, activities=names,
        )  # fmt: skip
        # A count of one phase alone is that of the phase.
        within = {phases.get((name, code)) for code in figure["place"]}
        phase = within.pop() if len(within) == 1 else None
        rows.append((name, phase or NETWORKS[topics[name]], count, named))
    columns = ["activity_id", "network", "centres", "hosts"]
    return titled(pd.DataFrame(rows, columns=columns), data)


def _phases(data: Edition) -> dict[tuple[str, str], str]:
    """Return the phase of each centre, by activity and country."""
    centres = data.stated[data.stated["measure"] == "centres"].sort_values("figure_id")
    homes = centres.set_index("figure_id")["activity_id"].astype(str)
    parts = centres[centres["part_of"].map(homes).eq(centres["activity_id"].astype(str))]
    phases: dict[tuple[str, str], str] = {}
    for _, group in parts.groupby(parts["activity_id"].astype(str)):
        for phase, places in zip(PHASES, group["place"], strict=False):
            phases |= {(str(group["activity_id"].iloc[0]), code): phase for code in places}
    return phases
