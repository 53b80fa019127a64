"""A real Dask cluster: a scheduler and workers in processes and folders of their own.

Nothing is shared but the machine: each worker has a working directory and temporary files of its
own, and builds from the tables that the run sends, which are not those beside the library.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import faults
import psutil
import pytest
import yaml
from faults.site import wait_for

ROOT = Path(__file__).parent.parent
DASK = Path(sys.executable).parent / "dask"
BAAP = Path(sys.executable).parent / "baap"
EDITION = "2022-12"
READS = """\
from baaplib import tables
import os
data = tables.load("partners")
say(f"{region}: {data['name_en'].iloc[0]}")
assert os.environ["BAAP_DATA"].startswith(os.environ["OWN"]), os.environ["BAAP_DATA"]"""
# It sleeps where it runs first, and says whose fork it is.
WAITS = """\
import os, pathlib, time
started = pathlib.Path(os.environ["STARTED"])
if not started.exists():
    started.with_suffix(".new").write_text(str(os.getppid()))
    started.with_suffix(".new").rename(started)
    time.sleep(300)
say("twice")"""


class Cluster:
    """A scheduler and its workers, each a process in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._processes = folder, []
        self.started = folder / "started"
        self.address = ""

    def begin(self, **env: str) -> None:
        log = self._start("scheduler", "scheduler", "--port", "0", "--no-dashboard", **env)
        said = wait_for(lambda: re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text()))
        self.address = said[1]

    def add(self, name: str, *words: str, **env: str) -> None:
        own = self.folder / name
        env = {"TMPDIR": str(own), "OWN": str(own), "STARTED": str(self.started), **env}
        where = ("--local-directory", str(own), "--nthreads", "1", "--no-dashboard")
        log = self._start(name, "worker", self.address, *where, *words, **env)
        wait_for(lambda: "Starting established connection" in log.read_text())

    def end(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(timeout=30)

    def _start(self, name: str, *words: str, **env: str) -> Path:
        (self.folder / name).mkdir()
        log = self.folder / f"{name}.log"
        path = os.pathsep.join([env.pop("PYTHONPATH", ""), str(ROOT / "tests")]).strip(os.pathsep)
        with log.open("w") as file:
            self._processes.append(
                subprocess.Popen(
                    [str(DASK), *words],
                    cwd=self.folder / name,
                    stdout=file,
                    stderr=file,
                    env=os.environ | {"PYTHONPATH": path} | env,
                )
            )
        return log


@pytest.fixture
def clusters():
    """Makes clusters; the path is short, as sockets are made below it."""
    made = []

    def make(*workers, **env):
        cluster = Cluster(Path(tempfile.mkdtemp(prefix="bc", dir="/tmp")))
        made.append(cluster)
        cluster.begin(**env)
        for worker in workers:
            cluster.add(worker, **env)
        return cluster

    yield make
    for cluster in made:
        cluster.end()
        shutil.rmtree(cluster.folder)


@pytest.fixture
def project(tmp_path):
    """Tables in which a name is another than in the project's own, and some notebooks."""
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(ROOT / "data", tmp_path / "data")
    partners = tmp_path / "data" / "reference" / "partners.csv"
    head, first, rest = partners.read_text("utf-8").split("\n", 2)
    name = first.split(",")[1]
    partners.write_text("\n".join([head, first.replace(name, f"Only here {name}"), rest]), "utf-8")
    return tmp_path


def declare(project, monkeypatch, **code):
    """Write a notebook of each name, for two regions."""
    reports = {}
    for name, text in code.items():
        monkeypatch.setitem(faults.CODE, name, text)
        faults.write(project / "notebooks", name)
        reports[name] = {
            "notebook": name,
            "parameters": {"edition": EDITION, "language": "en"},
            "over": {"region": ["AFR", "EUR"]},
        }
    (project / "notebooks" / "batch.yml").write_text(yaml.safe_dump({"reports": reports}))


def start(project, reports, *words):
    own = {
        "BAAP_DATA": str(project / "data"), "BAAP_NOTEBOOKS": str(project / "notebooks"),
        "BAAP_REPORTS": str(project / reports), "BAAP_MADE_ON": "2026-01-01",
        "OWN": tempfile.gettempdir(), "STARTED": os.devnull,
    }  # fmt: skip
    return subprocess.Popen(
        [str(BAAP), "run", *words], env=os.environ | own,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(project, reports, *words):
    process = start(project, reports, *words)
    out, err = process.communicate(timeout=200)
    return process.returncode, out, err


def published(project, reports):
    folder = project / reports / EDITION
    return {path.name: path.read_bytes() for path in folder.glob("en/*.*")}


def record(project, reports):
    return json.loads((project / reports / EDITION / "manifest.json").read_text())


def test_a_cluster_builds_the_same_bytes(clusters, project, monkeypatch):
    cluster = clusters("one", "two")
    declare(project, monkeypatch, reads=READS)
    assert run(project, "local")[0] == 0
    code, out, err = run(project, "remote", "--cluster", cluster.address)
    assert (code, err) == (0, ""), out
    local = published(project, "local")
    assert sorted(local) == [
        f"reads-{region}.{format}" for region in ("AFR", "EUR") for format in ("html", "pdf")
    ]
    assert published(project, "remote") == local
    assert b"Only here" in local["reads-AFR.html"]
    # Nothing is left there, and what is kept here is up to date wherever it was built.
    left = [path for name in ("one", "two") for path in (cluster.folder / name).glob("baap-*")]
    assert left == []
    assert "all 2 reports are up to date" in run(project, "remote")[1]
    assert record(project, "remote")["run"]["command"].endswith(cluster.address)


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_no_report(clusters, project, monkeypatch):
    cluster = clusters("one", "two")
    declare(project, monkeypatch, waits=WAITS, reads=READS)
    process = start(project, "reports", "--cluster", cluster.address)
    wait_for(cluster.started.exists)
    server = psutil.Process(int(cluster.started.read_text()))
    family = server.children(recursive=True)
    server.parent().kill()
    out, err = process.communicate(timeout=200)
    assert (process.returncode, err) == (0, ""), out
    assert len(published(project, "reports")) == 8
    # What the lost worker had started ends by itself.
    wait_for(lambda: not any(one.is_running() for one in [server, *family]))


@pytest.mark.slow
def test_other_versions_are_refused(clusters, project, monkeypatch):
    cluster = clusters("one")
    site = cluster.folder / "site"
    (site / "pandas-99.1.dist-info").mkdir(parents=True)
    cluster.add("two", PYTHONPATH=str(site))
    declare(project, monkeypatch, reads=READS)
    code, out, err = run(project, "reports", "--cluster", cluster.address)
    assert (code, out) == (2, "")
    worker, todo = err.splitlines()
    assert re.fullmatch(r"baap: worker tcp://\S+ has pandas 99\.1 and not [\d.]+", worker)
    assert todo.endswith("install the same there, from requirements.lock, and start it anew")
    assert published(project, "reports") == {}


@pytest.mark.slow
def test_a_scheduler_or_worker_without_the_library_is_refused(clusters, project, monkeypatch):
    broken = project / "site" / "baaplib"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('not here')")
    cluster = clusters("one", PYTHONPATH=str(broken.parent))
    declare(project, monkeypatch, reads=READS)
    code, _, err = run(project, "reports", "--cluster", cluster.address)
    assert code == 2
    worker, scheduler, _ = err.splitlines()
    said = r"has no baaplib that can be used \(.*not here"
    assert re.match(rf"baap: worker tcp://\S+ {said}", worker)
    assert re.match(rf"(baap: )?scheduler {said}", scheduler)


def test_a_worker_of_another_version_that_comes_later_builds_nothing(monkeypatch):
    from baaplib.batch import node

    parcel = node.Parcel("a", b"", (), {}, {**node.versions(), "pandas": "99.1"})
    with pytest.raises(RuntimeError, match=r"the worker has pandas [\d.]+ and not 99\.1; install"):
        node.build_here(None, parcel)


def test_a_worker_whose_files_changed_since_it_started_builds_nothing(monkeypatch, tmp_path):
    """The server that it starts would be made of other files than it is itself."""
    from baaplib.batch import inputs, node, run

    # No server need start for this.
    monkeypatch.setattr(run, "site", lambda *_: contextlib.nullcontext(tmp_path))
    parcel = node.Parcel("a", node.pack(tmp_path), (), {}, node.versions())
    site = tmp_path / "site"
    (site / "pandas-99.1.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(site))
    try:
        with pytest.raises(RuntimeError, match=r"the worker has pandas 99\.1 and not [\d.]+"):
            node.build_here(None, parcel)
    finally:
        inputs.versions.cache_clear()
    assert node._sites == {}


@pytest.mark.slow
def test_a_cluster_that_ends_fails_what_is_left(clusters, project, monkeypatch):
    cluster = clusters("one")
    declare(project, monkeypatch, reads=READS, waits=WAITS)
    process = start(project, "reports", "--cluster", cluster.address)
    wait_for(cluster.started.exists)
    cluster.end()
    out, _ = process.communicate(timeout=200)
    assert process.returncode == 1
    assert "the cluster lost all its workers or its scheduler" in out
    states = {key: entry["status"] for key, entry in record(project, "reports")["reports"].items()}
    assert states["en/waits-AFR"] == "failed"


def test_a_cluster_that_cannot_build_is_refused(clusters, project, monkeypatch):
    declare(project, monkeypatch, reads=READS)
    cluster = clusters()
    for address, said in {
        cluster.address: f"the cluster at {cluster.address} has no workers",
        "tcp://127.0.0.1:1": "no Dask scheduler answers at 'tcp://127.0.0.1:1'",
        "nonsense": "no Dask scheduler answers at 'nonsense'",
    }.items():
        code, out, err = run(project, "reports", "--cluster", address)
        assert (code, out) == (2, "")
        assert said in err, err
        assert len(err.splitlines()) == 1, err
    assert published(project, "reports") == {}
