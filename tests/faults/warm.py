"""Runs of the command that start warm: forks of one process that has imported all and started the
server of kernels, so that a suite can afford hundreds of them.

A run is `cli.main` in a process of its own, with real files, signals and exit codes. Its reports
come from real kernels; or, with `play`, from what a real run handed on before, which leaves out
server and kernels alone and takes a tenth of a second.
"""

import ctypes
import hashlib
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

from baaplib.batch import server
from faults import legal
from faults.site import Site

RENDERERS = {"html": "faults:plain", "pdf": "faults:paper"}
# Seconds after which a run hangs.
HANGS = 120
PR_SET_PTRACER, ANYBODY = 0x59616D61, ctypes.c_ulong(-1)


@dataclass
class Warm:
    """The process that runs are forked from, for one site."""

    site: Site

    def __enter__(self):
        (self.site.path / "outcomes").mkdir()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "faults.warm", str(self.site.path)],
            env={**os.environ, **server.ENVIRONMENT, **self.site.env}, cwd=self.site.path,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=HANGS)

    def start(self, *words, **options):
        """Start a run; with `strace`, options for strace, which then watches its main thread."""
        pid = self._ask(words=words or ["run"], **options)
        run = Run(self, pid)
        if options.get("strace"):
            run.trace(options["strace"])
        return run

    def run(self, *words, **options):
        """Run to the end, and return it."""
        run = self.start(*words, **options)
        run.wait()
        return run

    def ready(self):
        """See to the server: one that a killed run was just speaking to may have ended by that."""
        self._ask(ready=True)

    def draw(self):
        """Draw the index once, so that runs find the letters of its fonts chosen."""
        self._ask(draw=str(self.site.folder))

    def _ask(self, **order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        ready, *_ = select.select([self._process.stdout], [], [], HANGS)
        assert ready, f"hangs: {order}"
        return int(self._process.stdout.readline())


@dataclass(repr=False)
class Run:
    """A run of the command: exit code (negative: the signal that ended it), what it said."""

    warm: Warm
    pid: int
    code: int | None = None
    tracer: subprocess.Popen | None = None

    def trace(self, options):
        """Let strace watch it, and let it go on."""
        gate = self.warm.site.path / f"{self.pid}.gate"
        self.tracer = subprocess.Popen(
            ["strace", "-o", str(self.log), "-p", str(self.pid), *options],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert "attached" in self.tracer.stderr.readline()
        gate.touch()

    def wait(self):
        self.code = os.waitstatus_to_exitcode(self.warm._ask(wait=self.pid))
        if self.tracer:
            self.tracer.communicate()
        return self.code

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    @property
    def log(self):
        return self.warm.site.path / f"{self.pid}.strace"

    @property
    def out(self):
        return (self.warm.site.path / f"{self.pid}.out").read_text()

    @property
    def err(self):
        return (self.warm.site.path / f"{self.pid}.err").read_text()

    def __repr__(self):
        return f"exit {self.code}\n{self.out}{self.err}"


# The process itself


def main(path):
    """Import all, start the server, and fork a run for each order that comes."""
    from baaplib import cli  # noqa: F401
    from baaplib.batch import inputs, plan, run, update, warm  # noqa: F401

    plan.RENDERERS.update(RENDERERS)
    inputs.fonts()
    inputs.versions()
    server.start(os.environ["BAAP_DATA"])
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer = os.waitpid(order["wait"], 0)[1]
        elif "ready" in order:
            # A fork is the proof: one that is about to end by what a killed run said still runs.
            answer = server.call("os:getpid")
        elif "draw" in order:
            answer = legal.draw(Path(order["draw"]))
        else:
            answer = os.fork()
            if not answer:
                _run(Path(path), order, run)
        print(answer, flush=True)


def _run(path, order, run):
    os.setsid()
    # Whoever traces it need be no ancestor, also where the system is strict.
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)
    for descriptor, name in ((1, "out"), (2, "err")):
        opened = os.open(path / f"{os.getpid()}.{name}", os.O_CREAT | os.O_WRONLY)
        os.dup2(opened, descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order.get("env", {}))
    code = 1
    try:
        _prepare(path, run, play=order.get("play", False))
        while order.get("strace") and not (path / f"{os.getpid()}.gate").exists():
            time.sleep(0.01)
        from baaplib import cli

        code = cli.main(order["words"])
    except BaseException:  # as Python itself would end
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _prepare(path, run, *, play):
    server.inherit()
    server.start = lambda *_: None
    if play:
        server.FORKS = False
        run.run = lambda plan, done, **_: _play(path, plan, done)
    else:
        real = run.run
        run.run = lambda plan, done, **more: real(plan, _recorder(path, done), **more)


def _kept(path, report):
    content = report.notebook.read_bytes()
    name = hashlib.sha256(content + report.key.encode()).hexdigest()
    return path / "outcomes" / name


def _recorder(path, done):
    """Keep each outcome that is handed on."""

    def keep(outcome):
        if not outcome.failure and set(outcome.report.formats) == set(RENDERERS):
            _kept(path, outcome.report).write_bytes(pickle.dumps(outcome))
        done(outcome)

    return keep


def _play(path, plan, done):
    for report in plan.reports:
        outcome = pickle.loads(_kept(path, report).read_bytes())  # noqa: S301  our own
        outputs = {name: outcome.outputs[name] for name in report.formats}
        done(replace(outcome, report=report, outputs=outputs))


if __name__ == "__main__":
    main(sys.argv[1])
