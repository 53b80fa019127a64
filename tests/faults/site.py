"""A project of its own, with tiny notebooks and plain renderers, and the command run in it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

import faults

ROOT = Path(__file__).parent.parent.parent
DRIVER = """
import sys
from baaplib import cli
from baaplib.batch import plan
if __name__ == "__main__":
    plan.RENDERERS.update(word.split("=") for word in sys.argv[1].split(",") if word)
    sys.exit(cli.main(sys.argv[2:]))
"""
PLAIN = "html=faults:plain,pdf=faults:plain"
TWO = "html=faults:plain,pdf=faults:paper"
# What the two versions of a notebook say.
VERSIONS = {"old": ("village", 3), "new": ("city", 5)}


@dataclass
class Site:
    """A project of its own: notebooks, reports, temporary files."""

    path: Path

    @property
    def folder(self):
        return self.path / "reports" / "2022-12"

    @property
    def record(self):
        return json.loads((self.folder / "manifest.json").read_text())

    def declare(self, **names):
        """Write notebooks and a batch.yml: one report for each name, of that notebook."""
        place = {"edition": "2022-12", "region": "AFR", "language": "en"}
        reports = {}
        for name, notebook in names.items():
            faults.write(self.path / "notebooks", notebook)
            reports[name] = {"notebook": notebook, "parameters": place, "formats": ["html", "pdf"]}
        text = yaml.safe_dump({"reports": reports}, sort_keys=False)
        (self.path / "notebooks" / "batch.yml").write_text(text)

    def tell(self, version, regions=("AFR", "EUR")):
        """Write the notebook in a version of it, and a batch.yml: one report for each region."""
        word, count = VERSIONS[version]
        code = faults.TOLD.replace("WORD", word).replace("COUNT", str(count))
        faults.write(self.path / "notebooks", "told", code=code)
        brief = {
            "notebook": "told",
            "parameters": {"edition": "2022-12", "language": "en"},
            "over": {"region": list(regions)},
            "formats": ["html", "pdf"],
        }
        text = yaml.safe_dump({"reports": {"brief": brief}}, sort_keys=False)
        (self.path / "notebooks" / "batch.yml").write_text(text)

    @property
    def env(self):
        return {
            "BAAP_DATA": str(self.path / "data"),
            "BAAP_NOTEBOOKS": str(self.path / "notebooks"),
            "BAAP_REPORTS": str(self.path / "reports"),
            "TMPDIR": str(self.path / "tmp"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        }

    def start(self, *words, renderers=PLAIN, **env):
        return subprocess.Popen(
            [sys.executable, "-c", DRIVER, renderers, *words],
            env={**os.environ, **self.env, **env}, cwd=self.path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def baap(self, *words, **options):
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def files(self):
        return sorted(
            p.relative_to(self.path / "reports").as_posix()
            for p in self.folder.rglob("*.*")
            if p.name != ".lock"
        )


def make():
    """Return a site with a short path, as sockets are made below it."""
    site = Site(Path(tempfile.mkdtemp(prefix="bt", dir="/tmp")))
    for name in ("notebooks", "tmp"):
        (site.path / name).mkdir()
    shutil.copytree(ROOT / "data", site.path / "data")
    return site


def leftovers(site):
    """Processes that know the site's temporary folder: its workers and kernels."""
    found = []
    for process in psutil.process_iter():
        try:
            known = str(site.path) in " ".join([*process.cmdline(), *process.environ().values()])
            lives = process.status() != psutil.STATUS_ZOMBIE
        except (psutil.AccessDenied, psutil.NoSuchProcess):
            continue
        if known and lives and process.pid != os.getpid():
            found.append(process)
    return found


def kill(processes):
    """Kill all at once; some may have ended by themselves since they were found."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def wait_for(condition, seconds=60):
    """Wait until a condition holds, and return what it found."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found
