"""The batch: what is refused before anything runs, what a failing notebook leaves behind."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import faults
import nbformat
import pytest
import shelves
import yaml
from faults.site import leftovers, wait_for

from baaplib.batch import ledger, manifest, publish, run, server, temporary, work
from baaplib.batch.plan import Plan, Request, RequestError, parameters, plan, read
from baaplib.batch.report import Failure, Outcome, Report
from baaplib.blocks import MIME

VOCABULARIES = {
    "edition": ["2022-12", "2023-12"],
    "region": ["ALL", "AFR", "AMS", "EUR"],
    "country": ["GHA", "KEN", "TON"],
    "language": ["en", "zh"],
}
BATCH = """\
time_limit: 60
reports:
  brief:
    notebook: good
    parameters: {edition: "2022-12"}
    over: {region: [AFR, EUR], language: [en, zh]}
    formats: [html, pdf]
  theme:
    notebook: bare
    parameters: {edition: "2022-12", language: en}
    over: {region: [ALL, AFR]}
    formats: [html]
"""


@pytest.fixture
def notebooks(tmp_path):
    """A folder with batch.yml and the two notebooks it names."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    faults.write(folder, "good")
    faults.write(folder, "bare")
    (folder / "batch.yml").write_text(BATCH)
    return folder


def planned(notebooks, batch=None, **request):
    if batch is not None:
        (notebooks / "batch.yml").write_text(batch)
    return plan(notebooks / "batch.yml", notebooks, VOCABULARIES, Request(**request))


def refusals(notebooks, batch=None, **request):
    with pytest.raises(RequestError) as refused:
        planned(notebooks, batch, **request)
    return refused.value.problems


def batch_of(**changes):
    """batch.yml with one report, one thing about it changed."""
    whole = {
        "notebook": "good",
        "parameters": {"edition": "2022-12", "language": "en"},
        "over": {"region": ["AFR"]},
        "formats": ["html"],
        **changes,
    }
    return yaml.safe_dump({"reports": {"brief": whole}})


# Temporary folders


def test_only_temporary_folders_of_processes_that_ended_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    others = tmp_path / "baap-of-others"
    others.mkdir()
    # It ends as if it were killed: nothing is cleaned up.
    code = "from baaplib.batch import temporary; import os; held = temporary.folder();"
    command = [sys.executable, "-c", f"{code} (held.__enter__() / 'data').mkdir(); os._exit(9)"]
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    assert subprocess.run(command, env=own, check=False).returncode == 9
    assert [path.name for path in tmp_path.glob("baap-*/data")] == ["data"]
    with temporary.folder() as one, temporary.folder() as two:
        assert set(tmp_path.iterdir()) == {others, one, two}
    assert list(tmp_path.iterdir()) == [others]


def test_a_temporary_folder_that_somebody_has_removed_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary.folder() as made:
        shutil.rmtree(made)
    assert list(tmp_path.iterdir()) == []


CUT = """\
import os, sys
from baaplib.batch import temporary
removed = 0
def cut(event, _):
    global removed
    removed += event in ("os.remove", "os.rmdir")
    if removed == int(sys.argv[1]):
        os._exit(9)
with temporary.folder() as made:
    for part in ("data", "notebooks"):
        (made / part).mkdir()
        (made / part / "file").touch()
    (made / "file").touch()
    sys.addaudithook(cut)
"""


def test_a_temporary_folder_whose_removal_was_cut_is_removed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    for step in range(1, 7):
        command = [sys.executable, "-c", CUT, str(step)]
        assert subprocess.run(command, env=own, check=False).returncode == 9
        assert len(list(tmp_path.iterdir())) == 1, step
        temporary.sweep()
        assert list(tmp_path.iterdir()) == [], step


def test_a_folder_that_another_takes_for_abandoned_is_left_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    swept = []

    class Sweeper(temporary.FileLock):
        """A lock; another process holds the first one that is asked for."""

        def acquire(self, *arguments, **options):
            if not swept:
                swept.append(Path(self.lock_file).parent)
                raise temporary.Timeout(self.lock_file)
            return super().acquire(*arguments, **options)

    monkeypatch.setattr(temporary, "FileLock", Sweeper)
    with temporary.folder() as made:
        assert made not in swept
        assert (made / temporary.LOCK).exists()
    assert list(tmp_path.iterdir()) == swept


def test_what_is_still_written_into_a_folder_is_found_by_the_next(tmp_path, monkeypatch):
    """By the kernel of a killed worker, which does not know yet that it is alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with monkeypatch.context() as written, temporary.folder() as made:
        (made / "data").mkdir()
        written.setattr(shutil, "rmtree", lambda *_, **__: None)
    assert list(tmp_path.iterdir()) == [made]
    temporary.sweep()
    assert list(tmp_path.iterdir()) == []


# The plan


def test_everything_is_planned_in_the_order_of_the_file(notebooks):
    found = planned(notebooks)
    assert [report.key for report in found.reports] == [
        "en/brief-AFR", "zh/brief-AFR", "en/brief-EUR", "zh/brief-EUR",
        "en/theme-ALL", "en/theme-AFR",
    ]  # fmt: skip
    assert found.reports[0].formats == ("html", "pdf")
    assert found.time_limit == 60


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        ({"names": ("theme",)}, ["en/theme-ALL", "en/theme-AFR"]),
        ({"names": ("brief-EUR",), "language": ("zh",)}, ["zh/brief-EUR"]),
        ({"region": ("AFR",), "format": ("pdf",)}, ["en/brief-AFR", "zh/brief-AFR"]),
        ({"names": ("theme-ALL",), "edition": ("2023-12",)}, ["en/theme-ALL"]),
    ],
)
def test_a_request_selects(notebooks, request_, keys):
    found = planned(notebooks, **request_)
    assert [report.key for report in found.reports] == keys
    if "format" in request_:
        assert {report.formats for report in found.reports} == {("pdf",)}
    if "edition" in request_:
        assert found.reports[0].edition == "2023-12"


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        ({"names": ("breif",)}, "unknown report 'breif'; allowed: brief, theme, brief-AFR"),
        ({"names": ("breif",)}, "Did you mean 'brief'?"),
        ({"names": ("../../etc",)}, "unknown report '../../etc'"),
        ({"region": ("AFF",)}, "--region: unknown region 'AFF'"),
        ({"region": ("AFF",)}, "Did you mean 'AFR'?"),
        ({"region": ("../../etc",)}, "--region: unknown region '../../etc'"),
        ({"region": ("",)}, "--region: unknown region ''"),
        ({"language": ("zz",)}, "--language: unknown language 'zz'; allowed: en, zh"),
        ({"format": ("pfd",)}, "--format: unknown format 'pfd'; allowed: html, pdf"),
        ({"edition": ("../../etc",)}, "--edition: unknown edition '../../etc'"),
        ({"names": ("theme",), "region": ("AFR", "EUR")}, "no report of what was asked is EUR"),
        ({"names": ("brief", "theme"), "format": ("pdf",)}, "no report of what was asked is theme"),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_allowed(notebooks, request_, line):
    assert any(line in problem for problem in refusals(notebooks, **request_))


def test_all_that_is_wrong_is_said_at_once(notebooks):
    problems = refusals(notebooks, names=("breif",), region=("AFF",), edition=("2022-21",))
    assert len(problems) == 3


@pytest.mark.parametrize(
    ("batch", "line"),
    [
        ("", "batch.yml: must be a mapping with the keys time_limit, memory_limit, reports"),
        ("reports: {}", "reports: none is declared"),
        ("reports: {a: {notebook: good}", "batch.yml:1: not valid YAML"),
        ("reports:\n  a: 1\n  b: 2\n  a: 3", "batch.yml:4: not valid YAML: 'a' is given twice"),
        (
            "report: {}",
            "unknown key 'report'; allowed: time_limit, memory_limit, reports.",
        ),
        ("time_limit: -1\nreports: {}", "time_limit: must be a whole number of seconds"),
        ("time_limit: true\nreports: {}", "time_limit: must be a whole number of seconds"),
        ("reports: {'../x': {}}", "reports.../x: a name may hold letters, digits"),
        ("reports: {brief: [good]}", "reports.brief: must be a mapping with the keys notebook"),
        (batch_of(notebok="good"), "reports.brief: unknown key 'notebok'"),
        (
            batch_of(notebook="godo"),
            "unknown notebook 'godo'; allowed: bare, good. Did you mean 'good'",
        ),
        (batch_of(notebook="../good"), "unknown notebook '../good'"),
        (batch_of(formats=["htm"]), "reports.brief: unknown format 'htm'; allowed: html, pdf."),
        (batch_of(formats="html"), "formats: must be a list"),
        (batch_of(over={"region": "AFR"}), "over: must be a mapping of names to lists"),
        (batch_of(over={}), "reports.brief: region: is not given"),
        (batch_of(over={"regoin": ["AFR"]}), "is 'regoin' a misspelling of it?"),
        (
            batch_of(over={"region": ["AFR"], "language": ["en"]}),
            "language: stands in parameters and",
        ),
        (batch_of(over={"region": ["AFX"]}), "reports.brief: unknown region 'AFX'"),
        (batch_of(over={"region": ["../../etc"]}), "reports.brief: unknown region '../../etc'"),
        (batch_of(over={"region": ["AFR", "AFR"]}), "two reports would both be en/brief-AFR"),
        (
            batch_of(over={"region": ["AFR"], "regoin": ["EUR"]}),
            "good.ipynb: unknown parameter 'regoin'; allowed: edition, region, language. "
            "Did you mean 'region'?",
        ),
    ],
)
def test_a_wrong_batch_file_is_refused_in_one_line(notebooks, batch, line):
    problems = refusals(notebooks, batch)
    assert any(line in problem for problem in problems)
    assert not any("\n" in problem for problem in problems)


PROFILE = """\
  profile:
    notebook: country
    parameters: {edition: "2022-12"}
    over: {country: [GHA, KEN], language: [en, zh]}
    formats: [html]
"""


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        ({"names": ("profile-KEN",)}, ["en/profile-KEN", "zh/profile-KEN"]),
        ({"country": ("GHA",), "language": ("en",)}, ["en/profile-GHA"]),
        ({"names": ("profile",), "language": ("zh",)}, ["zh/profile-GHA", "zh/profile-KEN"]),
        # A region does not ask for its countries.
        ({"region": ("AFR",), "language": ("en",)}, ["en/brief-AFR", "en/theme-AFR"]),
    ],
)
def test_a_report_may_be_about_a_country(notebooks, request_, keys):
    country = faults.PARAMETERS.replace('region: str = "ALL"  # region', 'country: str = ""  # it')
    faults.write(notebooks, "good", parameters=country).rename(notebooks / "country.ipynb")
    faults.write(notebooks, "good")
    found = planned(notebooks, BATCH + PROFILE, **request_)
    assert [report.key for report in found.reports] == keys


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        ({"country": ("KNE",)}, "--country: unknown country 'KNE'; allowed: GHA, KEN, TON."),
        ({"country": ("KNE",)}, "Did you mean 'KEN'?"),
        ({"country": ("TON",)}, "no report of what was asked is TON"),
        ({"names": ("brief",), "country": ("KEN",)}, "no report of what was asked is KEN"),
        ({"names": ("profile-KNE",)}, "unknown report 'profile-KNE'"),
    ],
)
def test_a_country_that_has_no_report_is_refused(notebooks, request_, line):
    batch = BATCH + PROFILE.replace("notebook: country", "notebook: good")
    assert any(line in problem for problem in refusals(notebooks, batch, **request_))


def test_a_report_is_about_a_region_or_a_country_not_both(notebooks):
    (problem,) = refusals(notebooks, batch_of(over={"region": ["AFR"], "country": ["KEN"]}))
    assert "reports.brief: region and country: a report is about one of them" in problem
    (problem,) = refusals(notebooks, batch_of(over={"top": [5]}))
    assert "reports.brief: region: is not given, nor is country; put it in" in problem


@pytest.mark.parametrize(("value", "good"), [(3, True), ("3", False), (True, False), (2.5, False)])
def test_a_value_must_have_the_type_the_notebook_declares(notebooks, value, good):
    faults.write(notebooks, "good", parameters=faults.PARAMETERS + "top: int = 5")
    over = {"region": ["AFR"], "top": [value]}
    if good:
        assert planned(notebooks, batch_of(over=over)).reports[0].parameters["top"] == value
    else:
        assert f"top: must be int, not {value!r}" in refusals(notebooks, batch_of(over=over))[0]


def test_a_missing_batch_file_is_said(notebooks):
    (notebooks / "batch.yml").unlink()
    with pytest.raises(RequestError, match="there is no such file; it declares the reports"):
        read(notebooks / "batch.yml", notebooks)


@pytest.mark.parametrize(
    "content", ["", "not JSON", "[]", "{}", '{"cells": 1}', '{"cells": ["text"]}']
)
def test_a_file_that_is_no_notebook_is_refused(notebooks, content):
    (notebooks / "good.ipynb").write_text(content)
    assert "good.ipynb: is not a notebook" in refusals(notebooks)[0]


def test_a_notebook_without_parameters_cell_is_refused(notebooks):
    faults.write(notebooks, "good", parameters=None)
    assert refusals(notebooks) == [
        "good.ipynb: has no parameters cell; tag the cell that sets them `parameters`"
    ]


def test_a_syntax_error_among_the_parameters_is_refused(notebooks):
    faults.write(notebooks, "good", parameters="region = = 1")
    assert "good.ipynb: parameters cell, line 1: syntax error" in refusals(notebooks)[0]


def test_a_broken_notebook_concerns_only_those_who_ask_for_it(notebooks):
    (notebooks / "bare.ipynb").write_text("not JSON")
    assert len(planned(notebooks, names=("brief",)).reports) == 4


def test_parameters_are_read_with_type_default_and_help(notebooks):
    # papermill's own inspection loses the second line: its help holds an equals sign.
    found = parameters(notebooks / "good.ipynb")
    assert list(found) == ["edition", "region", "language"]
    region = found["region"]
    assert (region.annotation, region.default, region.help) == ("str", "'ALL'", "region = where")


# The run: the command in a process of its own, with renderers that need no fonts


FAULTY = ("good", "raises", "syntax", "loop", "exits", "dies", "kernel")


@pytest.fixture(scope="module")
def faulty(make_site):
    """One run over a good notebook and every kind of failing one; the parts that can be asked."""
    site = make_site()
    site.declare(**{name: name for name in FAULTY})
    old = site.folder / "en" / "raises-AFR.html"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"the last good one")
    code, out, err = site.baap("run", "--time-limit", "3", "--jobs", "2")
    return site, code, out, err


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("raises", "KeyError", "'no such table'"),
        ("syntax", "SyntaxError", "invalid syntax"),
        ("loop", "TimeoutError", "the cell ran longer than 3 s and was stopped; if it needs more"),
        ("exits", "SystemExit", "the cell ended the notebook early"),
        ("dies", "DeadKernelError", "the kernel ended in the middle of the cell"),
    ],
)
def test_a_failure_stands_in_the_record_and_on_the_terminal(faulty, name, error, message):
    site, code, out, _ = faulty
    found = site.record["reports"][f"en/{name}-AFR"]
    assert code == 1
    assert found["status"] == "failed"
    # The third cell of the notebook, whatever papermill put before it.
    assert (found["error"]["cell"], found["error"]["name"]) == (3, error)
    assert message in found["error"]["message"]
    assert f"FAILED  2022-12/en/{name}-AFR ({name}.ipynb)\n        cell 3: {error}: " in out
    assert message in out


def test_an_endless_loop_is_cut_at_the_time_limit(faulty):
    site, *_ = faulty
    assert 3 < site.record["reports"]["en/loop-AFR"]["seconds"]["execute"] < 30


def test_other_reports_are_published_all_the_same(faulty):
    site, _, out, _ = faulty
    assert site.record["reports"]["en/good-AFR"]["status"] == "ok"
    assert (site.folder / "en/good-AFR.html").read_text() == "AFR en\nthe end\n"
    assert f"2 of {len(FAULTY)} reports published" in out


def test_the_terminal_holds_nothing_but_our_lines(faulty):
    _, _, out, err = faulty
    starts = ("ok      ", "FAILED  ", "        ", "2 of ")
    assert [line for line in out.splitlines() if not line.startswith(starts)] == []
    assert err == ""


def test_a_failed_report_leaves_the_old_one_and_marks_it_stale(faulty):
    site, _, out, _ = faulty
    found = site.record["reports"]["en/raises-AFR"]
    assert (site.folder / "en/raises-AFR.html").read_bytes() == b"the last good one"
    assert found["stale"] is True
    assert list(found["outputs"]) == ["html"]
    assert out.count("the last good report stays in place and is marked stale") == 1
    assert site.record["reports"]["en/syntax-AFR"]["stale"] is False


def test_only_whole_reports_and_the_record_are_written(faulty):
    site, *_ = faulty
    assert site.files() == [
        "2022-12/en/good-AFR.html", "2022-12/en/good-AFR.pdf",
        "2022-12/en/kernel-AFR.html", "2022-12/en/kernel-AFR.pdf",
        "2022-12/en/raises-AFR.html", "2022-12/index.html", "2022-12/index.zh.html",
        "2022-12/ledger.csv", "2022-12/manifest.json",
    ]  # fmt: skip


def test_the_index_tells_what_became_of_each_report(faulty):
    site, *_ = faulty
    page = (site.folder / "index.html").read_text("utf-8")
    assert "cell 3: KeyError: &#39;no such table&#39;" in page
    assert 'href="en/good-AFR.html"' in page
    assert 'href="en/syntax-AFR' not in page


def test_a_kernel_is_of_this_python_in_an_empty_folder_with_our_data(faulty):
    site, *_ = faulty
    first, second, _ = (site.folder / "en/kernel-AFR.html").read_text().splitlines()
    assert first == f"{sys.executable} agg 0 ipc"
    # Only the sockets and the connection file of the kernel itself, not what the caller sees.
    data, _, seen = second.partition(" ")
    assert data.startswith(str(site.path / "tmp"))
    assert data.endswith("/data")
    assert seen.startswith("[")
    assert "notebooks" not in second


def test_the_record_says_from_what_a_report_was_made(faulty):
    site, *_ = faulty
    record = site.record
    found = record["reports"]["en/good-AFR"]
    html = (site.folder / "en/good-AFR.html").read_bytes()
    assert record["edition"] == "2022-12"
    assert record["run"]["command"] == "baap run --time-limit 3 --jobs 2"
    assert len(record["run"]["data_sha256"]) == 64
    assert record["run"]["data_sha256"] == found["data_sha256"]
    assert record["run"]["seconds"] > 0
    assert record["run"]["finished"] > record["run"]["started"]
    assert record["run"]["versions"]["papermill"]
    assert found["notebook"] == "good.ipynb"
    assert found["parameters"] == {"edition": "2022-12", "region": "AFR", "language": "en"}
    assert set(found["seconds"]) == {"execute", "cells", "document", "html", "pdf"}
    assert found["error"] is None
    assert found["facts"]["title"] == "A report: Africa"
    assert found["facts"]["about"] == {"region": "AFR", "region_name": "Africa", "country": ""}
    output = found["outputs"]["html"]
    assert (output["path"], output["bytes"]) == ("en/good-AFR.html", len(html))
    assert output["sha256"] == hashlib.sha256(html).hexdigest()


def test_no_process_is_left(faulty):
    """The endless loop and the dead kernel have been run by then."""
    site, *_ = faulty
    assert leftovers(site) == []


def test_end_to_end_with_the_renderers_of_the_project(site):
    """Two reports of one notebook come out alike to the byte; what is no block is refused."""
    site.declare(one="good", two="good", warns="warns", bare="bare")
    code, out, err = site.baap("run", renderers="")
    found = site.record["reports"]
    assert (code, err) == (1, "")
    assert [found[f"en/{name}-AFR"]["status"] for name in ("one", "two")] == ["ok", "ok"], out
    for format, start in (("html", b"<!doctype html>"), ("pdf", b"%PDF-")):
        one, two = (
            (site.folder / f"en/{name}-AFR.{format}").read_bytes() for name in ("one", "two")
        )
        assert one.lower().startswith(start.lower())
        # What leads from a page to its PDF has its name.
        assert one == two.replace(b"two-AFR", b"one-AFR")
    for name in ("warns", "bare"):
        error = found[f"en/{name}-AFR"]["error"]
        assert error["step"] == "document"
        assert error["message"].startswith("cell 3 shows ")


def test_a_wrong_request_runs_nothing(site):
    site.declare(one="good")
    code, out, err = site.baap("run", "one", "oen", "--region", "../../etc")
    assert code == 2
    assert out == ""
    assert "baap: unknown report 'oen'; allowed: one, one-AFR. Did you mean 'one'?" in err
    assert "baap: --region: unknown region '../../etc'; allowed: ALL, AFR" in err
    assert not (site.path / "reports").exists()


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_run_leaves_no_kernel_and_nothing_half_written(site, number):
    site.declare(one="good", two="sleeps", three="sleeps")
    started = site.path / "started"
    process = site.start("run", "--jobs", "2", STARTED=str(started))
    wait_for(started.exists)
    wait_for((site.folder / "en/one-AFR.pdf").exists)
    assert len(leftovers(site)) > 2
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does: to the workers as well
    else:
        process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert leftovers(site) == []
    assert process.returncode == 130
    assert err == "interrupted; what is published is whole\n"
    assert site.files() == [
        "2022-12/en/one-AFR.html", "2022-12/en/one-AFR.pdf",
        "2022-12/index.html", "2022-12/index.zh.html", "2022-12/ledger.csv",
        "2022-12/manifest.json",
    ]  # fmt: skip
    assert site.record["run"]["finished"] is None
    assert "was interrupted" in (site.folder / "index.html").read_text("utf-8")


# The record and the files, without running anything


PLACE = {"edition": "2022-12", "region": "AFR", "language": "en"}
INPUTS = shelves.Inputs()


def outcome(name, failure=None, **outputs):
    report = Report(name, Path("good.ipynb"), PLACE, ("html", "pdf"))
    return Outcome(report, outputs, failure=failure)


def recorded(folder, *outcomes):
    """Record a run of its own and return what stands in the file."""
    record = shelves.begun(folder)
    for each in outcomes:
        record.add(each, shelves.Inputs())
    shelves.ended(record)
    return json.loads((folder / "2022-12" / "manifest.json").read_text())["reports"]


def test_a_later_run_keeps_what_it_was_not_asked_for(tmp_path):
    before = recorded(
        tmp_path, outcome("one", html=b"1", pdf=b"1"), outcome("two", html=b"1", pdf=b"1")
    )
    after = recorded(tmp_path, outcome("two", html=b"2"))
    assert after["en/one-AFR"] == before["en/one-AFR"]
    old, new = before["en/two-AFR"]["outputs"], after["en/two-AFR"]["outputs"]
    assert new["pdf"] == old["pdf"]
    assert new["html"]["sha256"] == hashlib.sha256(b"2").hexdigest() != old["html"]["sha256"]


FACTS_OF_ONE = {
    "title": "Brief: Africa", "kind": "Brief", "subject": "Africa", "subtitle": "A test",
    "charts": 0, "tables": 0, "numbers": 0,
    "about": {"region": "AFR", "region_name": "Africa", "country": ""},
}  # fmt: skip


def test_the_record_says_what_a_report_is_about_also_once_it_failed(tmp_path):
    good = outcome("one", html=b"1")
    good.facts = FACTS_OF_ONE
    assert recorded(tmp_path, good)["en/one-AFR"]["facts"] == FACTS_OF_ONE
    failed = recorded(tmp_path, outcome("one", Failure("execute", 3, "KeyError", "x")))
    assert failed["en/one-AFR"]["facts"] == FACTS_OF_ONE
    never = recorded(tmp_path, outcome("two", Failure("execute", 3, "KeyError", "x")))
    assert never["en/two-AFR"]["facts"] == {}


def test_what_was_held_back_is_held_back_again(tmp_path):
    """The time that the next build is held against is that of the last good one."""

    def took(seconds):
        made = outcome("one", html=b"1")
        made.seconds = {"execute": seconds, "cells": seconds}
        return recorded(tmp_path, made)["en/one-AFR"]

    assert took(10.0)["status"] == "ok"
    for _ in range(2):
        found = took(0.1)
        assert (found["status"], found["error"]["step"]) == ("failed", "plausibility")
        assert found["seconds"] == {"execute": 0.1, "cells": 10.0}


def test_the_record_keeps_the_order_of_the_batch_whichever_is_ready_first(tmp_path):
    def run_of(keys, *names):
        record = shelves.begun(tmp_path, keys)
        for name in names:
            record.add(outcome(name, html=b"1"), shelves.Inputs())
        shelves.ended(record)
        return list(json.loads((tmp_path / "2022-12" / "manifest.json").read_text())["reports"])

    assert run_of(["en/two-AFR"], "two") == ["en/two-AFR"]
    keys = ["en/one-AFR", "en/two-AFR", "en/three-AFR"]
    assert run_of(keys, "three", "two", "one") == keys


def claimed(name, low):
    """Return an outcome whose report shows one claim."""
    claim = {
        "id": "0a1b2c3d", "text": f"{low:g}", "says": "activities reported; Africa",
        "measure": "activities", "scope": ["region=AFR"], "population": "", "place": [],
        "window": ["", ""], "cumulative": False, "low": low, "high": low, "bound": "exact",
        "whole": None, "figures": [], "activities": ["A"], "paragraphs": [7], "shown": "In brief",
    }  # fmt: skip
    made = outcome(name, html=b"1")
    made.claims = [claim]
    return made


def test_the_ledger_holds_the_claims_of_every_report_as_last_built(tmp_path):
    recorded(tmp_path, claimed("one", 1.0), claimed("two", 1.0))
    recorded(tmp_path, claimed("two", 2.0), outcome("three", Failure("execute", 1, "E", "x")))
    rows = ledger.read(tmp_path / "2022-12" / "ledger.csv")
    assert [(row["report"], row["low"]) for row in rows] == [("one-AFR", "1.0"), ("two-AFR", "2.0")]


def test_a_ledger_that_is_gone_comes_back_with_all_its_rows(tmp_path):
    folder, every = tmp_path / "2022-12", [claimed("one", 1.0), claimed("two", 1.0)]
    for made in every:
        made.facts = FACTS_OF_ONE | {"numbers": 1}

    def due():
        record = manifest.read(folder)
        said = {
            e.report.stem: manifest.why(folder, record, e.report, "html", INPUTS) for e in every
        }
        return [stem for stem, reason in said.items() if reason == manifest.NOT_LISTED]

    recorded(tmp_path, *every)
    assert due() == []
    (folder / "ledger.csv").unlink()
    record = manifest.Manifest(folder)
    assert not record.settled(INPUTS)
    record.release()
    assert due() == ["one-AFR", "two-AFR"]
    # A run that is asked for one of them leaves the other to the next.
    recorded(tmp_path, every[1])
    assert due() == ["one-AFR"]
    recorded(tmp_path, every[0])
    assert due() == []
    assert len(ledger.read(folder / "ledger.csv")) == 2


def test_another_ledger_is_refused_before_anything_is_built(tmp_path):
    recorded(tmp_path, claimed("one", 1.0))
    for content in (b"a,b\n", b"\xff"):
        (tmp_path / "2022-12" / "ledger.csv").write_bytes(content)
        with pytest.raises(ValueError, match=r"ledger\.csv: is not a ledger of this program"):
            manifest.Manifest(tmp_path / "2022-12")


@pytest.mark.parametrize("turn", [1, -1])
def test_reports_that_contradict_each_other_stand_in_the_record(tmp_path, turn):
    """In the same words, whichever is ready first."""
    record = shelves.begun(tmp_path)
    for made in (claimed("one", 1.0), claimed("two", 2.0))[::turn]:
        record.add(made, shelves.Inputs())
    (sentence,) = shelves.ended(record)
    assert sentence == "one-AFR (en) says 1, two-AFR (en) says 2: activities reported; Africa"
    kept = json.loads((tmp_path / "2022-12" / "manifest.json").read_text())
    assert kept["run"]["disagreements"] == [sentence]


def test_a_stale_report_is_fresh_again_after_a_good_run(tmp_path):
    failure = Failure("execute", 3, "KeyError", "x")
    recorded(tmp_path, outcome("one", html=b"1", pdf=b"1"))
    assert recorded(tmp_path, outcome("one", failure))["en/one-AFR"]["stale"] is True
    good = recorded(tmp_path, outcome("one", html=b"2", pdf=b"2"))["en/one-AFR"]
    assert (good["stale"], good["status"], good["error"]) == (False, "ok", None)
    assert (tmp_path / "2022-12/en/one-AFR.pdf").read_bytes() == b"2"


def test_a_file_that_is_gone_is_not_listed(tmp_path):
    recorded(tmp_path, outcome("one", html=b"1", pdf=b"1"))
    (tmp_path / "2022-12/en/one-AFR.pdf").unlink()
    found = recorded(tmp_path, outcome("one", Failure("execute", 3, "KeyError", "x")))
    assert list(found["en/one-AFR"]["outputs"]) == ["html"]


def executed():
    """Return an executed notebook: a title and a cover."""
    about = {"region": "AFR", "region_name": "Africa", "country": ""}
    cover = {
        "type": "cover", "language": "en", "title": "Africa", "standing": "S", "subtitle": "A test",
        "facts": [],
        "notices": [], "identifier": "2022-12/AFR", "date": "2022-12-31", "about": about,
    }  # fmt: skip
    shown = nbformat.v4.new_output("display_data", {MIME: cover})
    cells = [nbformat.v4.new_markdown_cell("# Brief"), nbformat.v4.new_code_cell(outputs=[shown])]
    return nbformat.v4.new_notebook(cells=cells)


def task(name, **renderers):
    return work.Task(outcome(name).report, b"", 1, renderers)


def test_a_report_is_rendered_in_all_formats_or_in_none(tmp_path, monkeypatch):
    """A second format that fails takes the first with it."""
    monkeypatch.setattr(work, "_execute", lambda *_: executed())
    renderers = {"html": "faults:plain", "pdf": "faults:refuse"}
    found = work.build(task("one", **renderers), tmp_path)
    assert (found.outputs, found.claims, found.facts) == ({}, [], {})
    assert str(found.failure) == "pdf: ValueError: cell 3 shows a bare value"
    assert set(found.seconds) == {"execute", "document", "html", "pdf"}


def test_all_formats_are_made_of_one_document(tmp_path, monkeypatch):
    """What is slow is done once, and no format can say what the other does not."""
    seen = []
    monkeypatch.setattr(work, "_execute", lambda *_: executed())
    monkeypatch.setattr(work, "_render", lambda made, renderer: seen.append(made) or b"")
    found = work.build(task("one", html="", pdf=""), tmp_path)
    assert found.failure is None
    assert len(seen) == 2
    assert seen[0] is seen[1]


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt()])
def test_what_ends_a_process_is_a_failure_of_one_report(tmp_path, monkeypatch, error):
    """A renderer that leaves does not take the batch with it."""

    def leave(*_):
        raise error

    monkeypatch.setattr(work, "_execute", lambda *_: executed())
    monkeypatch.setattr(work, "_render", leave)
    found = work.build(task("one", html=""), tmp_path)
    assert (found.failure.step, found.failure.name) == ("html", type(error).__name__)


def test_the_server_starts_whatever_is_wrong_with_a_table(data):
    """The notebooks that meet it say so, each in its cell."""
    table = data / "reference" / "measures.csv"
    lines = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(row for row in lines if not row.startswith("activities,")), "utf-8")
    own = {"BAAP_WARM": "2022-12/en", "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", "import baaplib.batch.warm"]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_kernels_are_looked_for_among_the_servers_children_while_it_is_there(monkeypatch):
    """Once it has ended, the parent of its forks may be the first process of all."""
    parent, worker = SimpleNamespace(pid=1), SimpleNamespace(pid=12, parent=lambda: parent)
    for own, family in ((1, parent), (11, worker), (None, worker)):
        monkeypatch.setattr(run.server, "pid", lambda own=own: own)
        assert run._family(worker) is family
    assert run._family(orphan := SimpleNamespace(pid=12, parent=lambda: None)) is orphan


def test_the_main_module_is_seen_again_when_no_thread_hides_it():
    main, one, two = sys.modules["__main__"], server.main_unseen(), server.main_unseen()
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    assert sys.modules["__main__"] is not main
    two.__exit__(None, None, None)
    assert sys.modules["__main__"] is main


def test_what_makes_no_document_is_a_failure_of_its_own_step(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_execute", lambda *_: nbformat.v4.new_notebook())
    found = work.build(task("one", html="faults:plain"), tmp_path)
    assert str(found.failure).startswith("document: ValueError: a report has exactly one cover")
    assert set(found.seconds) == {"execute", "document"}


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    publish.write(tmp_path / "a.html", b"old")

    def full(descriptor):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        publish.write(tmp_path / "a.html", b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.html", b"old")]


def test_what_a_killed_run_left_half_written_goes_also_where_nothing_is_to_be_built(site):
    site.declare(good="good")
    assert site.baap("run")[0] == 0
    parts = [site.folder / ".manifest.json.part", site.folder / "en" / ".good-AFR.html.part"]
    for part in parts:
        part.touch()
    code, out, _ = site.baap("run")
    assert (code, out) == (0, "all 1 reports are up to date\n")
    assert [part for part in parts if part.exists()] == []


def test_a_record_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "2022-12").mkdir()
    (tmp_path / "2022-12" / "manifest.json").write_text("{half")
    with pytest.raises(ValueError, match="not a record of this program; delete it and run again"):
        recorded(tmp_path)


@pytest.mark.parametrize("line", ["{half", '{"entry": {}}', "[]"])
def test_a_journal_that_cannot_be_read_is_named(tmp_path, line):
    recorded(tmp_path, outcome("one", html=b"1"))
    (tmp_path / "2022-12" / "journal.jsonl").write_text(f"{line}\n")
    with pytest.raises(ValueError, match=r"journal\.jsonl: is not a record of this program"):
        recorded(tmp_path)


def test_a_folder_that_cannot_be_written_fails_the_report_not_the_run(tmp_path):
    (tmp_path / "2022-12").mkdir()
    (tmp_path / "2022-12" / "en").write_text("a file where a folder should be")
    found = recorded(tmp_path, outcome("one", html=b"1"))["en/one-AFR"]
    assert (found["status"], found["error"]["step"]) == ("failed", "publish")


def test_each_attempt_at_a_report_has_a_folder_of_its_own(tmp_path, monkeypatch):
    """The kernel of a killed worker may write into the folder of the first once it is removed."""
    seen = []

    class Broken:
        """A pool whose first process is killed; the others of its tasks were not begun."""

        def submit(self, build, task, folder):
            future = Future()
            if task == "begun":
                folder.mkdir()
                seen.append(folder)
            future.set_exception(BrokenProcessPool())
            return future

        def shutdown(self, **_):
            pass

    monkeypatch.setattr(run, "executor", lambda scratch, jobs: Broken())
    pool = run._Pool(tmp_path, 1, None)
    assert pool.build(["begun", "waiting"]) == (["waiting"], ["begun"])
    first = seen[0]
    assert not first.exists()
    first.mkdir()
    assert pool.build(["begun"]) == ([], ["begun"])
    assert seen[1] != first


@pytest.mark.parametrize("error", [BrokenProcessPool(), EOFError(), ConnectionRefusedError()])
def test_a_server_that_is_always_killed_fails_each_report_and_ends_the_run(
    tmp_path, monkeypatch, error
):
    """Before any process of a pool was forked, or between two of them."""
    started = []

    class Dead:
        def submit(self, build, task, folder):
            raise error

        def shutdown(self, **_):
            pass

    def executor(scratch, jobs):
        started.append(jobs)
        return Dead()

    reports = [task(name).report for name in ("one", "two")]
    found, outcomes = Plan(tuple(reports)), []
    monkeypatch.setattr(run, "executor", executor)
    monkeypatch.setattr(run, "site", lambda *_: nullcontext(tmp_path))
    monkeypatch.setattr(run, "tasks", lambda *_: [task("one"), task("two")])
    run.run(found, outcomes.append, data=tmp_path)
    assert len(started) == run.TRIES
    assert [(o.report.name, str(o.failure)) for o in outcomes] == [
        (name, f"execute: BrokenProcessPool: {run.NEVER}") for name in ("one", "two")
    ]


def test_what_the_log_of_a_kernel_says_is_no_part_of_a_report(site):
    site.declare(logs="logs")
    code, out, err = site.baap("run")
    assert (code, err) == (0, "odd\n"), out
