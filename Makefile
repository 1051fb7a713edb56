# make report   set up, then analyse brains and trained networks and write report/index.html
# make test     set up, then every check: style, types, import contracts, tests
# make thorough set up, then every test that takes minutes, in parts. A part that has passed is not run again until a
#               source, its test or the data change: a killed run goes on where it stopped. PART=nulls runs the parts of
#               tests/nulls alone, -k goes on after a failure, `rm -r .thorough` starts afresh. Prints what was found, as
#               docs/reliability.md shows it: `python -m tests.reliability -o tests/RELIABILITY.md` writes that
# make docs     set up, then build the site into docs/_build/index.html
# make oldest   set up with uv, then, before a release: the wheel in an empty environment, the oldest and the newest packages
#               that pyproject.toml allows, every Python that numba allows and that is here (tests/packages.py)
# make mutants  set up with cosmic-ray, then put 600 faults into the code, one at a time, and see whether the tests of the
#               file notice (tests/mutants). Goes on where it stopped
# make bench    set up with the peers, then time them against us (tests/benchmarks/RESULTS.md)
# make reproduce PAPER=sernn   (entropy, growing_brains, resolvent) trains the paper's networks anew, half an hour to four,
#               measures them into data/trained and runs its notebook; says how long first. A killed run goes on where it
#               stopped; DRY=1 says what there is to do, and does nothing; SCALE=0.02 tries all of it in minutes, with a
#               share of networks, updates and nulls, in build/scale-0.02
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What imports a module compiles it, and keeps that: pip would compile all of torch first.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable
unexport PYTHONDONTWRITEBYTECODE

.PHONY: report test check thorough mutants oldest docs bench reproduce lint clean
.DEFAULT_GOAL := report

# The pip that comes with Python 3.11 takes twice as long to install the rest.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$@ -m pip install --quiet --disable-pip-version-check --upgrade pip

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
	$(BIN)/netanalysis report --datasets --jobs -1 -o report

test:
	$(MAKE) --jobs 2 lint check

# Beside the style checks, and once: two workers would both compile what they import.
$(VENV)/.imported: $(VENV)/.test
	$(BIN)/python -c "import netanalysis.page, models, torch._dynamo, bct, igraph, sklearn.cluster, hypothesis"
	touch $@

check: $(VENV)/.imported
	$(BIN)/python -m pytest -n auto --dist worksteal

# A part is a test file with slow tests: .thorough/nulls/test_nulls_uniform says that those of that file have passed.
PART :=
SLOW := $(sort $(patsubst tests/%.py,.thorough/%,$(shell grep -rl --include='test_*.py' 'mark\.slow' tests)))
PARTS := $(filter .thorough/$(PART)%,$(SLOW))
SOURCES := pyproject.toml constraints.txt tests/conftest.py \
	$(shell find netanalysis models data notebooks -type f -not -path '*/__pycache__/*' -not -path '*/figures/*')

thorough: $(or $(PARTS),no-such-part)
	$(BIN)/python -m tests.reliability

.PHONY: no-such-part
no-such-part:
	$(error PART=$(PART) names no part; there are: $(SLOW:.thorough/%=%))

$(SLOW): .thorough/%: tests/%.py $(SOURCES) | $(VENV)/.test
	$(BIN)/python -m pytest -n auto -m slow $<
	mkdir -p $(@D)
	touch $@

$(VENV)/.docs: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[test,docs]'
	touch $@

docs: $(VENV)/.docs
	$(BIN)/sphinx-build -W --keep-going --quiet docs docs/_build

bench: $(VENV)/.bench
	$(BIN)/python -m tests.benchmarks.run -o tests/benchmarks/RESULTS.md

$(VENV)/.release: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[release]'
	touch $@

mutants: $(VENV)/.release
	$(BIN)/python -m tests.mutants.run

STEP :=
oldest: $(VENV)/.release
	$(BIN)/python -m tests.packages $(STEP)

reproduce: $(VENV)/.test
	$(BIN)/python data/trained/reproduce.py $(PAPER) $(if $(DRY),--dry-run) $(if $(SCALE),--scale $(SCALE))

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.imports

clean:
	rm -rf $(VENV) .thorough report
