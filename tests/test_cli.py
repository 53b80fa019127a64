"""The command line: what it prints, what it returns, and that it answers at once."""

import shutil
import subprocess
import sys
from pathlib import Path

import faults
import pytest
from filelock import FileLock

from baaplib import audit, cli
from baaplib.batch.report import Outcome
from baaplib.tables import Problem

ROOT = Path(__file__).parent.parent
BATCH = """\
reports:
  brief:
    notebook: good
    parameters: {edition: "2022-12"}
    over: {region: [AFR, EUR], language: [en, zh]}
    formats: [html]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own with one notebook and the project's data."""
    (tmp_path / "notebooks").mkdir()
    faults.write(tmp_path / "notebooks", "good")
    (tmp_path / "notebooks" / "batch.yml").write_text(BATCH)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    for name in ("notebooks", "data", "reports"):
        monkeypatch.setenv(f"BAAP_{name.upper()}", str(tmp_path / name))
    return tmp_path


def test_help_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from baaplib.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'pandas', 'papermill', 'nbformat', 'yaml', 'tqdm', 'typst'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "build reports from notebooks" in done.stdout


def test_list_shows_all_there_is_to_ask_for(project, capsys):
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    for line in (
        "  brief (en, zh; html)",
        "    brief-AFR brief-EUR",
        "  good",
        "    region: str = 'ALL'  region = where",
        "Editions\n  2022-12",
        "Regions\n  ALL AFR AMS ARB ASP CIS EUR",
        "Countries\n  ",
        "Languages\n  en zh",
    ):
        assert line in out
    assert cli.main(["list", "brief", "--region", "EUR"]) == 0
    out = capsys.readouterr().out
    assert "    brief-EUR\n" in out
    assert "brief-AFR" not in out


def test_list_needs_no_notebook_library(project):
    """nbformat takes two seconds to import; a list should not."""
    code = (
        "import sys; from baaplib.cli import main; main(['list'])\n"
        "assert 'nbformat' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("words", [["list"], ["run"]])
def test_a_wrong_batch_file_is_refused(project, words, capsys):
    (project / "notebooks" / "batch.yml").write_text(BATCH.replace("notebook:", "notebok:"))
    assert cli.main(words) == 2
    assert "baap: batch.yml: reports.brief: unknown key 'notebok'" in capsys.readouterr().err


def test_broken_vocabularies_are_refused(project, capsys):
    (project / "data" / "reference" / "regions.csv").write_text("code\nAFR\n")
    assert cli.main(["run"]) == 2
    err = capsys.readouterr().err
    assert "baap: reference/regions.csv: has no column 'region'" in err
    assert "baap: run `baap check` to see it all" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rnu"], "invalid choice: 'rnu'"),
        (["run", "--jobs", "0"], "must be a whole number from 1 on, not '0'"),
        (["run", "--time-limit", "2.5"], "must be a whole number from 1 on, not '2.5'"),
        (["run", "--regoin", "AFR"], "unrecognized arguments: --regoin"),
    ],
)
def test_a_wrong_option_is_refused(words, message, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 2
    assert message in capsys.readouterr().err


def test_a_comma_list_is_taken_apart(project, capsys):
    assert cli.main(["run", "brief", "--region", "AFR, EUX", "--language", "en,zz"]) == 2
    err = capsys.readouterr().err
    assert "--region: unknown region 'EUX'; allowed: ALL, AFR" in err
    assert "--language: unknown language 'zz'" in err
    assert "'AFR'?" not in err


def test_a_country_that_is_none_is_refused_with_what_was_meant(project, capsys):
    assert cli.main(["run", "--country", "ken"]) == 2
    err = capsys.readouterr().err
    assert "--country: unknown country 'ken'; allowed: AFG" in err
    assert "Did you mean 'KEN'?" in err


def test_check_prints_a_line_for_each_problem(monkeypatch, capsys):
    problem = Problem("reference/regions.csv", 3, "region", "AFF", "is wrong")
    monkeypatch.setattr(audit, "check", lambda data: [problem, problem])
    assert cli.main(["check"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "reference/regions.csv:3: region 'AFF': is wrong\n" * 2
    assert shown.err == "2 problem(s) in the tables\n"


def test_check_says_when_all_is_well(monkeypatch, capsys):
    monkeypatch.setattr(audit, "check", lambda data: [])
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out == "all tables are well\n"


def test_check_finds_and_mends_what_a_spreadsheet_did(project, capsys):
    path = project / "data" / "reference" / "regions.csv"
    clean = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + clean.replace(b"\n", b"\r\n"))
    assert cli.main(["check"]) == 1
    out = capsys.readouterr().out
    assert "reference/regions.csv" in out
    assert "starts with a byte-order mark" in out
    assert "has Windows line ends" in out
    cli.main(["check", "--fix"])
    out = capsys.readouterr().out
    assert "reference/regions.csv: rewritten" in out
    assert "byte-order mark" not in out
    assert path.read_bytes() == clean


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("activity_countries", ",GHA,", ",GHX,", "unknown iso3"),
        ("activities", ",AFR,", ",AFX,", "Did you mean 'AFR'"),
        ("figures", ",F007-2,,", ",F007-1,,", "a whole cannot be its own part"),
    ],
)
def test_no_report_is_made_from_tables_that_do_not_fit_together(
    project, capsys, file, old, new, told
):
    path = project / "data" / "editions" / "2022-12" / f"{file}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert cli.main(["run"]) == 1
    assert told in capsys.readouterr().out
    assert not list((project / "reports").rglob("*.html"))


def test_a_second_run_is_asked_to_come_later(project, capsys):
    folder = project / "reports" / "2022-12"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"):
        assert cli.main(["run"]) == 75
    assert "another run is writing here" in capsys.readouterr().err


def test_a_run_whose_reports_contradict_each_other_ends_with_1(project, capsys, monkeypatch):
    def contradicting(plan, done, **_):
        for report, low in zip(plan.reports[:2], (1.0, 2.0), strict=True):
            claim = {
                "id": "0a1b2c3d", "text": f"{low:g}", "says": "activities", "measure": "activities",
                "scope": ["region=AFR"], "population": "", "place": [], "window": ["", ""],
                "cumulative": False, "low": low, "high": low, "bound": "exact", "whole": None,
                "figures": [], "activities": ["A"], "paragraphs": [7], "shown": "",
            }  # fmt: skip
            done(Outcome(report, {"html": b"1"}, [claim]))

    monkeypatch.setattr("baaplib.batch.run.run", contradicting)
    assert cli.main(["run", "brief"]) == 1
    out = capsys.readouterr().out
    assert "DISAGREE brief-AFR (en) says 1, brief-AFR (zh) says 2" in out


def test_a_data_folder_that_is_none_is_named(project, capsys):
    (project / "data" / "datapackage.json").write_text("{")
    assert cli.main(["check"]) == 2
    assert "datapackage.json: is not valid JSON" in capsys.readouterr().err


def test_case_is_no_spelling_mistake_worth_a_shrug(project, capsys):
    assert cli.main(["run", "--region", "afr"]) == 2
    assert "Did you mean 'AFR'?" in capsys.readouterr().err
