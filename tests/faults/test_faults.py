"""Each fault for real, and the tree held against the legal states (`legal`) after it.

Faults at each single write stand in `test_writes`; failing notebooks, an endless loop among them,
in `test_batch`.
"""

import contextlib
import itertools
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

import faults
from baaplib import cli, tables
from baaplib.batch import journal, manifest, update
from faults import legal, warm
from faults.site import TWO, kill, leftovers, wait_for

EDITION = "2022-12"
PAGE = 4096  # what a tmpfs gives at a time


@pytest.fixture(scope="module")
def runs(make_site):
    """A warm site with the trees of an undisturbed run of either version."""
    site = make_site()
    with warm.Warm(site) as found:
        found.trees = {version: undisturbed(found, version) for version in ("new", "old")}
        # What belongs to the warm process.
        found.kept = set((site.path / "tmp").iterdir())
        yield found
    clean(site)


def undisturbed(runs, version):
    runs.site.tell(version)
    shutil.rmtree(runs.site.path / "reports", ignore_errors=True)
    run = runs.run()
    assert run.code == 0, run
    runs.draw()
    return legal.tree(runs.site.folder)


def clean(site, keep=frozenset()):
    """Remove what killed runs left in the temporary folder, as the system does at times."""
    for path in {*(site.path / "tmp").iterdir()} - keep:
        shutil.rmtree(path)


def mounted(folder, *words):
    """Mount a small file system that is filled by our files alone."""
    folder.mkdir(exist_ok=True)
    command = ["mount", *words, str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def disk(folder, size):
    """A disk of so many bytes in place of a folder."""
    if not mounted(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        pytest.skip("needs the right to mount file systems")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def put(folder, found):
    """Write a tree."""
    for path, content in found.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


# The disk


@pytest.mark.parametrize(
    "step", [pytest.param(9, id="few"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_a_disk_that_is_full_after_each_page(runs, step):
    """Here writes are cut in the middle, as no fault at a whole call does it."""
    site, old, new = runs.site, runs.trees["old"], runs.trees["new"]
    reports = site.path / "reports"
    site.tell("new")
    shutil.rmtree(reports)
    taken = sum(-(-len(content) // PAGE) for content in old.values())
    told = set()
    for pages in itertools.count(taken, step):
        with disk(reports, pages * PAGE):
            put(site.folder, old)
            run = runs.run(play=True)
            assert legal.violations(site.folder, old, new) == [], run
            assert "Traceback" not in run.err
            told.add(run.code)
            if run.code == 0:
                assert legal.difference(legal.tree(site.folder), new) == []
                break
            assert "No space left on device); make room and run again" in run.out + run.err
            subprocess.run(["mount", "-o", "remount,size=10m", str(reports)], check=True)
            assert runs.run(play=True).code == 0
            assert legal.difference(legal.tree(site.folder), new) == []
    assert told == {0, 1}
    assert pages > taken + 4


def test_an_output_that_is_read_only_is_refused_and_stays_as_it_is(runs):
    site, old = runs.site, runs.trees["old"]
    site.tell("new")
    shutil.rmtree(site.path / "reports", ignore_errors=True)
    with disk(site.path / "reports", 10_000_000):
        put(site.folder, old)
        subprocess.run(["mount", "-o", "remount,ro", str(site.path / "reports")], check=True)
        run = runs.run(play=True)
        assert run.code == 2
        assert "Read-only file system" in run.err
        assert run.err.endswith("make it writable and run again\n")
        assert legal.tree(site.folder) == old
        subprocess.run(["mount", "-o", "remount,rw", str(site.path / "reports")], check=True)
        assert runs.run(play=True).code == 0
        assert legal.difference(legal.tree(site.folder), runs.trees["new"]) == []


# Processes


def test_the_batch_is_killed_at_random_moments(runs):
    """A few times here; fifty in the slow test."""
    kill_at_random(runs, 4)


@pytest.mark.slow
def test_the_batch_is_killed_at_random_moments_fifty_times(runs):
    kill_at_random(runs, 50)


def kill_at_random(runs, times):
    """One tree goes on from kill to kill, between two versions of the notebook."""
    site, seed = runs.site, random.randrange(2**32)  # noqa: S311
    chance = random.Random(seed)  # noqa: S311
    print("seed", seed)
    shutil.rmtree(site.path / "reports", ignore_errors=True)
    put(site.folder, runs.trees["old"])
    killed = 0
    while killed < times:
        runs.ready()
        idle = {process.pid for process in leftovers(site)}
        version = chance.choice(["old", "new"])
        site.tell(version)
        before = legal.tree(site.folder)
        run = runs.start("run", "--force")
        time.sleep(chance.uniform(0, 2.0))
        if chance.random() < 0.5:
            kill(one for one in leftovers(site) if one.pid not in {*idle, run.pid})
        code = run.kill()
        # Workers see that the run is gone, kernels that they are.
        wait_for(lambda own=idle: {process.pid for process in leftovers(site)} <= own)
        clean(site, runs.kept)
        found = legal.violations(site.folder, before, runs.trees[version], killed=code == -9)
        assert found == [], (killed, seed, run, found)
        killed += code == -9
    runs.ready()
    for version in ("old", "new"):
        site.tell(version)
        rest = legal.unfinished(site.folder, runs.trees[version])
        stamps = legal.stamps(site.folder)
        run = runs.run()
        assert run.code == 0, run
        after = legal.stamps(site.folder)
        assert {p.rpartition(".")[0] for p in after if after[p] != stamps[p]} == rest
        assert legal.difference(legal.tree(site.folder), runs.trees[version]) == [], seed


@pytest.fixture
def lone(make_site):
    """A site of its own for runs that start cold."""
    site = make_site()
    yield site
    clean(site)


@pytest.mark.slow
def test_a_full_disk_for_temporary_files_publishes_nothing_untrue(runs, lone):
    """The copy of tables and notebooks does not fit; then it does, and what is built does not."""
    old, new = runs.trees["old"], runs.trees["new"]
    put(lone.folder, old)
    lone.tell("new")
    every = [p for p in lone.path.rglob("*.*") if p.suffix in update.COPIED]
    copied = sum(-(-p.stat().st_size // PAGE) for p in every if "reports" not in p.parts)
    for pages in (copied // 2, copied + 1):
        with disk(lone.path / "tmp", pages * PAGE):
            code, out, err = lone.baap("run", renderers=TWO)
            assert code in (1, 2), out + err
            assert "No space left on device" in out + err
            assert legal.violations(lone.folder, old, new) == [], out + err
    code, out, err = lone.baap("run", renderers=TWO)
    assert (code, err) == (0, ""), out
    assert legal.difference(legal.tree(lone.folder), new) == []


def declare(site, **codes):
    """Declare a report for each code of a notebook."""
    place = {"edition": EDITION, "region": "AFR", "language": "en"}
    reports = {}
    for name, code in codes.items():
        faults.write(site.path / "notebooks", name, code=code)
        reports[name] = {"notebook": name, "parameters": place, "formats": ["html", "pdf"]}
    text = yaml.safe_dump({"reports": reports}, sort_keys=False)
    (site.path / "notebooks" / "batch.yml").write_text(text)


GOOD = "say('good')"
KILLS = "import multiprocessing, os, signal, time\n"
ONCE = """\
import pathlib
mark = pathlib.Path(os.environ['MARK'])
first = not mark.exists()
mark.touch()
"""
SLEEPS = """\
import os, pathlib, time
pathlib.Path(os.environ['STARTED']).touch()
time.sleep(300)
"""
FAMILY = {
    "the kernel": ("os.getpid()", "the kernel ended in the middle of the cell"),
    "the worker": ("multiprocessing.parent_process().pid", "was killed, twice; was there enough"),
    "the server": ("os.getppid()", "was killed, twice; was there enough memory?"),
}


def slowly(*values):
    """Return parameters that only `make test-all` tries."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]


@pytest.mark.parametrize("whom", ["the worker", *slowly("the kernel", "the server")])
def test_a_process_that_is_killed_in_a_cell_fails_that_report_alone(lone, whom):
    process, message = FAMILY[whom]
    kills = f"{KILLS}os.kill({process}, signal.SIGKILL)\ntime.sleep(60)"
    declare(lone, one=GOOD, kills=kills, two=GOOD, three=GOOD)
    code, out, err = lone.baap("run", "--jobs", "2", renderers=TWO)
    assert (code, err) == (1, ""), out
    found = lone.record["reports"]
    assert {k: e["status"] for k, e in found.items()} == {
        "en/one-AFR": "ok", "en/kills-AFR": "failed", "en/two-AFR": "ok", "en/three-AFR": "ok",
    }, out  # fmt: skip
    assert message in found["en/kills-AFR"]["error"]["message"]
    assert leftovers(lone) == []
    declare(lone, one=GOOD, kills=GOOD, two=GOOD, three=GOOD)
    code, out, err = lone.baap("run", renderers=TWO)
    assert (code, out.splitlines()[-1]) == (0, "1 of 1 reports published; 3 were up to date"), out


@pytest.mark.parametrize("whom", ["the server", *slowly("the worker")])
def test_a_process_that_is_killed_once_costs_nothing(lone, whom):
    kills = f"{KILLS}{ONCE}if first:\n    os.kill({FAMILY[whom][0]}, 9)\n    time.sleep(60)\n{GOOD}"
    told = "import os\nsay(os.environ['BAAP_DATA'][-4:] + str(hash('a')))"
    declare(lone, one=told, kills=kills, two=told)
    code, out, err = lone.baap("run", "--jobs", "1", renderers=TWO, MARK=str(lone.path / "mark"))
    assert (code, err) == (0, ""), out
    assert out.splitlines()[-1] == "3 of 3 reports published"
    # The server that took over is the like of the first.
    one, two = ((lone.folder / f"en/{name}-AFR.html").read_text() for name in ("one", "two"))
    assert one == two


def test_a_server_that_is_killed_while_it_warms_up_costs_nothing(lone):
    declare(lone, one=GOOD, two=GOOD)
    process = lone.start("run", renderers=TWO)

    def warming():
        return [one for one in leftovers(lone) if "forkserver" in " ".join(one.cmdline())]

    server = wait_for(warming)
    time.sleep(0.5)
    kill(server)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, ""), out
    assert out.splitlines()[-1] == "2 of 2 reports published"


def test_a_server_that_is_just_ending_is_not_taken_for_running():
    """Its forks are seen to end before it is; a pool was then refused, or had a cold server."""
    command = [sys.executable, "-m", "mortal", "50"]
    tests = str(Path(__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": tests, "BAAP_DATA": str(tables.root())}
    env.pop("PYTHONHASHSEED", None)  # a cold server would have it, too
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == "killed 50 times\n", done.stderr


def test_a_whole_batch_that_is_killed_leaves_no_process_and_no_lock(lone):
    """Only the main process is: the others end by themselves, and the next run goes ahead."""
    declare(lone, one=SLEEPS, two=GOOD)
    started = lone.path / "started"
    process = lone.start("run", "--jobs", "2", renderers=TWO, STARTED=str(started))
    wait_for(started.exists, 60)
    wait_for((lone.folder / "en/two-AFR.pdf").exists)
    before = legal.tree(lone.folder)
    code, out, err = lone.baap("run", renderers=TWO)
    assert (code, out) == (75, "")
    assert err == f"baap: {lone.folder}: another run is writing here; wait until it has ended\n"
    assert legal.tree(lone.folder) == before
    process.kill()
    process.communicate(timeout=20)
    assert list((lone.path / "tmp").glob("baap-*/data"))
    declare(lone, one=GOOD, two=GOOD)
    code, out, err = lone.baap("run", renderers=TWO)
    assert (code, err) == (0, ""), out
    assert out.splitlines()[-1] == "1 of 1 reports published; 1 were up to date"
    wait_for(lambda: leftovers(lone) == [])
    assert list((lone.path / "tmp").glob("baap-*")) == []  # the next run swept, too


# Ctrl-C


def _waits(path):
    return lambda site: any((site.path / "tmp").glob(path))


PHASES = {
    "at once": lambda site: True,
    "copying": _waits("baap-*/data"),
    "the server starts": lambda site: len(leftovers(site)) > 1,
    "the kernel starts": _waits("baap-*/kernels"),
    "in a cell": lambda site: (site.path / "started").exists(),
    "a report is there": lambda site: (site.folder / "en/two-AFR.html").exists(),
}


@pytest.mark.slow
@pytest.mark.parametrize("phase", PHASES)
def test_ctrl_c_in_each_phase(lone, phase):
    """As a terminal does it: to the whole group."""
    declare(lone, two=GOOD, one=SLEEPS)
    process = lone.start("run", "--jobs", "2", renderers=TWO, STARTED=str(lone.path / "started"))
    if phase == "at once":
        wait_for(lambda: (lone.path / "reports").exists())
    wait_for(lambda: PHASES[phase](lone), 60)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "interrupted; what is published is whole\n"), out
    assert leftovers(lone) == []
    assert list((lone.path / "tmp").iterdir()) == []
    declare(lone, two=GOOD, one=GOOD)
    code, out, err = lone.baap("run", renderers=TWO)
    assert (code, err) == (0, ""), out
    entries = lone.record["reports"].values()
    assert [entry["status"] for entry in entries] == ["ok", "ok"]


# Too much of something


@pytest.mark.slow
def test_a_cell_that_takes_more_memory_than_allowed_fails_its_report_alone(lone):
    declare(lone, good=GOOD, hungry="block = bytearray(2_000_000_000)")
    code, out, err = lone.baap("run", "--memory-limit", "1500", renderers=TWO)
    assert (code, err) == (1, ""), out
    found = lone.record["reports"]
    assert found["en/good-AFR"]["status"] == "ok"
    error = found["en/hungry-AFR"]["error"]
    assert (error["cell"], error["name"]) == (3, "MemoryError"), out


OUTPUTS = {
    "printed": "print('x' * 100_000_000)",
    "in pieces": "for _ in range(100):\n    print('x' * 1_000_000, flush=True)",
    "a paragraph": "say('x' * 100_000_000)",
}


@pytest.mark.parametrize("how", ["printed", *slowly("in pieces", "a paragraph")])
def test_a_hundred_megabytes_of_output_fail_their_report_alone(lone, how):
    declare(lone, good=GOOD, large=OUTPUTS[how])
    process = lone.start("run", "--jobs", "2", renderers=TWO)
    most = 0
    own = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            most = max(most, own.memory_info().rss)
        time.sleep(0.05)
    out, err = process.communicate()
    assert (process.returncode, err) == (1, ""), out
    error = lone.record["reports"]["en/large-AFR"]["error"]
    assert error["cell"] == 3
    assert error["message"] == "the cell put out 100 MB, where 20 MB are allowed; show less of it"
    assert lone.record["reports"]["en/good-AFR"]["status"] == "ok"
    # The process that publishes never holds what a worker refused.
    assert most < 400_000_000


# What a run is made from changes under it


READS = """\
import os, pathlib, time
text = (pathlib.Path(os.environ['BAAP_DATA']) / 'reference' / 'topics.csv').read_text()
pathlib.Path(os.environ['STARTED']).touch()
while not pathlib.Path(os.environ['STARTED'] + '-on').exists():
    time.sleep(0.05)
again = (pathlib.Path(os.environ['BAAP_DATA']) / 'reference' / 'topics.csv').read_text()
say(f'{len(text)} {len(again)} {hash(text) == hash(again)}')
"""


@pytest.mark.parametrize("how", ["changed", *slowly("deleted")])
def test_a_table_that_is_changed_while_a_run_goes_on_is_for_the_next(lone, how):
    table = lone.path / "data" / "reference" / "topics.csv"
    was, started = table.read_text(), lone.path / "started"
    declare(lone, one=READS, two=READS, three=READS)
    # One at a time: those that begin later read a table that has long been changed.
    process = lone.start("run", "--jobs", "1", renderers=TWO, STARTED=str(started))
    wait_for(started.exists, 60)
    if how == "changed":
        table.write_text(was.replace("\n", " more\n", 2).replace(" more", "", 1))
    else:
        table.unlink()
    (lone.path / "started-on").touch()
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, ""), out
    pages = {(lone.folder / f"en/{name}-AFR.html").read_text() for name in ("one", "two", "three")}
    assert pages == {f"{len(was)} {len(was)} True\nthe end\n"}
    before = legal.tree(lone.folder)
    _, out, _ = lone.baap("run", "--explain", renderers=TWO)
    assert out.count("tables changed (reference/topics.csv)") == 3
    if how == "deleted":
        code, out, err = lone.baap("run", renderers=TWO)
        assert code in (1, 2)
        assert "topics.csv" in out + err
        assert legal.tree(lone.folder) == before
        table.write_text(was)
        assert lone.baap("run", renderers=TWO)[1] == "all 3 reports are up to date\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that runs in this process, up to where something would be built."""
    shutil.copytree(faults.__path__[0] + "/../../data", tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    for name in ("notebooks", "data", "reports"):
        monkeypatch.setenv(f"BAAP_{name.upper()}", str(tmp_path / name))
    site = warm.Site(tmp_path)
    site.tell("old")
    return site


def test_a_table_that_changes_while_it_is_copied_is_copied_again(project, monkeypatch):
    """The copy is of one moment, or there is none."""
    table = project.path / "data" / "reference" / "topics.csv"
    real, copied = shutil.copyfile, []

    def copyfile(source, target):
        copied.append(source)
        if copied.count(source) == 1 and source.name == "wsis_lines.csv":
            table.write_text(table.read_text() + "\n")
        return real(source, target)

    monkeypatch.setattr(update.shutil, "copyfile", copyfile)
    folders = update.Folders(*(project.path / n for n in ("data", "notebooks", "reports")))
    with update._copy(folders) as frozen:
        for path in (project.path / "data").rglob("*.csv"):
            copy = frozen.data / path.relative_to(project.path / "data")
            assert copy.read_bytes() == path.read_bytes()
    assert copied.count(table) == 2


def test_tables_that_never_rest_are_refused(project, monkeypatch, capsys):
    table = project.path / "data" / "reference" / "topics.csv"
    real = shutil.copyfile

    def copyfile(source, target):
        table.write_text(table.read_text() + "\n")
        return real(source, target)

    monkeypatch.setattr(update.shutil, "copyfile", copyfile)
    assert cli.main(["run"]) == 2
    said = f"baap: {table}: changed while it was copied, 3 times over; wait until nobody writes"
    assert capsys.readouterr().err.startswith(said)
    assert legal.tree(project.folder).keys() <= {legal.LOCK}


def test_tables_that_vanish_before_they_are_copied_are_refused(project, monkeypatch, capsys):
    real = update._copy

    def copy(folders):
        shutil.rmtree(folders.data)
        return real(folders)

    monkeypatch.setattr(update, "_copy", copy)
    assert cli.main(["run"]) == 2
    assert "baap: reference/editions.csv: " in capsys.readouterr().err
    assert legal.tree(project.folder).keys() <= {legal.LOCK}


def test_a_font_that_is_missing_is_named_with_what_to_do(lone):
    """For real: its folder is hidden from the run, and from nobody else."""
    from baaplib.render import typefaces

    font = typefaces.FILES[typefaces.LATIN, "normal"]
    declare(lone, one=GOOD)
    hidden = f"mount -t tmpfs none {font.parent} && exec " + '"$@"'
    options = {"env": {**os.environ, **lone.env}, "capture_output": True, "text": True}
    command = ["unshare", "--mount", "sh", "-c", hidden, "sh"]
    if subprocess.run([*command, "true"], check=False, **options).returncode:
        pytest.skip("needs the right to mount file systems")
    words = [warm.sys.executable, "-c", faults.site.DRIVER, TWO, "run"]
    done = subprocess.run([*command, *words], check=False, cwd=lone.path, **options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"baap: {font}: this file of the font Noto Sans is missing; the package fontpkg-noto-sans "
        "brings it: `pip install --force-reinstall --no-deps fontpkg-noto-sans`, then run again\n"
    )
    assert legal.tree(lone.folder).keys() <= {legal.LOCK}


# The journal by itself


def test_half_a_line_that_could_not_be_taken_back_is_cut_off_by_the_next(tmp_path, monkeypatch):
    path = tmp_path / journal.NAME
    journal.append(path, {"key": "one"})

    def broken(*_):
        raise OSError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        patch.setattr(os, "truncate", broken)
        with pytest.raises(OSError, match="broken"):
            journal.append(path, {"key": "two"})
    with path.open("ab") as file:
        file.write(b'{"key": "half')
    journal.append(path, {"key": "three"})
    assert [line["key"] for line in journal.read(path)] == ["one", "two", "three"]
    assert manifest.read(tmp_path / "nowhere")["reports"] == {}


def test_a_line_that_does_not_fit_leaves_no_trace(tmp_path):
    """For real: the system takes its first bytes and refuses the rest."""
    path = tmp_path / journal.NAME
    journal.append(path, {"key": "one"})
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            journal.append(path, {"key": "a longer one"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
