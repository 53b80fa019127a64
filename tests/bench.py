"""`make bench`: what a batch costs here, beside what a user would do otherwise.

Otherwise is, for the same notebooks, a loop of the commands `papermill` and `jupyter nbconvert`, or
`papermill.execute_notebook` and nbconvert's exporter on a pool of as many processes. The ratios are
printed; nothing is asserted. `python tests/bench.py SECTION...` runs some of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

import nbformat
import psutil
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
EDITION = "2022-12"
REGIONS = ("AFR", "AMS", "ARB", "ASP", "CIS", "EUR")
WIDTH = os.cpu_count() or 1
# A loop takes for each report what it takes for the first; so many stand for all.
LOOPED, POOLED = 4, max(12, 3 * WIDTH)
SETUP = """\
from baaplib import charts, measures
from baaplib.brief import Brief
brief = Brief(edition, region, language)
data = brief.data
brief.cover()
brief.headlines(measures.activity_count(data))"""
CELLS = (
    SETUP,
    'brief.chart("Activities by thematic area or component", charts.bars, measures.by_theme(data))',
    'brief.chart("Activities by type", charts.bars, measures.by_type(data))',
    "rows = measures.not_pending(data)\n"
    'brief.chart("Activities by status", charts.bars, measures.counted(data, rows, "status"))',
    "brief.sources()",
)
PARAMETERS = f"""\
edition: str = "{EDITION}"  # reporting edition
region: str = "AFR"  # code of a region
language: str = "en"  # language of the report"""


def small(folder: Path) -> Path:
    """Write a small notebook: three charts."""
    cells = [new_markdown_cell("# Small\n\nWhat was done?")]
    cells.append(new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}))
    cells += [new_code_cell(source) for source in CELLS]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), path)
    return path


@dataclass
class Batch:
    """A run of `baap run` over small reports: when each was done, and what its record says."""

    seconds: float
    done: list[float]
    entries: list[dict[str, Any]]
    memory: float = 0.0

    @property
    def marginal(self) -> float:
        """Seconds that one more report takes, once the first ones are done."""
        skipped = min(10, len(self.done) // 2)
        return (self.done[-1] - self.done[skipped - 1]) / (len(self.done) - skipped)

    def of(self, step: str) -> float:
        """Return the mean of the seconds of a step."""
        return mean(entry["seconds"].get(step, 0.0) for entry in self.entries)


@contextmanager
def project(reports: int, formats: tuple[str, ...]) -> Iterator[tuple[Path, dict[str, str]]]:
    """Make a folder with a batch of small reports, and yield it and its environment."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        (folder / "notebooks").mkdir()
        small(folder / "notebooks")
        place = {"edition": EDITION, "language": "en"}
        entry = {"notebook": "small", "parameters": place, "formats": list(formats)}
        names = {
            f"small-{number}": {**entry, "over": {"region": list(REGIONS[:5])}}
            for number in range(reports // 5)
        }
        (folder / "notebooks" / "batch.yml").write_text(yaml.safe_dump({"reports": names}))
        own = {"BAAP_NOTEBOOKS": str(folder / "notebooks"), "BAAP_REPORTS": str(folder / "reports")}
        yield folder, os.environ | own


def batch(reports: int, *formats: str, watch: bool = False) -> Batch:
    """Build small reports with `baap run`."""
    with project(reports, formats) as (folder, env):
        start, done = time.perf_counter(), []
        command = [str(BIN / "baap"), "run"]
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        highest = _watch(process.pid) if watch else list
        for line in process.stdout or ():
            if line.startswith("ok"):
                done.append(time.perf_counter() - start)
        if process.wait():
            sys.exit(f"{command} ended with {process.returncode}")
        seconds = time.perf_counter() - start
        record = json.loads((folder / "reports" / EDITION / "manifest.json").read_text())
        entries = list(record["reports"].values())
        return Batch(seconds, done, entries, max(highest(), default=0.0))


def _watch(pid: int) -> Callable[[], list[float]]:
    """Note the memory of a process and all it starts, in megabytes, pages they share once."""
    seen: list[float] = []

    def look() -> None:
        try:
            family = psutil.Process(pid)
            while family.is_running() and family.status() != psutil.STATUS_ZOMBIE:
                seen.append(sum(_pss(p) for p in [family, *family.children(recursive=True)]))
                time.sleep(1)
        except psutil.NoSuchProcess:
            return

    threading.Thread(target=look, daemon=True).start()
    return lambda: seen


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:
        return 0.0


def loop(notebook: Path, folder: Path, region: str) -> None:
    """Build a report as a shell loop does."""
    executed = folder / f"{region}.ipynb"
    call([BIN / "papermill", "-p", "region", region, notebook, executed])
    call([BIN / "jupyter", "nbconvert", "--to", "html", executed])


def pooled(notebook: Path, folder: Path, number: int) -> float:
    """Build a report inside a process of a pool, and return when it was done."""
    import papermill
    from nbconvert import HTMLExporter

    executed = folder / f"{number}.ipynb"
    region = REGIONS[number % 5]
    for last in (False, False, True):
        try:
            papermill.execute_notebook(notebook, executed, {"region": region}, progress_bar=False)
            break
        except RuntimeError:
            # Kernels that start at the same time now and then take the same port; one of them ends.
            if last:
                raise
    page, _ = HTMLExporter().from_filename(str(executed))
    executed.with_suffix(".html").write_text(page)
    return time.monotonic()


def call(words: list[str | Path], **variables: str) -> None:
    result = subprocess.run(words, env=os.environ | variables, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{words}: {result.stdout}{result.stderr}")


def seconds(way: Callable[[Path], None]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        way(Path(folder))
        return time.perf_counter() - start


def reports() -> None:
    """One hundred small reports."""
    ours, both = [batch(100, "html")], [batch(100, "html", "pdf"), batch(100, "html", "pdf")]
    ours.append(batch(100, "html"))  # around those with PDF, as the pace of a machine drifts
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = small(folder)
        start = time.perf_counter()
        for region in REGIONS[:LOOPED]:
            loop(notebook, folder, region)
        looped = (time.perf_counter() - start) / LOOPED
        with ProcessPoolExecutor(WIDTH) as pool:
            made = [pool.submit(pooled, notebook, folder, number) for number in range(POOLED)]
            ends = sorted(future.result() for future in made)
        # The first of each process import everything.
        pool_marginal = (ends[-1] - ends[WIDTH - 1]) / (POOLED - WIDTH)
    each = mean(one.seconds for one in ours) / 100
    marginal, with_pdf = (mean(one.marginal for one in way) for way in (ours, both))
    print(f"100 small reports, HTML, {WIDTH} at a time: {each * 100:.1f} s, start-up included")
    row("papermill and nbconvert, a loop", looped, each, f"of {LOOPED} reports")
    row(
        f"papermill and nbconvert, a pool of {WIDTH}", pool_marginal, each, f"of {POOLED}, marginal"
    )
    row("baap run", each, each)
    cells, executed, told, html = (
        mean(one.of(step) for one in ours) for step in ("cells", "execute", "document", "html")
    )
    print(f"one more report takes {marginal:.3f} s; its cells compute {cells:.3f} s")
    print(f"  that is {marginal / (cells / WIDTH):.2f} times the cells' time divided by {WIDTH}")
    print(f"  with PDF {with_pdf:.3f} s, {with_pdf / marginal - 1:.0%} more")
    # The five regions come again and again, and what Typst has laid out for one it finds again.
    # Within the same runs, whatever the pace of the machine.
    rest = mean(one.of("execute") + one.of("document") + one.of("html") for one in both)
    pdf = mean(one.of("pdf") for one in both)
    print(f"  of a worker's time in the same runs PDF takes {pdf / rest:.0%} more")
    pdfs = [[entry["seconds"]["pdf"] for entry in one.entries] for one in both]
    first = median(took for every in pdfs for took in every[:5])
    found = [took for every in pdfs for took in every if took < first / 2]
    print(
        f"  the first PDFs take {first:.3f} s: were no report like another, it were "
        f"{first / WIDTH / marginal:.0%} more"
    )
    if found:
        print(
            f"  {len(found) / 200:.0%} take {median(found):.3f} s: their like was laid out before"
        )
    steps = {
        "cells": cells, "kernel": executed - cells, "document": told, "HTML": html,
        "PDF": pdf,
    }  # fmt: skip
    whole = sum(steps.values())
    shares = ", ".join(f"{name} {took / whole:.0%}" for name, took in steps.items())
    print(f"share of a worker's time: {shares}")


def row(name: str, each: float, ours: float, note: str = "") -> None:
    print(f"  {name:42} {each:7.2f} s a report {each / ours:6.1f} times {note}")


def briefs() -> None:
    """The six regional briefs, start-up included."""
    notebook = ROOT / "notebooks" / "regional_brief.ipynb"
    words = [BIN / "baap", "run", "regional-brief", "--language", "en", "--format", "html"]
    ours = seconds(lambda folder: call([*words], BAAP_REPORTS=str(folder)))
    theirs = seconds(lambda folder: [loop(notebook, folder, region) for region in REGIONS] and None)
    print(f"six regional briefs, HTML: {ours:.1f} s; as a loop {theirs:.1f} s")
    print(f"  the loop takes {theirs / ours:.1f} times as long")


def start() -> None:
    """What does nothing: a run in which nothing changed, and the help."""
    with project(100, ("html",)) as (_, env):
        run = [str(BIN / "baap"), "run"]
        subprocess.run(run, env=env, check=True, capture_output=True)
        ways = {
            "import pandas": [sys.executable, "-c", "import pandas"],
            "baap run, nothing changed": run,
            "baap --help": [str(BIN / "baap"), "--help"],
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(9):
            for name, command in ways.items():
                begun = time.perf_counter()
                subprocess.run(command, env=env, check=True, capture_output=True)
                took[name].append(time.perf_counter() - begun)
    base = median(took["import pandas"])
    for name, every in took.items():
        print(f"  {name:28} {median(every):.3f} s {median(every) / base:6.2f}")


def memory() -> None:
    """The memory of a run and of all its processes, pages they share counted once."""
    few, many = batch(50, "html", watch=True), batch(1000, "html", watch=True)
    print(f"memory at most: {few.memory:.0f} MB for 50 reports, {many.memory:.0f} MB for 1 000")


# What a process of its own does with a large edition, and prints: seconds, of the processor, peak.
LARGE = {
    "pandas.read_csv": "[pandas.read_csv(data / path) for _, path in tables.files(data)]",
    "tables.load": "[tables.load(n, None if tables.is_reference(n) else name) "
    "for n in tables.names()]",
    "audit.check": "sys.exit('not well') if audit.check(data) else None",
    "claims.total": "claims.total(people, rules)",
}
MEASURED = """
import resource, sys, time, warnings
from pathlib import Path
import pandas
from baaplib import audit, claims, measures, tables
warnings.simplefilter("ignore")
data, name = tables.root(), tables.editions()[0]
if {people!r}:
    whole = measures.edition(name)
    one_period = ~whole.figures["cumulative"].astype(bool)
    people = whole.figures[measures.counts_people(whole.figures, whole) & one_period]
    rules = whole.rules
begun = time.perf_counter(), time.process_time()
made = {call}
print(time.perf_counter() - begun[0], time.process_time() - begun[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
if {people!r}:
    print(len(people), len({{group.origins for group in made.groups}}), made.low, made.gap)
"""


def scale() -> None:
    """A synthetic edition: pandas' own read, load, check, and the fewest people of a total."""
    activities, times = int(os.environ.get("BENCH_ACTIVITIES", "100000")), 2
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name) / "data"
        call([sys.executable, ROOT / "tests" / "synthetic.py", folder, str(activities)])
        results: dict[str, list[list[float]]] = {way: [] for way in LARGE}
        for _ in range(times):  # one after the other, so that all meet the same machine
            for way, results_of in results.items():
                results_of.append(_large(folder, way))
    print(f"{activities:,} activities; the best of {times}, each in a process of its own")
    best = {way: [min(column) for column in zip(*own, strict=True)] for way, own in results.items()}
    base = best["pandas.read_csv"]
    for way, (wall, processor, peak, *_) in best.items():
        print(
            f"  {way:16} {wall:8.2f} s {wall / base[0]:5.2f} times, {processor:8.2f} s of the "
            f"processor {processor / base[1]:5.2f} times, {peak:6.0f} MB at most"
        )
    groups, sets, fewest, gap = best["claims.total"][3:]
    print(
        f"  {groups:,.0f} figures of people from {sets:,.0f} sets of places: at least "
        f"{fewest:,.0f} people, {f'at most {gap:,.0f} too low' if gap else 'exact'}"
    )


def _large(folder: Path, way: str) -> list[float]:
    program = MEASURED.format(call=LARGE[way], people=way == "claims.total")
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"BAAP_DATA": str(folder)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [float(word) for word in done.stdout.split()]


SECTIONS: dict[str, Callable[[], None]] = {
    "reports": reports, "briefs": briefs, "start": start, "memory": memory, "scale": scale,
}  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or SECTIONS:
        if name not in SECTIONS:
            sys.exit(f"unknown section {name!r}; there are {', '.join(SECTIONS)}")
        print(f"{name}: {(SECTIONS[name].__doc__ or '').splitlines()[0]}", flush=True)
        SECTIONS[name]()


if __name__ == "__main__":
    main()
