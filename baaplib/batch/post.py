"""Tells people, by mail, Teams, Slack or whatever apprise knows, and keeps their addresses secret.

An address holds passwords. It comes from the environment or from a file, is taken out of the
environment before anything else is started, and nothing that is said of it repeats any of it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

# Where addresses come from: themselves, separated by blanks, or a file with one on each line.
ADDRESSES, FILE = "BAAP_NOTIFY", "BAAP_NOTIFY_FILE"
# How often a notice is tried at an address, and the seconds between.
TRIES, PAUSE = 3, 20
# What may be said of why an address did not take a notice: what the system said, or the number of
# what the service answered. Its words might repeat a password.
REASON = re.compile(r"\[Errno -?\d+\] [A-Z][a-z ]+|\b[45]\d\d\b|timed out")
# Whose own messages name addresses.
TALKATIVE = ("apprise", "requests", "urllib3", "smtplib", "asyncio", "concurrent.futures")


@dataclass(frozen=True)
class Addresses:
    """The addresses of those to tell, which nothing prints, or why there are none."""

    urls: tuple[str, ...] = field(default=(), repr=False)
    trouble: str = ""


def addresses(environment: MutableMapping[str, str]) -> Addresses:
    """Take the addresses out of an environment, so that no notebook finds them there.

    Parameters
    ----------
    environment : mapping
        `BAAP_NOTIFY` holds addresses, `BAAP_NOTIFY_FILE` the path of a file with addresses, one
        on each line; `#` begins a line that is none.

    Examples
    --------
    >>> environment = {"BAAP_NOTIFY": "mailto://ann:secret@example.org", "LANG": "C"}
    >>> addresses(environment)
    Addresses(trouble='')
    >>> environment
    {'LANG': 'C'}
    """
    urls, path = environment.pop(ADDRESSES, "").split(), environment.pop(FILE, "")
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines() if path else []
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        return Addresses(tuple(urls), f"the file that {FILE} names cannot be read ({why})")
    urls += [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if not urls:
        return Addresses(trouble=f"nobody is named; put addresses into {ADDRESSES} or {FILE}")
    return Addresses(tuple(urls))


def tell(to: Addresses, subject: str, html: str, numbers: Sequence[int] = ()) -> dict[int, str]:
    """Send a notice to each address, a few times if need be.

    Parameters
    ----------
    to : Addresses
    subject, html : str
        The notice; services that know no HTML get its words.
    numbers : sequence of int, optional
        Only to these addresses, counted from 1; to all if none of them is there.

    Returns
    -------
    dict
        From the number of each address that did not take it to why not. Trouble with the
        addresses themselves has the number 0.
    """
    if to.trouble and not to.urls:
        return {0: to.trouble}
    every = dict(enumerate(to.urls, 1))
    chosen = {number: url for number, url in every.items() if number in numbers} or every
    troubles = {0: to.trouble} if to.trouble else {}
    for number, url in chosen.items():
        if trouble := _send(url, subject, html):
            troubles[number] = trouble
    return troubles


def _send(url: str, subject: str, html: str) -> str:
    """Return why an address did not take a notice; nothing if it did."""
    try:
        import apprise
    except ImportError:
        return "apprise is not installed; run `pip install '.[notify]'` in the project"
    try:
        with _silence():
            asset = apprise.AppriseAsset(app_id="baap")
            asset.default_service_retry, asset.default_service_wait = TRIES - 1, PAUSE
            service = apprise.Apprise(asset=asset)
            if not service.add(url):
                return "it is no address that apprise knows; see its list of services"
            result = service.notify(
                html, subject, body_format=apprise.NotifyFormat.HTML, log_level=logging.DEBUG
            )
            said = " ".join(entry.message for entry in result.logs()) if not result else ""
    except Exception as error:
        # Whatever it says may hold the address.
        return f"the library failed ({type(error).__name__})"
    return _reason(said, url) if not result else ""


def _reason(said: str, url: str) -> str:
    """Return why a service refused, in words that cannot hold any part of its address."""
    for secret in sorted(_secrets(url), key=len, reverse=True):
        said = said.replace(secret, " ")
    found = dict.fromkeys(match.strip() for match in REASON.findall(said))
    return f"it was refused {TRIES} times ({', '.join(found) or 'no reason given'})"


def _secrets(url: str) -> set[str]:
    """Return what an address is made of, as it is written and as it is meant."""
    parts = [part for part in re.split(r"[/:@?&=,]+", url) if part]
    return {form for part in parts for form in (part, unquote(part), quote(unquote(part)))}


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let no library say anything of an address, on the terminal or to our log."""
    quiet, loggers = logging.NullHandler(), [logging.getLogger(name) for name in TALKATIVE]
    was = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(quiet)
        logger.propagate = False
        # What a service answered is told to whoever asks for details; that is only us.
        logger.setLevel(logging.DEBUG)
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            yield
    finally:
        for logger, (propagate, level) in zip(loggers, was, strict=True):
            logger.removeHandler(quiet)
            logger.propagate = propagate
            logger.setLevel(level)
