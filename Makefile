# make report   set up, then analyse brains and trained networks and write report/index.html
# make test     set up, then every check: style, types, import contracts, tests
# make bench    set up with the peers, then time them against us (tests/benchmarks/RESULTS.md)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.PHONY: report test test-slow bench lint clean
.DEFAULT_GOAL := report

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[formats]'
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[test]'
	touch $@

$(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[bench]'
	touch $@

report: $(VENV)/.run
	$(BIN)/netanalysis report --datasets -o report

test: lint
	$(BIN)/python -m pytest -n auto

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -n auto -m slow

bench: $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks.run -o tests/benchmarks/RESULTS.md

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.imports

clean:
	rm -rf $(VENV) report
