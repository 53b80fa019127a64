"""The judge of trees, judged: it passes legal trees, and finds each fault put into one."""

import json
import shutil
from pathlib import Path

import pytest
import shelves

from baaplib.batch import journal, manifest
from baaplib.batch.report import Failure, Outcome, Report
from faults import legal

KEYS = ("AFR", "EUR")


class Inputs(shelves.Inputs):
    """Inputs of a version."""

    def __init__(self, version):
        self.version = version

    @property
    def bills(self):
        return {self.version: {}}

    def of(self, report, format):
        return {"notebook": self.version}


def outcome(version, region):
    place = {"edition": "2022-12", "region": region, "language": "en"}
    report = Report("brief", Path("told.ipynb"), place, ("html", "pdf"))
    content = f"{version} {region}".encode()
    made = Outcome(report, {"html": content, "pdf": content.upper()})
    made.facts = shelves.facts("Brief", version, region, region)
    made.claims = [
        {
            "id": "c1", "text": version, "says": "activities", "measure": "activities",
            "scope": [f"region={region}"], "population": "", "place": [], "window": ["", ""],
            "cumulative": False, "low": len(version), "high": len(version), "bound": "exact",
            "whole": None, "figures": [], "activities": ["A"], "paragraphs": [7], "shown": "",
        }
    ]  # fmt: skip
    return made


def run(folder, version, regions=KEYS, *, end=True):
    inputs = Inputs(version)
    own = manifest.Manifest(folder / "2022-12", [f"en/brief-{region}" for region in KEYS])
    own.begin({"data_sha256": shelves.LATEST, "commit": None, "command": "baap run"}, inputs)
    for region in regions:
        own.add(outcome(version, region), inputs)
    if end:
        own.close(inputs)
    own.release()
    return legal.tree(folder / "2022-12")


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """A folder after a run of old, its tree, and the tree of an undisturbed run of new."""
    folder = tmp_path_factory.mktemp("trees")
    new = run(folder / "new", "newer")
    old = run(folder / "old", "old")
    return folder / "old", old, new


@pytest.fixture
def made(trees, tmp_path):
    """A copy of the old folder, to work on."""
    shutil.copytree(trees[0], tmp_path / "copy")
    return tmp_path / "copy", *trees[1:]


def found(made, **options):
    folder, old, new = made
    return legal.violations(folder / "2022-12", old, new, **options)


@pytest.mark.parametrize("regions", [(), ("AFR",), KEYS])
@pytest.mark.parametrize("end", [True, False])
def test_a_run_is_legal_at_each_of_its_steps(made, regions, end):
    run(made[0], "newer", regions, end=end)
    assert found(made) == []


def test_a_finished_run_leaves_the_wanted_tree_and_only_that(made):
    folder, old, new = made
    assert legal.difference(run(folder, "newer"), new) == []
    assert legal.difference(old, new) == [
        "en/brief-AFR.html", "en/brief-AFR.pdf", "en/brief-EUR.html", "en/brief-EUR.pdf",
        "index.html", "index.zh.html", "ledger.csv", "manifest.json",
    ]  # fmt: skip


def test_a_failure_is_legal(made):
    inputs = Inputs("newer")
    own = manifest.Manifest(made[0] / "2022-12")
    own.begin({"data_sha256": shelves.LATEST, "commit": None, "command": "baap run"}, inputs)
    failed = outcome("newer", "AFR")
    failed.failure = Failure("execute", 3, "KeyError", "x")
    own.add(failed, inputs)
    own.close(inputs)
    own.release()
    assert found(made) == []


def test_a_journal_may_be_cut_anywhere(made):
    folder = made[0] / "2022-12"
    run(made[0], "newer", ("AFR",), end=False)
    line = (folder / journal.NAME).read_bytes()
    for path in ("en/brief-AFR.html", "en/brief-AFR.pdf"):
        (folder / path).write_bytes(made[1][path])
    for length in range(0, len(line), 7):
        (folder / journal.NAME).write_bytes(line[:length])
        assert found(made) == []


def edit(folder, change, name=manifest.NAME):
    record = json.loads((folder / name).read_text())
    change(record)
    (folder / name).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def entry(record):
    return record["reports"]["en/brief-AFR"]


def half(folder):
    (folder / "en/brief-AFR.html").write_bytes(b"newer A")


def gone(folder):
    (folder / "en/brief-AFR.html").unlink()


def stray(folder):
    (folder / "en/brief-AMS.html").write_bytes(b"x")


def part(folder):
    (folder / "en/.brief-AFR.html.part").write_bytes(b"x")


def mixed(folder):
    (folder / "en/brief-AFR.html").write_bytes(b"old AFR")


def half_record(folder):
    (folder / manifest.NAME).write_text("{half")


def half_line(folder):
    (folder / journal.NAME).write_bytes(b'{"key": "en/br\n')


def lost(folder):
    edit(folder, lambda record: record["reports"].pop("en/brief-AFR"))


def wrong_hash(folder):
    edit(folder, lambda record: entry(record)["outputs"]["html"].update(sha256="0" * 64))


def ok_with_error(folder):
    edit(folder, lambda r: entry(r).update(error=vars(Failure("execute", 1, "E", "x"))))


def not_stale(folder):
    error = vars(Failure("execute", 1, "E", "x"))
    edit(folder, lambda record: entry(record).update(status="failed", error=error))


def other_inputs(folder):
    edit(folder, lambda r: entry(r)["outputs"]["pdf"].update(inputs={"notebook": "old"}))


def other_facts(folder):
    edit(folder, lambda record: entry(record)["facts"].update(title="Another"))


def untrue_journal(folder):
    """Tell of files that are not there, and have the manifest speak over it."""
    record = json.loads((folder / manifest.NAME).read_text())
    failed = entry(record) | {"status": "failed", "stale": True, "error": {"step": "publish"}}
    line = {"key": "en/brief-AFR", "entry": failed, "claims": []}
    (folder / journal.NAME).write_text(json.dumps(line) + "\n")


def no_ledger(folder):
    (folder / "ledger.csv").unlink()


def short_ledger(folder):
    lines = (folder / "ledger.csv").read_text().splitlines(keepends=True)
    (folder / "ledger.csv").write_text("".join(lines[:-1]))


def other_ledger(folder):
    (folder / "ledger.csv").write_text("a,b\n")


def half_index(folder):
    page = (folder / "index.html").read_text("utf-8")
    (folder / "index.html").write_text(page[: len(page) // 2], "utf-8")


def no_index(folder):
    (folder / "index.zh.html").unlink()


FAULTS = {
    half: "en/brief-AFR.html: is neither the old file nor the new one",
    gone: "en/brief-AFR.html: is gone",
    stray: "en/brief-AMS.html: nobody knows this file",
    part: "en/.brief-AFR.html.part: nobody knows this file",
    mixed: "en/brief-AFR: the manifest, which is finished, lists other files",
    half_record: "the record cannot be read",
    half_line: "the record cannot be read",
    lost: "en/brief-AFR.html: the record does not list it",
    wrong_hash: "en/brief-AFR: the record lists other files than there are",
    ok_with_error: "en/brief-AFR: is ok with the error",
    not_stale: "en/brief-AFR: is failed and stale is False",
    other_inputs: "en/brief-AFR.pdf: the record says it was made from something else",
    other_facts: "en/brief-AFR: is ok, but its files are of no one build",
    no_ledger: "ledger.csv: is gone",
    short_ledger: "ledger.csv: the rows of en/brief-EUR are neither the old nor the new ones",
    other_ledger: "ledger.csv: has other columns",
    half_index: "index.html: is not what the record and the ledger say",
    no_index: "index.zh.html: is gone",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_is_found(made, fault):
    run(made[0], "newer")
    assert found(made) == []
    fault(made[0] / "2022-12")
    assert any(FAULTS[fault] in said for said in found(made)), found(made)


def test_a_part_of_a_killed_run_may_lie_about_but_no_other(made):
    part(made[0] / "2022-12")
    assert found(made, killed=True) == []
    stray(made[0] / "2022-12")
    assert len(found(made, killed=True)) == 2  # nor is it listed


def test_a_record_that_says_ok_against_the_journal_is_found(made, monkeypatch):
    folder = made[0] / "2022-12"
    run(made[0], "newer")
    untrue_journal(folder)
    (folder / "en/brief-AFR.pdf").write_bytes(made[1]["en/brief-AFR.pdf"])
    monkeypatch.setattr(
        manifest, "read", lambda folder: json.loads((folder / manifest.NAME).read_text())
    )
    assert any("the last that was told of it does not say so" in said for said in found(made))


def test_rows_of_another_build_are_found(made):
    run(made[0], "newer")
    folder = made[0] / "2022-12"
    (folder / "ledger.csv").write_bytes(made[1]["ledger.csv"])
    said = "ledger.csv: the rows of en/brief-AFR are not those of its files"
    assert said in found(made)
