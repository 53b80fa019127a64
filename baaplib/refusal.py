"""The one way this project says no to a word it does not know."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 12


def unknown(what: str, value: object, allowed: Iterable[object]) -> str:
    """Say what was asked, what is allowed, and which spelling was perhaps meant.

    Parameters
    ----------
    what : str
        What the value should have been, as a noun: "region".
    value : object
        What was given.
    allowed : iterable
        What could have been given; long lists are cut.

    Examples
    --------
    >>> unknown("region", "AFF", ["AFR", "EUR"])
    "unknown region 'AFF'; allowed: AFR, EUR. Did you mean 'AFR'?"
    """
    words = [str(word) for word in allowed]
    # Late: nobody needs it where all is well.
    from rapidfuzz import fuzz, process

    # Case is no difference to a person who asks for region afr.
    folded = {word.casefold(): word for word in words}
    close = process.extractOne(str(value).casefold(), [*folded], scorer=fuzz.ratio, score_cutoff=60)
    hint = f" Did you mean {folded[close[0]]!r}?" if close else ""
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    shown = ", ".join(words[:SHOWN]) or "none so far"
    return f"unknown {what} {str(value)!r}; allowed: {shown}{more}.{hint}"
