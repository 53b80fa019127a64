# The only commands that people, hooks and CI use. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help briefs reports test test-all check format lab merges bench words lock clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

briefs: $(READY)  ## write the six regional briefs, English and Chinese, HTML and PDF
	$(BIN)/baap run regional-brief

reports: $(READY)  ## write every report
	$(BIN)/baap run

test: $(READY)  ## run the tests (about five minutes at most on two cores)
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(READY)  ## run the tests, slow ones too
	$(BIN)/python -m pytest -n 2

check: $(READY)  ## check code, types, notebooks, texts and tables
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/nbstripout --keep-id --verify notebooks/*.ipynb
	$(BIN)/python -m baaplib.catalogue
	$(BIN)/baap check

format: $(READY)  ## write code and notebooks the way `check` wants them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/nbstripout --keep-id notebooks/*.ipynb

lab: $(READY)  ## open the notebooks in JupyterLab
	JUPYTER_CONFIG_PATH=lab $(BIN)/jupyter lab

merges: $(READY)  ## let git compare and merge notebooks cell by cell (once in each clone)
	git config merge.jupyternotebook.name "notebooks, cell by cell"
	git config merge.jupyternotebook.driver '"$(CURDIR)/$(BIN)/git-nbmergedriver" merge %O %A %B %L %P'
	git config diff.jupyternotebook.command '"$(CURDIR)/$(BIN)/git-nbdiffdriver" diff'

bench: $(READY)  ## time a batch beside the loop of papermill and nbconvert
	$(BIN)/python tests/bench.py

words: $(READY)  ## bring the catalogues in line with the texts; say what is not translated
	$(BIN)/python -m baaplib.catalogue

lock: $(READY)  ## write the lock file anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra cluster --extra notify --extra dev --generate-hashes \
	  --no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock \
	  pyproject.toml

clean:  ## remove the environment and the reports
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache
	git clean -fdXq reports

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { \
	  echo "this Python cannot make environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
