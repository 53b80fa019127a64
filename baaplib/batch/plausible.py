"""Whether a report says suspiciously little beside what it said before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baaplib.batch.report import Failure, Outcome

# What a report shows, counted in its facts, and what it may not lose all of.
SHOWN = {"charts": "chart", "tables": "table", "numbers": "number"}
# Parts of what there was before that are too little: of its numbers, of a file, of the time its
# cells took. Time alone moves by several times when a machine is busy, so it has to be far off.
NUMBERS, SIZE, TIME = 1 / 2, 1 / 10, 1 / 20
# Seconds below which the time that cells took says nothing.
SHORT = 2.0


def doubt(outcome: Outcome, old: Mapping[str, Any]) -> Failure | None:
    """Compare what was built with the report's entry in the record, which the last good build left.

    Returns
    -------
    Failure or None
        Of the step `plausibility`, with all that is suspicious; None if nothing is, or if the
        report was never built before.
    """
    found = [*_shown(outcome, old), *_sizes(outcome, old), *_time(outcome, old)]
    if not found:
        return None
    message = (
        f"{'; '.join(found)}; if that is right, run it again with --accept "
        "(to look at it first, set BAAP_REPORTS to another folder)"
    )
    return Failure("plausibility", None, "Suspicious", message)


def _shown(outcome: Outcome, old: Mapping[str, Any]) -> Iterator[str]:
    before, now = old.get("facts", {}), outcome.facts
    for name, word in SHOWN.items():
        had, has = before.get(name, 0), now.get(name, 0)
        if had and not has:
            yield f"no {word}, where there {'was' if had == 1 else 'were'} {had}"
        elif name == "numbers" and has < had * NUMBERS:
            yield f"{has} {name}, where there were {had}"


def _sizes(outcome: Outcome, old: Mapping[str, Any]) -> Iterator[str]:
    for format, content in outcome.outputs.items():
        before = old.get("outputs", {}).get(format, {}).get("bytes", 0)
        if len(content) < before * SIZE:
            yield f"{format} of {len(content)} bytes, where it had {before}"


def _time(outcome: Outcome, old: Mapping[str, Any]) -> Iterator[str]:
    before, now = old.get("seconds", {}).get("cells", 0), outcome.seconds.get("cells", 0)
    if before >= SHORT and now < before * TIME:
        yield f"cells that took {now:.1f} s, where they took {before:.1f} s"
