"""`baap new`: a notebook from the template, under a name that a report can have."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from baaplib import cli, contract, scaffold
from baaplib.batch.plan import plan, vocabularies

ROOT = Path(__file__).parent.parent


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    monkeypatch.setenv("BAAP_NOTEBOOKS", str(folder))
    return folder


def cells(path: Path) -> list[dict[str, object]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_new_keeps_the_contract_and_shares_no_id_with_the_template(notebooks: Path) -> None:
    path = scaffold.new("women_trained", notebooks)
    assert contract.problems({"cells": cells(path)}) == []
    ids = {cell["id"] for cell in cells(path)}
    assert not ids & {cell["id"] for cell in cells(notebooks / "_template.ipynb")}
    assert all(str(each).startswith("women-trained-") for each in ids)


@pytest.mark.parametrize(
    "name", ["", "Women", "a b", "../x", "/x/y", "_x", "9", "x.ipynb", "x-y", "é", "x__y", "x_"]
)
def test_refuses_names_that_no_report_can_have(name: str, notebooks: Path) -> None:
    before = sorted(path.name for path in notebooks.iterdir())
    with pytest.raises(ValueError, match=r"cannot name a notebook; use small letters"):
        scaffold.new(name, notebooks)
    assert sorted(path.name for path in notebooks.iterdir()) == before


def test_never_writes_over_a_notebook(notebooks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (notebooks / "overview.ipynb").read_bytes()
    assert cli.main(["new", "overview"]) == cli.WRONG
    assert "is there already; choose another name" in capsys.readouterr().err
    assert (notebooks / "overview.ipynb").read_bytes() == before


def test_an_id_stays_one_that_nbformat_takes(notebooks: Path) -> None:
    path = scaffold.new("a" * 60, notebooks)
    assert all(len(str(cell["id"])) <= 64 for cell in cells(path))
    assert contract.problems({"cells": cells(path)}) == []


def test_says_what_it_did_and_batch_yml_takes_its_lines(
    notebooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", "women_trained"]) == 0
    said, _, lines = capsys.readouterr().out.partition("\n\n")
    assert "wrote notebooks/women_trained.ipynb; run `make lab`" in said
    batch = notebooks / "batch.yml"
    batch.write_text(batch.read_text(encoding="utf-8") + lines, encoding="utf-8")
    assert yaml.safe_load(lines)["women-trained"]["over"]["language"] == ["en"]
    reports = plan(batch, notebooks, vocabularies(ROOT / "data")).reports
    assert "women-trained-ALL" in [report.stem for report in reports]


def test_list_does_not_show_the_template(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    assert "_template" not in capsys.readouterr().out
