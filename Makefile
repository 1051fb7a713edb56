# make report   set up, then analyse the bundled connectomes and write report/index.html
# make test     set up, then every check: style, types, import contracts, tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: report test test-slow lint clean
.DEFAULT_GOAL := report

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $@

report: $(VENV)/.installed
	$(BIN)/netanalysis report --datasets -o report

test: lint
	$(BIN)/python -m pytest -n auto

test-slow: $(VENV)/.installed
	$(BIN)/python -m pytest -n auto -m slow

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) report
