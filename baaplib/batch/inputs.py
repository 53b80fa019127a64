"""What a report is made from, as fingerprints: they tell whether it has to be built again.

Each kind of input has a bill, from names to fingerprints (`fingerprint.Bill`); a record keeps the
bills of the files that are there, so that it can also say which name on the bill has changed.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from baaplib import fingerprint
from baaplib.batch.plan import RENDERERS
from baaplib.batch.report import Report
from baaplib.fingerprint import Bill

PACKAGE = Path(__file__).parent.parent
# Kinds of input, and what is said when one of them has changed.
KINDS = {
    "notebook": "its notebook changed",
    "parameters": "its parameters changed",
    "tables": "tables changed",
    "code": "library code changed",
    "templates": "templates changed",
    "catalogue": "the catalogue of its language changed",
    "fonts": "fonts changed",
    "versions": "other versions of packages are installed",
}
# Templates of each format, below render/templates; the tokens also dress the charts.
TEMPLATES = {
    "html": ("tokens.toml", "report.html.j2", "blocks.html.j2", "report.css", "report.js"),
    "pdf": ("tokens.toml", "report.typ", "blocks.typ"),
    "index": (
        "tokens.toml", "index.html.j2", "blocks.html.j2", "index.css", "report.css", "index.js",
    ),
}  # fmt: skip
# What every report runs through, beside what its notebook and its renderer import.
ALWAYS = (
    "baaplib.batch.work", "baaplib.batch.run", "baaplib.batch.warm", "baaplib.render.document",
)  # fmt: skip
# They name what they import to be warm, or what hands reports out; whoever uses that imports it by
# themselves.
NOT_FOLLOWED = ("baaplib.batch.server", "baaplib.batch.run", "baaplib.batch.warm")
# Wherever it stands in a line; names in brackets may have comments, which may have brackets.
IMPORTED = re.compile(
    r"\bfrom\s+(baaplib(?:\s*\.\s*\w+)*)\s+import\s*(\((?:[^)#]|#[^\n]*\n)*\)|[^(\n]*)"
)
CONTINUED = re.compile(r"\\\r?\n")
NAMED = re.compile(r"\bbaaplib(?:\.\w+)+")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
INSTALLED = re.compile(r"(.+?)-([^-]+)\.(?:dist|egg)-info")


class Inputs:
    """The inputs of all reports, as they are now.

    Parameters
    ----------
    data : Path
        Data folder.
    renderers : mapping, optional
        What makes each format of a document, as `module:function`.
    package : Path, optional
        Folder of the library.

    Attributes
    ----------
    bills : dict
        From digest to bill: all that were asked for.
    """

    def __init__(
        self, data: Path, renderers: Mapping[str, str] = RENDERERS, package: Path = PACKAGE
    ) -> None:
        self.bills: dict[str, Bill] = {}
        self._data, self._package, self._renderers = data, package, renderers
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, report: Report, format: str) -> dict[str, str]:
        """Return the digest of each kind of input of one file of a report.

        Raises
        ------
        OSError
            If an input cannot be read.
        """
        notebook, language = report.notebook, str(report.parameters["language"])
        kinds: dict[str, Callable[[], Bill]] = {
            "notebook": lambda: fingerprint.files(notebook.parent, [notebook]),
            "tables": lambda: fingerprint.tables(self._data, report.edition),
            "code": lambda: self._code([*ALWAYS, self._renderers[format]], notebook),
            "templates": lambda: self._templates(format),
            "catalogue": lambda: self._files([self._package / "locale" / f"{language}.po"]),
            "fonts": fonts,
            "versions": versions,
        }
        about = {
            "notebook": (str(notebook),), "tables": (report.edition,),
            "code": (str(notebook), format), "templates": (format,), "catalogue": (language,),
        }  # fmt: skip
        parameters = {name: repr(value) for name, value in report.parameters.items()}
        # A page leads to them.
        parameters["planned"] = repr(report.planned)
        found = {"parameters": self._filed(parameters)}
        for kind, bill in kinds.items():
            key = (kind, *about.get(kind, ()))
            if key not in self._known:
                self._known[key] = self._filed(bill())
            found[kind] = self._known[key]
        return found

    def of_check(self) -> str:
        """Return the digest of all tables and of the code that holds them against their rules."""
        return self._filed({**fingerprint.tables(self._data), **self._code(["baaplib.audit"])})

    def of_index(self) -> str:
        """Return the digest of all that makes an index of a record."""
        catalogues = self._files((self._package / "locale").glob("*.po"))
        code = self._code(["baaplib.render.index", "baaplib.batch.ledger"])
        return self._filed({**code, **self._templates("index"), **catalogues})

    def _filed(self, bill: Bill) -> str:
        digest = fingerprint.digest(bill)[:16]
        self.bills[digest] = bill
        return digest

    def _templates(self, format: str) -> Bill:
        folder = self._package / "render" / "templates"
        return self._files(folder / name for name in TEMPLATES.get(format, ()))

    def _files(self, paths: Iterable[Path]) -> Bill:
        return fingerprint.files(self._package, paths)

    def _code(self, roots: Iterable[str], notebook: Path | None = None) -> Bill:
        """Return the modules of the library that some modules and a notebook import, and theirs."""
        waiting = [name for root in roots for name in self._names(root)]
        if notebook:
            waiting += self._names(_code_of(notebook))
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._imports[name]
        return self._files(self._modules[name] for name in seen)

    @cached_property
    def _modules(self) -> dict[str, Path]:
        """The modules of the library, by name."""
        found = {}
        for path in self._package.rglob("*.py"):
            parts = path.relative_to(self._package.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    @cached_property
    def _imports(self) -> dict[str, list[str]]:
        """What each module imports of the library, be it late or by name."""
        texts = {name: path.read_text("utf-8") for name, path in self._modules.items()}
        return {
            name: [] if name in NOT_FOLLOWED else [*self._names(text), *self._parents(name)]
            for name, text in texts.items()
        }

    def _names(self, text: str) -> list[str]:
        """Return the modules that a text names: more than it imports, if in doubt, never less."""
        text = CONTINUED.sub(" ", text)
        named = [match[0] for match in NAMED.finditer(text)]
        for said, names in IMPORTED.findall(text):
            base = "".join(said.split())
            named += [base, *(f"{base}.{name}" for name in re.findall(r"\w+", names))]
        return [module for name in named for module in self._parents(name, with_itself=True)]

    def _parents(self, name: str, *, with_itself: bool = False) -> Iterator[str]:
        parts = name.split(".")
        for end in range(1, len(parts) + with_itself):
            if (module := ".".join(parts[:end])) in self._modules:
                yield module


def reason(
    old: Mapping[str, str],
    new: Mapping[str, str],
    known: Mapping[str, Bill],
    bills: Mapping[str, Bill],
) -> str:
    """Say what has changed between the inputs a file was made from and those of now.

    Parameters
    ----------
    old, new : mapping
        Digests by kind, from `Inputs.of`.
    known, bills : mapping
        The bills of the old and of the new digests.

    Returns
    -------
    str
        The kinds that changed, with the first names on their bills; empty if none has.
    """
    said = []
    for kind, sentence in KINDS.items():
        if old.get(kind) != new[kind]:
            before, after = known.get(old.get(kind, ""), {}), bills[new[kind]]
            names = sorted(n for n in {*before, *after} if before.get(n) != after.get(n))
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            said.append(f"{sentence} ({', '.join(names[:3])}{more})" if before else sentence)
    return "; ".join(said)


def _code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_bytes())["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


@cache
def fonts() -> Bill:
    """Return the fingerprints of the font files.

    Raises
    ------
    FileNotFoundError
        If one is missing.
    """
    from baaplib.render import typefaces

    for (family, _), path in typefaces.FILES.items():
        if not path.is_file():
            package = typefaces.PACKAGES[family]
            message = (
                f"{path}: this file of the font {family} is missing; the package {package} brings "
                f"it: `pip install --force-reinstall --no-deps {package}`, then run again"
            )
            raise FileNotFoundError(message)
    return {path.name: fingerprint.of(path.read_bytes()) for path in typefaces.FILES.values()}


@cache
def versions() -> Bill:
    """Return the versions of Python, zlib and the installed packages that the lock file names.

    Read from the names of their folders, as their metadata would take longer than all else.
    """
    found = {"python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION}
    lock = PACKAGE.parent / "requirements.lock"
    locked = {_plain(n) for n in LOCKED.findall(lock.read_text())} if lock.exists() else None
    for folder in map(Path, reversed(sys.path)):
        for path in sorted(folder.glob("*-info")) if folder.is_dir() else ():
            named = INSTALLED.fullmatch(path.name)
            if named and (locked is None or _plain(named[1]) in locked):
                found[_plain(named[1])] = named[2]
    return found


def _plain(name: str) -> str:
    """Return the one way to write the name of a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
