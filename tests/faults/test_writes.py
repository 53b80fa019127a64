"""A fault at each write of a small batch: at the n-th call of the system that touches the tree, for
every n until the run is through untouched, the process is killed, interrupted, or told that the
disk is full or broken.

strace puts the fault into the system call itself, so that whatever stands above it takes part. The
reports are those that real kernels made before (`warm`), which spares starting them hundreds of
times; all that plans, publishes and records is the command itself.
"""

import itertools
import shutil
import subprocess

import pytest

from baaplib.batch import journal
from faults import legal, warm

# Calls of the system, as strace names them in any architecture.
CALLS = {
    "open": "openat", "write": "write", "fsync": "fsync", "rename": "/^rename",
    "unlink": "/^unlink", "mkdir": "/^mkdir",
}  # fmt: skip
# What is put into the n-th of them; "on" is a disk that stays full.
FAULTS = {
    "SIGKILL": "signal=KILL:when={n}",
    "SIGINT": "signal=INT:when={n}",
    "EIO": "error=EIO:when={n}",
    "ENOSPC on": "error=ENOSPC:when={n}+",
}
# Every so many of the calls are tried by `make test`, all by `make test-all`.
FEW = 11


def traces():
    """Say whether strace can put faults into a process here."""
    if not shutil.which("strace"):
        return False
    words = ["strace", "-o", "/dev/null", "-e", "inject=write:error=EIO:when=1", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(
    not traces(), reason="needs strace, and the right to trace processes (apt install strace)"
)


class Bench:
    """A site with the trees of an undisturbed run of the old and of the new notebook."""

    def __init__(self, site, warm):
        self.site, self.warm = site, warm
        site.tell("old")
        self.old = self._undisturbed("old")
        site.tell("new")
        self.new = self._undisturbed("new")
        self.mended = set()
        self.watched = [f"-P{path}" for path in sorted(self._paths())]

    def _undisturbed(self, version):
        run = self.warm.run()
        assert run.code == 0, run
        self.warm.draw()
        shutil.copytree(self.site.folder, self.site.path / version)
        found = legal.tree(self.site.folder)
        shutil.rmtree(self.site.path / "reports")
        return found

    def _paths(self):
        """Yield all that a run may touch, with the folders it lies in."""
        folder = self.site.folder
        yield from (folder.parent, folder, folder / "en", folder / journal.NAME)
        for path in self.new:
            yield folder / path
            yield (folder / path).with_name(f".{(folder / path).name}.part")

    def restore(self, version):
        shutil.rmtree(self.site.path / "reports", ignore_errors=True)
        if version:
            shutil.copytree(self.site.path / version, self.site.folder)

    def disturbed(self, call, fault, n):
        """Run with a fault at the n-th call, and return the run and whether it came to that."""
        inject = f"inject={CALLS[call]}:{FAULTS[fault].format(n=n)}"
        watch = ["-e", f"trace={CALLS[call]}", *self.watched]
        run = self.warm.start(play=True, strace=[*watch, "-e", inject])
        run.wait()
        log = run.log.read_text()
        return run, any(word in log for word in ("(INJECTED)", "SIGINT", "SIGKILL"))

    def complete(self):
        """Run again without a fault, and hold that it does exactly the rest."""
        left = legal.tree(self.site.folder)
        state = tuple((p, legal.timeless(p, c)) for p, c in sorted(left.items()))
        if repr(state) in self.mended:
            return
        rest = legal.unfinished(self.site.folder, self.new)
        said = self.warm.run("run", "--explain").out
        due = {line.split()[1].rstrip(":") for line in said.splitlines() if "build " in line}
        assert due == {f"2022-12/{key}" for key in rest}, said
        before = legal.stamps(self.site.folder)
        run = self.warm.run(play=True)
        assert run.code == 0, run
        after = legal.stamps(self.site.folder)
        touched = {path.rpartition(".")[0] for path in after if after[path] != before.get(path)}
        assert touched == rest, run
        assert legal.difference(legal.tree(self.site.folder), self.new) == [], run
        self.mended.add(repr(state))


@pytest.fixture(scope="module")
def bench(make_site):
    site = make_site()
    with warm.Warm(site) as runs:
        yield Bench(site, runs)
    shutil.rmtree(site.path / "tmp")
    (site.path / "tmp").mkdir()


EVERY = [(call, fault) for call in CALLS for fault in FAULTS]


@pytest.mark.slow
@pytest.mark.parametrize(("call", "fault"), EVERY)
def test_a_fault_at_each_call_leaves_a_legal_tree_and_the_next_run_completes_it(bench, call, fault):
    for n in itertools.count(1):
        bench.restore("old")
        run, reached = bench.disturbed(call, fault, n)
        if not reached:
            break
        _check(bench, fault, run, before=bench.old)
    assert n > 5
    assert run.code == 0, run


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_the_first_run_of_all_may_be_killed_at_each_call(bench, call):
    for n in itertools.count(1):
        bench.restore(None)
        run, reached = bench.disturbed(call, "SIGKILL", n)
        if not reached:
            break
        _check(bench, "SIGKILL", run, before={})
    assert n > 5


@pytest.mark.parametrize(("call", "fault"), EVERY[::4] + EVERY[3::4])
def test_a_fault_at_some_calls(bench, call, fault):
    """The same for a few, another few for each call and fault, for those who are in a hurry."""
    first = 1 + EVERY.index((call, fault)) % 5
    for n in range(first, 40, FEW):
        bench.restore("old")
        run, reached = bench.disturbed(call, fault, n)
        if not reached:
            assert n > first, run
            break
        _check(bench, fault, run, before=bench.old)


def _check(bench, fault, run, before):
    killed = fault == "SIGKILL"
    folder = bench.site.folder
    assert legal.violations(folder, before, bench.new, killed=killed) == [], run
    if killed:
        assert run.code == -9
    elif fault == "SIGINT":
        assert (run.code, run.err) == (130, "interrupted; what is published is whole\n"), run
    elif run.code == 0:
        assert legal.difference(legal.tree(folder), bench.new) == [], run
    else:
        assert run.code in (1, 2), run
        assert "Traceback" not in run.err
        assert run.code == 1 or legal.difference(legal.tree(folder), before) == [], run
    bench.complete()
