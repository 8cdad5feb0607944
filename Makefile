# What CI runs is what people run. Every target sets up what it needs in .venv; only Python 3.10+, git and make are assumed.

PYTHON ?= python3
# Tests start devsec a thousand times: where nothing may be compiled to disk, each time compiles it anew.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test check lint types rules docs docs-check unit thorough fuzz bench bench-whole bench-scale realcode precision secrets realfix realfix-suites clean

help:
	@echo "make demo      a bad commit, its findings, the cure, the clean commit"
	@echo "make test      lint, types, the rules' own examples, their pages, all tests (= CI)"
	@echo "make docs      write the pages of the rules and roads from the YAML"
	@echo "make thorough  the property tests with thousands of new programs"
	@echo "make fuzz      five minutes of broken and odd files through scan and fix"
	@echo "make bench     how long a commit waits, against bare Python and git"
	@echo "make bench-whole  a whole repository, cold and warm, against ruff and bandit"
	@echo "make bench-scale  does the cost follow what changed? A monorepo, 5,000 staged files, slow files, 1,000 rules"
	@echo "make realcode  check and fix packages from PyPI that nobody here wrote"
	@echo "make precision the same, and write docs/precision.md"
	@echo "make secrets   are tokens of every format found, and is nothing else? Writes a section of docs/precision.md"
	@echo "make realfix   does a fix ever break a file? The same packages, on disk; writes docs/fix-safety.md"
	@echo "make realfix-suites  do test suites of real packages say the same after the fixes? Runs code from PyPI"

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/devsec demo

test: lint types rules docs-check unit

check: test

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

rules: $(STAMP)
	$(BIN)/devsec rules test

docs: $(STAMP)
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/recall.py

docs-check: $(STAMP)
	@$(BIN)/python docs/generate.py --check
	@$(BIN)/python docs/recall.py --check

# Each worker begins with files of its own, so that what a file's tests share is made once; who is done takes from the others.
unit: $(STAMP)
	$(BIN)/pytest -n auto --dist worksteal

thorough: $(STAMP)
	DEVSEC_THOROUGH=5000 $(BIN)/pytest -n auto tests/fix/test_properties.py

fuzz: $(STAMP)
	$(BIN)/python bench/fuzz_fix.py --seconds 300

bench: $(STAMP)
	$(BIN)/python bench/commit.py

bench-whole: $(STAMP)
	$(BIN)/python bench/whole.py --bandit

bench-scale: $(STAMP)
	$(BIN)/python bench/scale.py monorepo
	$(BIN)/python bench/scale.py drop
	$(BIN)/python bench/scale.py curves
	$(BIN)/python bench/scale.py rules

realcode: $(STAMP)
	$(BIN)/python bench/realcode.py

precision: $(STAMP)
	$(BIN)/python bench/realcode.py --table docs/precision.md --new

secrets: $(STAMP)
	$(BIN)/python bench/secrets_found.py --table docs/precision.md --new

realfix: $(STAMP)
	$(BIN)/python bench/realfix.py --table docs/fix-safety.md
	$(BIN)/python bench/realfix.py --strain --table docs/fix-safety.md

realfix-suites: $(STAMP)
	$(BIN)/python bench/realfix.py --suites --table docs/fix-safety.md

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/.work
