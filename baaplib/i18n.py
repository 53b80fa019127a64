"""What a reader's language decides: words, numbers, dates and lists.

Texts are English message ids in code and notebooks; `locale/<code>.po` holds their translations.
A language is anything that has a catalogue there. English reads the ids themselves; its catalogue
holds only what reads otherwise.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from unicodedata import combining, normalize

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from baaplib.refusal import unknown

LOCALE = Path(__file__).parent / "locale"
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
# BCP 47 tags for `<html lang>` and Typst, where the plain code would leave the script open.
TAGS = {"zh": "zh-Hans"}


class Language:
    """Words, numbers and dates of one report language.

    Parameters
    ----------
    code : str
        ISO 639-1 code, one of `languages()`.

    Examples
    --------
    >>> english = language("en")
    >>> english.number(190000).replace(THIN_SPACE, " ")
    '190 000'
    >>> english.date("2022-10")
    'October 2022'
    >>> english.join(["Fiji", "Tonga", "Vanuatu"])
    'Fiji, Tonga and Vanuatu'
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.tag = TAGS.get(code, code)
        self._catalogue = _catalogue(code)
        self._locale = Locale.parse(code)

    def gettext(self, message: str) -> str:
        """Return the message in this language."""
        return self._catalogue.gettext(message)

    def pgettext(self, context: str, message: str) -> str:
        """Return the message in this language, as it reads in the context."""
        return self._catalogue.pgettext(context, message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the singular or the plural message, as the number asks for."""
        return self._catalogue.ngettext(singular, plural, n)

    def term(self, column: str, value: str) -> str:
        """Return the words for a term that a schema allows in a column.

        Examples
        --------
        >>> language("en").term("status", "not_stated")
        'not stated'
        """
        return self.pgettext(column, value.replace("_", " "))

    def has(self, message: str) -> bool:
        """Tell whether the message has a translation (English needs none)."""
        return self.code == "en" or self.gettext(message) != message

    def said(self, message: str) -> str:
        """Return the message in this language; half a translated report is none.

        Raises
        ------
        ValueError
            If it has no translation.

        Examples
        --------
        >>> language("zh").said("In brief")
        '概要'
        """
        if not self.has(message):
            text = (
                f"no translation into {self.code!r} of {message!r}; run `make words`, translate "
                f"what it names in baaplib/locale/{self.code}.po, or take {self.code!r} out of the "
                "languages of the report in batch.yml"
            )
            raise ValueError(text)
        return self.gettext(message)

    def number(self, value: float, digits: int | None = None) -> str:
        """Write a number with thin spaces between thousands, as ITU texts do.

        Without `digits` it has one decimal where it needs one, and none otherwise.
        """
        if digits is None:
            digits = 0 if float(round(value, 1)).is_integer() else 1
        whole, _, rest = f"{value:,.{digits}f}".partition(".")
        return whole.replace(",", THIN_SPACE) + (f".{rest}" if rest else "")

    def language_name(self, code: str) -> str:
        """Return the name of a language in this language.

        Examples
        --------
        >>> language("en").language_name("zh")
        'Chinese'
        """
        return str(self._locale.languages[code])

    def date(self, text: str) -> str:
        """Write an ISO date as precisely as it is stated.

        Parameters
        ----------
        text : str
            `2022`, `2022-10` or `2022-10-18`.

        Examples
        --------
        >>> language("en").date("2022-10-18")
        '18 October 2022'
        """
        year, month, day = ([int(part) for part in text.split("-")] + [0, 0])[:3]
        if not month:
            return self.gettext("{year}").format(year=year)
        pattern = self.gettext("{day} {month} {year}") if day else self.gettext("{month} {year}")
        return pattern.format(day=day, month=self._month(month), month_number=month, year=year)

    def period(self, start: str, end: str) -> str:
        """Write a span of two ISO dates; what both share is said once.

        Examples
        --------
        >>> language("en").period("2022-06-06", "2022-06-16")
        '6 to 16 June 2022'
        """
        if not end or start == end:
            return self.date(start)
        first, last = ([int(part) for part in text.split("-")] for text in (start, end))
        if len(first) == 3 and first[:2] == last[:2]:
            pattern, parts = self.gettext("{first} to {last} {month} {year}"), (first[2], last[2])
        elif len(first) == len(last) == 2 and first[0] == last[0]:
            pattern, parts = self.gettext("{first_month} to {last_month} {year}"), (0, 0)
        else:
            pattern = self.gettext("{start} to {end}")
            return pattern.format(start=self.date(start), end=self.date(end))
        return pattern.format(
            first=parts[0], last=parts[1], year=first[0],
            month=self._month(first[1]), month_number=first[1],
            first_month=self._month(first[1]), first_number=first[1],
            last_month=self._month(last[1]), last_number=last[1],
        )  # fmt: skip

    def join(self, items: Sequence[str]) -> str:
        """Write a list as a sentence does: 'a, b and c'."""
        if len(items) < 2:
            return "".join(items)
        comma, last = self.pgettext("list", ", "), self.pgettext("list", " and ")
        return comma.join(items[:-1]) + last + items[-1]

    def sorted(self, names: Iterable[str]) -> list[str]:
        """Put names into the order a reader looks them up in.

        Chinese is ordered by pinyin, as its dictionaries and the UN's lists of countries are.

        Examples
        --------
        >>> language("zh").sorted(["肯尼亚", "斐济", "阿根廷", "中国"])
        ['阿根廷', '斐济', '肯尼亚', '中国']
        """
        return sorted(names, key=_pinyin if self.code == "zh" else _unaccented)

    def column(self, stem: str) -> str:
        """Return the column that holds a text in this language: `name_en`, `name_zh`.

        Curated tables are bilingual; any other language reads the English column.
        """
        return f"{stem}_{self.code if self.code in BILINGUAL else 'en'}"

    def _month(self, month: int) -> str:
        return str(self._locale.months["format"]["wide"][month])


def _unaccented(name: str) -> tuple[str, str]:
    """Return a name without case and accents: Côte d'Ivoire stands before Croatia."""
    letters = (c for c in normalize("NFD", name.casefold()) if not combining(c))
    return "".join(letters), name


@cache
def _pinyin(name: str) -> tuple[list[str], str]:
    # Takes a tenth of a second to import, and no other language needs it.
    from pypinyin import Style, lazy_pinyin

    return lazy_pinyin(name, style=Style.TONE3), name


# Languages in which the curated tables hold names, titles and summaries.
BILINGUAL = ("en", "zh")


def languages() -> list[str]:
    """Return the codes of all report languages.

    Examples
    --------
    >>> languages()
    ['en', 'zh']
    """
    return sorted({"en"} | {path.stem for path in LOCALE.glob("*.po")})


@cache
def language(code: str) -> Language:
    """Return a report language.

    Raises
    ------
    ValueError
        If there is no catalogue for the code; names the languages there are.
    """
    if code not in languages():
        raise ValueError(unknown("report language", code, languages()))
    return Language(code)


def placeholders(message: str) -> set[str]:
    """Return the names in braces that a message expects.

    Examples
    --------
    >>> sorted(placeholders("{share} of {whole}"))
    ['share', 'whole']
    """
    return set(re.findall(r"{(\w+)", message))


def _catalogue(code: str) -> gettext.NullTranslations:
    path = LOCALE / f"{code}.po"
    if not path.exists():
        return gettext.NullTranslations()
    # Compiled in memory: a .mo in the tree could be older than its .po.
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
