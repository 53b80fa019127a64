"""What a schedule calls: through the real command, to a real mail server, as people get it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import faults
import jsonschema
import mails
import pytest
import yaml
from faults import site as sites
from faults.site import kill, leftovers, wait_for
from filelock import FileLock

from baaplib import codes
from baaplib.batch import post, runs
from baaplib.batch import scheduled as module
from baaplib.batch.notice import notice
from baaplib.batch.plan import Request
from baaplib.batch.update import Folders

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "schedule" / "record.schema.json").read_text())
# The command as it is, but that what it calls has plain renderers, and nobody waits long.
DRIVER = f"""
import sys
from baaplib import cli
from baaplib.batch import post, scheduled
scheduled.COMMAND = (sys.executable, "-c", {sites.DRIVER!r}, {sites.PLAIN!r})
scheduled.WAITS = ()
post.PAUSE, post.TRIES = 0, 2
if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture
def box():
    server, box = mails.start()
    yield box
    server.stop()


def start(site, address, *words, **env):
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, "scheduled", *words],
        env={**os.environ, **site.env, "BAAP_NOTIFY": address, **env}, cwd=site.path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def scheduled(site, address, *words, **env):
    process = start(site, address, *words, **env)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def folders(site):
    return sorted(p for p in (site.path / "reports" / "runs").iterdir() if p.is_dir())


def records(site):
    """Return the records of all runs; each is what the schema says."""
    found = [json.loads((run / "record.json").read_text()) for run in folders(site)]
    for record in found:
        jsonschema.validate(record, SCHEMA)
    return found


def test_a_good_run_tells_what_it_made_and_what_moved(site, box):
    site.tell("old")
    link = "https://example.org/reports/"
    code, _, err = scheduled(site, box.address(), "--monthly", "brief", BAAP_REPORTS_URL=link)
    assert (code, err) == (0, "")
    assert box.subjects == ["Briefs, 2022-12: 2 published"]
    text = box.part("plain")
    assert text.startswith("Nothing to do\n- All reports are in place.\n")
    assert "All 2 published." in text
    assert "This is the first scheduled run" in text
    assert "https://example.org/reports/2022-12/index.html" in text
    assert '<a href="https://example.org/reports/2022-12/index.html">' in box.part("html")
    (record,) = records(site)
    assert (record["outcome"], record["exit"], record["notice"]["state"]) == (
        "published", 0, "delivered",
    )  # fmt: skip
    assert "2 of 2 reports published" in (folders(site)[0] / "log.txt").read_text()
    # Once more in the same month, nothing is due; without --monthly it runs, and tells what moved.
    assert scheduled(site, box.address(), "--monthly", "brief")[0] == 0
    assert len(folders(site)) == len(box.mails) == 1
    site.tell("new")
    code, *_ = scheduled(site, box.address(), "brief")
    assert code == 0
    assert len(box.mails) == 2
    moved = records(site)[-1]["moved"]
    assert [(m["region"], m["old"], m["new"], m["reports"]) for m in moved] == [
        ("AFR", "3", "5", ["brief-AFR"]), ("EUR", "3", "5", ["brief-EUR"]),
    ]  # fmt: skip
    assert "- AFR: activities: 3 → 5 (brief-AFR; claim c0)" in box.part("plain")


@pytest.mark.slow
def test_nothing_changed_is_a_sign_of_life(site, box):
    site.tell("old", regions=["AFR"])
    scheduled(site, box.address(), "brief")
    assert scheduled(site, box.address(), "brief")[0] == 0
    assert box.subjects[-1] == "Briefs, 2022-12: nothing changed, 1 up to date"
    assert "Figures that moved since" in box.part("plain")
    assert "- None." in box.part("plain")


def break_story(site):
    """Let one report of two have a notebook that fails; return what batch.yml was."""
    batch = site.path / "notebooks" / "batch.yml"
    faults.write(site.path / "notebooks", "raises")
    before = batch.read_text()
    broken = yaml.safe_load(before)
    broken["reports"]["story"]["notebook"] = "raises"
    batch.write_text(yaml.safe_dump(broken))
    return before


def test_a_failing_notebook_as_people_get_it(site, box):
    site.declare(good="good", story="good")
    assert scheduled(site, box.address())[0] == 0
    old = (site.folder / "en" / "story-AFR.html").read_bytes()
    break_story(site)
    code, _, err = scheduled(site, box.address())
    assert (code, err) == (1, "")
    assert box.subjects[-1] == "Reports, 2022-12: 1 failed, 1 up to date"
    lines = box.part("plain").splitlines()
    assert lines[0] == "To do"
    assert lines[1] == (
        "- story-AFR (en) failed: raises.ipynb, cell 3: KeyError: 'no such table'. "
        "Mend it, then: baap run story-AFR"
    )
    assert "- story-AFR (en): the old one of " in box.part("plain")
    assert (site.folder / "en" / "story-AFR.html").read_bytes() == old


@pytest.mark.slow
def test_what_failed_is_tried_again_and_told_once_a_month(site, box):
    site.declare(good="good", story="good")
    mended = break_story(site)
    codes = [scheduled(site, box.address(), "--monthly")[0] for _ in range(2)]
    assert codes == [1, 1]
    assert box.subjects == ["Reports, 2022-12: 1 published, 1 failed"]
    assert [r["notice"]["state"] for r in records(site)] == ["delivered", "same"]
    (site.path / "notebooks" / "batch.yml").write_text(mended)
    assert scheduled(site, box.address(), "--monthly")[0] == 0
    assert box.subjects[1:] == ["Reports, 2022-12: 1 published, 1 up to date"]
    # When it fails again, people hear of it again.
    break_story(site)
    codes = [scheduled(site, box.address())[0] for _ in range(2)]
    assert (codes, len(box.mails)) == ([1, 1], 3)


@pytest.mark.slow
def test_all_failed(site, box):
    site.declare(one="raises", two="raises")
    assert scheduled(site, box.address())[0] == 1
    assert box.subjects == ["Reports, 2022-12: all 2 failed"]
    # Those of one cause stand in one line.
    assert "one-AFR (en), two-AFR (en) failed: raises.ipynb, cell 3: " in box.part("plain")
    assert "one-AFR (en), two-AFR (en): there is none yet." in box.part("plain")


@pytest.mark.slow
def test_what_is_suspicious_is_to_be_looked_at(site, box):
    site.tell("new", regions=["AFR"])
    scheduled(site, box.address())
    faults.write(site.path / "notebooks", "told", code="say('nothing')")
    assert scheduled(site, box.address())[0] == 1
    assert box.subjects[-1] == "Reports, 2022-12: 1 held back"
    assert box.part("plain").splitlines()[1] == (
        "- brief-AFR (en) held back: no number, where there were 5. "
        "If that is right: baap run brief-AFR --accept"
    )


def test_broken_tables_are_told_and_nothing_is_built(site, box):
    site.tell("old", regions=["AFR"])
    path = site.path / "data" / "editions" / "2022-12" / "activities.csv"
    path.write_text(path.read_text("utf-8").replace(",AFR,", ",AFX,", 1), "utf-8")
    assert scheduled(site, box.address())[0] == 1
    assert box.subjects == ["Reports, 2022-12: not built, 1 problem(s) in the tables"]
    assert "Did you mean 'AFR'" in box.part("plain").splitlines()[1]
    assert records(site)[0]["outcome"] == "tables"


@pytest.mark.slow
def test_a_wrong_request_is_told(site, box):
    site.tell("old", regions=["AFR"])
    assert scheduled(site, box.address(), "breif")[0] == 2
    assert box.subjects == ["Breifs, no edition: not built, the run was refused"]
    assert "Did you mean 'brief'?" in box.part("plain")


@pytest.mark.slow
def test_somebody_elses_run_is_told_once(site, box):
    site.tell("old", regions=["AFR"])
    site.folder.mkdir(parents=True)
    with FileLock(site.folder / ".lock"):
        assert scheduled(site, box.address())[0] == 75
        assert scheduled(site, box.address())[0] == 75
    assert box.subjects == ["Reports, 2022-12: not built yet, another run is at work"]
    assert scheduled(site, box.address(), "--monthly")[0] == 0


def test_two_schedules_do_not_run_at_once(site, box):
    site.tell("old", regions=["AFR"])
    (site.path / "reports" / "runs").mkdir(parents=True)
    with FileLock(site.path / "reports" / "runs" / ".lock"):
        code, _, err = scheduled(site, box.address())
    assert (code, err) == (75, "baap: another scheduled run is at work; nothing was run\n")
    assert folders(site) == box.mails == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_killed_is_told_by_the_next(site, box, number):
    site.declare(one="good", two="sleeps")
    started = site.path / "started"
    process = start(site, box.address(), "--monthly", STARTED=str(started))
    wait_for(started.exists)
    if number == signal.SIGKILL:
        # As the end of a machine: all of it at once.
        kill(leftovers(site))
        process.kill()
    else:
        process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGTERM else -number)
    wait_for(lambda: not leftovers(site))
    if number == signal.SIGKILL:
        shutil.rmtree(site.path / "tmp")
        (site.path / "tmp").mkdir()
    outcome = "cut" if number == signal.SIGTERM else "running"
    assert [record["outcome"] for record in records(site)] == [outcome]
    assert box.mails == []
    site.declare(one="good", two="good")
    assert scheduled(site, box.address(), "--monthly")[0] == 0
    assert "was cut before its end" in box.part("plain")
    site.declare(one="good")
    scheduled(site, box.address())
    assert "was cut" not in box.part("plain")


def test_no_part_of_an_address_gets_anywhere(site, box, tmp_path):
    """Also where the server refuses and repeats it, and a notebook shows all that it can see."""
    site.declare(one="good")
    show = (
        "import psutil\n"
        "names = ['cmdline', 'environ']\n"
        "every = [process.info for process in psutil.process_iter(names)]\n"
        "raise ValueError([found for found in every if 'scheduled' in str(found)])"
    )
    faults.write(site.path / "notebooks", "good", code=show)
    file = tmp_path / "notify"
    file.write_text(box.address())
    box.refusing = True
    code, out, err = scheduled(site, "", BAAP_NOTIFY_FILE=str(file))
    assert code == 3
    (record,) = records(site)
    assert (record["outcome"], record["exit"]) == ("failed", 3)
    assert record["notice"]["state"] == "pending"
    assert record["notice"]["trouble"] == ["address 1: it was refused 2 times (535)"]
    assert "NOT TOLD" in out
    paths = [path for path in (site.path / "reports").rglob("*") if path.is_file()]
    everything = out + err + "".join(path.read_text("utf-8", errors="replace") for path in paths)
    assert "ValueError" in everything
    assert "BAAP_NOTIFY_FILE" in everything  # it did look at this very command
    for part in ("hunter2", "mailto", "ann:", "list@example.org", "baap@example.org", "no such"):
        assert part not in everything, part
    # What could not be told is told by the next call, if it is due or not.
    box.refusing = False
    scheduled(site, box.address(), "--monthly")
    assert box.subjects[0] == "Reports, 2022-12: all 1 failed"
    assert records(site)[0]["notice"]["state"] == "delivered"


@pytest.mark.slow
def test_a_notice_waits_until_somebody_is_named(site, box):
    site.tell("old", regions=["AFR"])
    code, out, _ = scheduled(site, "", "--monthly")
    assert code == 3
    assert "nobody is named; put addresses into BAAP_NOTIFY or BAAP_NOTIFY_FILE" in out
    assert (site.folder / "en" / "brief-AFR.html").exists()
    file = site.path / "notify"
    file.write_text(f"# the list\n{box.address()}\n")
    code, out, _ = scheduled(site, "", "--monthly", BAAP_NOTIFY_FILE=str(file))
    assert code == 0
    assert "nothing is due" in out
    assert box.subjects == ["Reports, 2022-12: 1 published"]


@pytest.mark.slow
def test_a_disk_that_refuses_the_record_is_told(site, box):
    site.tell("old", regions=["AFR"])
    (site.path / "reports").mkdir()
    (site.path / "reports" / "runs").write_text("no folder")
    code, _, err = scheduled(site, box.address())
    assert code == 1
    assert "runs: cannot be written" in err
    assert box.subjects == ["Reports: the disk refused"]


def test_a_disk_that_refuses_and_nobody_to_tell(tmp_path, capsys):
    (tmp_path / "runs").write_text("no folder")
    order = module.Order(Request())
    nobody = post.Addresses(trouble="nobody is named")
    place = Folders(tmp_path, tmp_path, tmp_path)
    assert module.scheduled(order, place, nobody) == codes.UNTOLD
    refused, untold = capsys.readouterr().err.splitlines()
    assert "runs: cannot be written" in refused
    assert untold == "baap: NOT TOLD: nobody is named"


# Without running anything


@pytest.mark.parametrize(
    ("outcome", "now", "last", "whole"),
    [
        ("failed", "11:00", "", True),
        ("failed", "10:00", "", False),  # killed before it began: the record is that of the last
        ("failed", "10:00", "all 2 reports are up to date", True),  # but they disagree
        ("published", "10:00", "all 2 reports are up to date", True),
        ("refused", "10:00", "", False),
    ],
)
def test_a_run_came_to_its_end_if_it_began(outcome, now, last, whole):
    before, after = ({"started": at, "finished": "12:00"} for at in ("10:00", now))
    assert module._whole(outcome, ["DISAGREE", last], [(before, after)]) is whole
    assert not module._whole(outcome, [last], [(before, after | {"finished": None})])


def run_of(place, name, outcome="published", **more):
    """Write the record of a run, as little of it as is needed."""
    folder = place / name
    folder.mkdir(parents=True)
    record = {"version": 1, "run": name, "outcome": outcome, **more}
    (folder / "record.json").write_text(json.dumps(record))
    return folder


def test_the_last_runs_and_the_newest_good_one_are_kept(tmp_path):
    place = tmp_path / "runs"
    names = [f"2026120{day}T051700Z" for day in range(1, 7)]
    for name, outcome in zip(names, ["published"] * 2 + ["failed"] * 4, strict=True):
        run_of(place, name, outcome)
    assert runs.prune(place, 2) == [names[0], names[2], names[3]]
    assert [record["run"] for record in runs.records(place)] == [names[1], *names[4:]]


def test_nothing_else_is_removed_and_no_link_followed(tmp_path):
    place, outside = tmp_path / "runs", tmp_path / "outside"
    precious = run_of(outside, "20261101T051700Z")
    (precious / "precious").write_text("x")
    (place / "notes").mkdir(parents=True)
    (place / "20261102T051700Z").mkdir()  # not ours, as there is no record in it
    (place / "20261103T051700Z").symlink_to(precious)
    old, new = run_of(place, "20261104T051700Z"), run_of(place, "20261105T051700Z")
    (old / "link").symlink_to(precious)
    assert runs.prune(place, 1) == [old.name]
    assert sorted(path.name for path in place.iterdir()) == [
        "20261102T051700Z", "20261103T051700Z", new.name, "notes",
    ]  # fmt: skip
    assert (precious / "precious").exists()
    linked = tmp_path / "linked"
    linked.symlink_to(outside)
    run_of(outside, "20261102T051700Z")
    assert runs.prune(linked, 1) == []


def test_a_record_that_cannot_be_read_stops_no_run(tmp_path):
    (run_of(tmp_path, "20261101T051700Z") / "record.json").write_text("{")
    run_of(tmp_path, "20261102T051700Z")
    run_of(tmp_path, "20261103T051700Z", version=2)
    assert [record["run"] for record in runs.records(tmp_path)] == ["20261102T051700Z"]
    assert runs.prune(tmp_path, 1) == ["20261101T051700Z"]  # the good one stays


def test_a_run_that_was_cut_is_told_until_somebody_told_it(tmp_path):
    first = {"run": "a", "began": "x", "outcome": "running", "cut": [], "notice": None}
    second = first | {"run": "b", "outcome": "cut", "cut": [{"run": "a", "began": "x"}]}
    for notice_, left in ((None, ["a", "b"]), ({"state": "delivered"}, ["b"])):
        earlier = [first, second | {"notice": notice_}]
        begun = module._begin(module.Order(Request()), tmp_path, "2026-12", earlier)
        assert [run["run"] for run in begun["cut"]] == left


def record_of(outcome, *states, **more):
    """Return the record of a run over reports in some states."""
    reports = [
        {
            "edition": "2022-12", "report": f"brief-{number}", "about": "AFR", "language": "en",
            "notebook": "brief.ipynb", "state": state, "made": "2026-11-01T05:17:00+00:00",
            "error": "cell 3: KeyError: 'x'" if state in ("failed", "held") else None, "files": [],
        }
        for number, state in enumerate(states)
    ]  # fmt: skip
    return {
        "what": "Briefs", "editions": ["2022-12"], "outcome": outcome, "reports": reports,
        "began": "2026-12-01T05:17:00+00:00", "problems": [], "disagreements": [], "cut": [],
        "compared_with": None, "moved": [], "new": 0, "gone": 0, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "glance"),
    [
        (record_of("published", "published", "published"), "2 published"),
        (record_of("published", "published", "kept"), "1 published, 1 up to date"),
        (record_of("failed", "published", "failed"), "1 published, 1 failed"),
        (record_of("failed", "failed", "held"), "1 failed, 1 held back"),
        (record_of("failed", "kept", disagreements=["a"]), "1 up to date, 1 contradiction(s)"),
        (record_of("failed", "missing", "published"), "1 published, 1 not built"),
        (record_of("failed", problems=["x"]), "not built"),
    ],
)
def test_a_subject_tells_at_a_glance(record, glance):
    assert notice(record, {}).subject == f"Briefs, 2022-12: {glance}"


def test_a_notice_stays_short_whatever_there_is_to_tell():
    move = {
        "region": "AFR",
        "says": "people",
        "old": "1",
        "new": "2",
        "reports": ["brief-1"],
        "claim": "c",
    }
    record = record_of(
        "failed", *["failed"] * 30, moved=[move] * 50, new=3,
        compared_with={"run": "x", "began": "2026-11-01T05:17:00+00:00"},
    )  # fmt: skip
    for number, report in enumerate(record["reports"]):
        report["error"] = f"cell {number}: Error: {'long ' * 500}\nand more"
    made = notice(record, {})
    assert len(made.text) < 12000
    assert "42 more moved, 3 are new; the record of the run lists what moved." in made.text
    assert all(len(line) < 450 for line in made.text.splitlines())


def test_nothing_of_the_data_is_markup():
    record = record_of("failed", "failed")
    record["reports"][0]["error"] = "<script>alert(1)</script> & <b>"
    page = notice(record, {"Log": 'https://example.org/"><script>'}).html
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page


def test_a_month_is_that_of_the_machine(monkeypatch):
    """At 05:17 on the first in Shanghai it is still the last month in UTC."""
    moment = datetime.fromisoformat("2026-11-30T21:17:00+00:00")
    try:
        for zone, slot in (("Asia/Shanghai", "2026-12"), ("UTC", "2026-11")):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert module.slot_of(moment) == slot
    finally:
        monkeypatch.undo()
        time.tzset()


def test_addresses_come_from_a_file_or_the_environment(tmp_path):
    file = tmp_path / "notify"
    file.write_text("# people\n\n  mailto://b@c.org \n")
    environment = {"BAAP_NOTIFY": "json://a slack://b", "BAAP_NOTIFY_FILE": str(file)}
    found = post.addresses(environment)
    assert found.urls == ("json://a", "slack://b", "mailto://b@c.org")
    assert not environment
    lost = post.addresses({"BAAP_NOTIFY_FILE": str(tmp_path / "none")})
    assert "cannot be read (No such file or directory)" in post.tell(lost, "s", "h")[0]


@pytest.mark.parametrize(
    "url", ["nope://ann:hunter2@x", "hunter2", "slack://hunter2/x", "mailto://hunter2@[::1"]
)
def test_an_address_that_is_none_is_not_repeated(url, capfd):
    (trouble,) = post.tell(post.Addresses((url,)), "s", "h").values()
    out = trouble + "".join(capfd.readouterr())
    assert "hunter2" not in out
    assert trouble.startswith(("it is no address", "the library failed"))


def test_the_reason_of_a_service_holds_no_secret():
    said = "(535, b'hunter 404 is bad') [Errno 111] Connection refused hunter%20404"
    reason = post._reason(said, "mailto://ann:hunter%20404@example.org")
    assert reason == f"it was refused {post.TRIES} times (535, [Errno 111] Connection refused)"
