# `make demo` and `make test` do all the set-up: they need Python 3.11 or newer, pip and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
SAMPLE := data/ftz-upgrade-strategy.txt

.PHONY: demo test clean

demo: .venv/demo
	$(BIN)/ftzgraph build $(SAMPLE) -o output/

test: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find output -mindepth 1 ! -name README.md -delete

.venv/demo: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/dev: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/demo

# Debian keeps ensurepip in a package of its own; without it pip installs itself into the bare environment.
$(BIN)/pip:
	$(PYTHON) -m venv .venv >/dev/null 2>&1 || \
		{ $(PYTHON) -m venv --clear --without-pip .venv && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
