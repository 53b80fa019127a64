"""What a report is made from: a change is seen by the reports it concerns, and by no other.

Each test works on a copy of the project, as library, notebooks and tables are what is changed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from modulefinder import ModuleFinder
from pathlib import Path

import pytest
import yaml

from baaplib.batch import inputs, plan
from baaplib.batch.inputs import Inputs
from baaplib.batch.report import Report

ROOT = Path(__file__).parent.parent
EDITION = "2022-12"
OTHER = "2021-12"
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[!_]*.ipynb"))


@pytest.fixture
def project(tmp_path):
    """A copy of the project."""
    for name in ("baaplib", "data", "notebooks"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return tmp_path


@pytest.fixture
def editions(project):
    """The copy with the tables of a second edition."""
    folder = project / "data" / "editions"
    shutil.copytree(folder / EDITION, folder / OTHER)
    return project


def report(project, notebook="cybersecurity", language="en", edition=EDITION, region="AFR"):
    place = {"edition": edition, "region": region, "language": language}
    path = project / "notebooks" / f"{notebook}.ipynb"
    return Report(notebook, path, place, ("html", "pdf"))


def made_from(project, **changes):
    """Return the inputs of some reports, by report and format."""
    own = Inputs(project / "data", package=project / "baaplib")
    reports = {
        "cyb": report(project, **changes),
        "cyb zh": report(project, language="zh"),
        "cyb 2021": report(project, edition=OTHER),
        "env": report(project, "environment"),
    }
    return {
        f"{name} {format}": own.of(made, format)
        for name, made in reports.items()
        for format in made.formats
    }


def changed(before, after):
    """Return the kinds of input that changed, by report and format."""
    differ = {
        name: {kind for kind in after[name] if after[name][kind] != before[name][kind]}
        for name in after
    }
    return {name: kinds for name, kinds in differ.items() if kinds}


CYB = {f"cyb{more} {format}" for more in ("", " zh", " 2021") for format in ("html", "pdf")}
ENV = {"env html", "env pdf"}
OLD = {"cyb 2021 html", "cyb 2021 pdf"}
HTML = {f"{name} html" for name in ("cyb", "cyb zh", "cyb 2021", "env")}
ALL = CYB | ENV
CHANGES = {
    "notebooks/cybersecurity.ipynb": (CYB, "notebook"),
    "data/editions/2022-12/figures.csv": (ALL - OLD, "tables"),
    "data/editions/2021-12/figures.csv": (OLD, "tables"),
    "data/reference/partners.csv": (ALL, "tables"),
    "data/schemas/figures.json": (ALL, "tables"),
    "data/README.md": (set(), ""),
    "baaplib/measures/cybersecurity.py": (CYB, "code"),
    "baaplib/measures/environment.py": (ENV, "code"),
    "baaplib/measures/__init__.py": (ALL, "code"),
    "baaplib/claims.py": (ALL, "code"),
    "baaplib/render/html.py": (HTML, "code"),
    "baaplib/render/pdf.py": (ALL - HTML, "code"),
    "baaplib/batch/kernels.py": (ALL, "code"),
    "baaplib/batch/run.py": (ALL, "code"),
    "baaplib/batch/warm.py": (ALL, "code"),
    "baaplib/cli.py": (set(), ""),
    "baaplib/audit.py": (set(), ""),
    "baaplib/batch/manifest.py": (set(), ""),
    "baaplib/render/index.py": (set(), ""),
    "baaplib/render/templates/report.css": (HTML, "templates"),
    "baaplib/render/templates/report.typ": (ALL - HTML, "templates"),
    "baaplib/render/templates/blocks.typ": (ALL - HTML, "templates"),
    "baaplib/render/templates/tokens.toml": (ALL, "templates"),
    "baaplib/render/templates/index.css": (set(), ""),
    "baaplib/locale/zh.po": ({"cyb zh html", "cyb zh pdf"}, "catalogue"),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_concerns_exactly_those_who_depend_on_it(path, editions):
    project = editions
    before = made_from(project)
    whom, kind = CHANGES[path]
    with (project / path).open("a", encoding="utf-8") as file:
        file.write("\n" if path.endswith(".ipynb") else "\n# another line\n")
    assert changed(before, made_from(project)) == {name: {kind} for name in whom}


def test_nothing_changed_is_no_change(project):
    before = made_from(project)
    for path in project.rglob("*.*"):
        os.utime(path)
    assert changed(before, made_from(project)) == {}


def test_a_parameter_is_an_input(project):
    differ = changed(made_from(project), made_from(project, region="EUR"))
    assert differ == {"cyb html": {"parameters"}, "cyb pdf": {"parameters"}}


def test_another_version_of_a_locked_package_is_an_input(project, tmp_path, monkeypatch):
    before = made_from(project)
    site = tmp_path / "site"
    (site / "pandas-99.1.dist-info").mkdir(parents=True)
    (site / "not_locked-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(site))
    inputs.versions.cache_clear()
    try:
        assert changed(before, made_from(project)) == {name: {"versions"} for name in ALL}
        assert inputs.versions()["pandas"] == "99.1"
        assert "not-locked" not in inputs.versions()
        assert {"python", "zlib"} <= set(inputs.versions())
    finally:
        inputs.versions.cache_clear()


def test_another_font_file_is_an_input(project, tmp_path, monkeypatch):
    from baaplib.render import typefaces

    before = made_from(project)
    font = tmp_path / "DejaVuSans.ttf"
    font.write_bytes(b"another")
    monkeypatch.setitem(typefaces.FILES, (typefaces.OTHER, "normal"), font)
    inputs.fonts.cache_clear()
    try:
        assert changed(before, made_from(project)) == {name: {"fonts"} for name in ALL}
    finally:
        inputs.fonts.cache_clear()


def test_the_reason_names_what_changed(project):
    own = [Inputs(project / "data", package=project / "baaplib")]
    old = own[0].of(report(project), "html")
    (project / "baaplib/measures/cybersecurity.py").unlink()
    for name in ("activities", "figures", "findings", "paragraphs"):
        (project / f"data/editions/{EDITION}/{name}.csv").write_text("another")
    own.append(Inputs(project / "data", package=project / "baaplib"))
    new = own[1].of(report(project), "html")
    assert inputs.reason(old, new, own[0].bills, own[1].bills) == (
        "tables changed (editions/2022-12/activities.csv, editions/2022-12/figures.csv, "
        "editions/2022-12/findings.csv and 1 more); "
        "library code changed (measures/cybersecurity.py)"
    )
    assert inputs.reason(new, new, own[1].bills, own[1].bills) == ""


def test_every_template_belongs_to_a_format_or_to_the_index():
    folder = ROOT / "baaplib" / "render" / "templates"
    named = {name for names in inputs.TEMPLATES.values() for name in names}
    assert named == {path.name for path in folder.iterdir()}
    assert set(inputs.TEMPLATES) == {*plan.FORMATS, "index"}


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_all_that_is_imported_is_among_the_inputs(notebook, tmp_path):
    """Python's own reading of the bytecode finds no module that ours does not."""
    made = Report(
        notebook, ROOT / "notebooks" / f"{notebook}.ipynb",
        {"edition": EDITION, "language": "en", "region": "ALL"}, plan.FORMATS,
    )  # fmt: skip
    script = tmp_path / "script.py"
    # What `run` hands reports out with is not followed; what it imports itself is no input.
    roots = [name for name in inputs.ALWAYS if name != "baaplib.batch.run"]
    for format, renderer in plan.RENDERERS.items():
        lines = [f"import {name}" for name in (*roots, renderer.split(":")[0])]
        script.write_text("\n".join([*lines, inputs._code_of(made.notebook)]))
        finder = ModuleFinder(path=[str(ROOT)])
        finder.run_script(str(script))
        # The package's own names (`from baaplib import charts`) are looked up as attributes.
        found = {
            Path(module.__file__).relative_to(ROOT / "baaplib").as_posix()
            for name, module in finder.modules.items()
            if name.startswith("baaplib") and module.__file__
        }
        own = Inputs(ROOT / "data")
        assert found
        assert found <= set(own.bills[own.of(made, format)["code"]])


@pytest.mark.parametrize(
    "code",
    [
        "import os; from baaplib.measures import cybersecurity",
        "if True: from baaplib.measures import cybersecurity",
        "from baaplib.measures import (  # (mostly) counted\n    services,\n    cybersecurity)",
        "from baaplib.measures import(services as s,  # :)\n    cybersecurity)",
        "from baaplib.measures \\\n    import services, \\\n    cybersecurity",
        "from baaplib . measures import cybersecurity as cyber",
        "import os, baaplib.measures.cybersecurity as cyber",
        "import importlib\nimportlib.import_module('baaplib.measures.cybersecurity')",
        "%matplotlib inline\nfrom baaplib.measures import cybersecurity",
        "exec('from baaplib.measures import cybersecurity')",
    ],
)
def test_however_a_cell_imports_it_is_seen(code):
    assert "baaplib.measures.cybersecurity" in Inputs(ROOT / "data")._names(code)


# The whole way: random changes, and a full run to compare with


BATCH = {
    "reports": {
        "profile": {
            "notebook": "country_profile",
            "parameters": {"edition": EDITION},
            "over": {"country": ["MLT", "KIR"], "language": ["en", "zh"]},
            "formats": ["html", "pdf"],
        },
        "green": {
            "notebook": "environment",
            "parameters": {"edition": EDITION, "region": "CIS", "language": "en"},
            "formats": ["html"],
        },
    }
}
RUN = "import sys; from baaplib import cli; sys.exit(cli.main(sys.argv[1:]))"


def baap(project, reports, *words):
    own = {"PYTHONPATH": str(project), "BAAP_REPORTS": str(reports), "BAAP_MADE_ON": "2026-01-01"}
    command = [sys.executable, "-c", RUN, "run", *words]
    done = subprocess.run(
        command, cwd=project, env=os.environ | own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def published(reports):
    folder = reports / EDITION
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for format in plan.FORMATS
        for path in folder.glob(f"*/*.{format}")
    }


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new), "utf-8")


# Each changes what a reader sees of some of the reports; said is what shows that it did.
EDITS = {
    "a name in a table": ("data/reference/partners.csv", "World Bank", "World Banks", "tables"),
    "another name in it": ("data/reference/partners.csv", "European Union", "The EU", "tables"),
    "columns of a table": (
        "notebooks/country_profile.ipynb", r'[\"title\", \"partner\"]', r'[\"partner\", \"title\"]',
        "its notebook"),
    "a number in the library": ("baaplib/brief.py", "FEW = 5", "FEW = 1", "library code"),
    "a word in the catalogue": ("baaplib/locale/zh.po", "国家概况", "国家概览", "the catalogue"),
    "a size": ("baaplib/render/templates/tokens.toml", '"1.5rem"', '"1.6rem"', "templates"),
    "a style": (
        "baaplib/render/templates/report.css", "top: 3px solid", "top: 4px solid", "templates"),
    "a width on paper": (
        "baaplib/render/templates/blocks.typ", "gutter: 3mm", "gutter: 4mm", "templates"),
    "a parameter": ("notebooks/batch.yml", "CIS", "EUR", "not built yet"),
}  # fmt: skip


@pytest.mark.slow
def test_an_incremental_run_ends_where_a_full_one_does(project, tmp_path):
    """After each change: the same files to the byte, and no file touched that need not be."""
    (project / "notebooks" / "batch.yml").write_text(yaml.safe_dump(BATCH))
    reports = tmp_path / "reports"
    baap(project, reports)
    seed = random.randrange(2**32)  # noqa: S311
    print("seed", seed)
    chance, waiting = random.Random(seed), list(EDITS)  # noqa: S311
    chance.shuffle(waiting)
    for turn in range(len(EDITS)):
        # One change alone, or a few at once.
        count = chance.choice([1, 1, 2, 3])
        names, waiting = waiting[:count], waiting[count:]
        if not names:
            break
        for name in names:
            path, old, new, _ = EDITS[name]
            edit(project / path, old, new)
        before = {p: p.stat().st_mtime_ns for p in (reports / EDITION).glob("*/*.*")}
        explained = baap(project, reports, "--explain")
        for name in names:
            assert EDITS[name][3] in explained, (name, explained)
        baap(project, reports)
        touched = {
            path.relative_to(reports).with_suffix("").as_posix()
            for path in (reports / EDITION).glob("*/*.*")
            if before.get(path) != path.stat().st_mtime_ns
        }
        due = [line.split(maxsplit=1)[1] for line in explained.splitlines() if "build " in line]
        assert touched == {line.split(":")[0] for line in due}
        full = tmp_path / f"full-{turn}"
        baap(project, full)
        asked = published(full)
        assert {name: published(reports)[name] for name in asked} == asked, names
        assert "0 of 5 reports would be built" in baap(project, reports, "--explain")


def test_a_report_reads_no_tables_of_another_edition(monkeypatch):
    from baaplib import tables

    monkeypatch.setenv("BAAP_EDITION", OTHER)
    with pytest.raises(ValueError, match="a report of '2021-12' is being built"):
        tables.load("figures", EDITION)
    monkeypatch.setenv("BAAP_EDITION", EDITION)
    assert len(tables.load("figures", EDITION))


def test_the_record_holds_the_bills_it_needs_and_no_others(project, tmp_path):
    (project / "notebooks" / "batch.yml").write_text(yaml.safe_dump(BATCH))
    baap(project, tmp_path / "reports", "green")
    edit(project / "data/reference/countries.csv", ",Malta,", ",Malta M,")
    baap(project, tmp_path / "reports", "green")
    record = json.loads((tmp_path / "reports" / EDITION / "manifest.json").read_text())
    files = [f for entry in record["reports"].values() for f in entry["outputs"].values()]
    assert set(record["bills"]) == {d for file in files for d in file["inputs"].values()}
