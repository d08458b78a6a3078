# Two commands do everything on a fresh machine: `make run` and `make test`.
.DEFAULT_GOAL := help
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
# Each process would else compile all of our code again, for itself.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help install run test unit browser reports live numbers pages rest long access lint types figures images gallery second-engine bench-indicators bench-reports bench-live flood soak lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

LIVE := templates/voila/atelier

INSTALLED := .venv/installed node_modules/installed $(LIVE)/build/live.js

install: $(INSTALLED)  ## install what is needed, in .venv and node_modules

# uv installs in seconds what takes pip minutes. Where it cannot (an index that only pip's settings know), pip does.
.venv/installed: requirements.lock pyproject.toml
	@echo "… Python : installation dans .venv (une minute au plus)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@awk '/^uv==/,!/\\$$/' requirements.lock > .venv/uv.lock
	@$(PIP) install --require-hashes -r .venv/uv.lock || true
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock \
	  || { echo "… pip prend la suite (quelques minutes)"; $(PIP) install --require-hashes -r requirements.lock; }
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q atelier widgets
	@touch $@

node_modules/installed: package-lock.json
	@echo "… Node : installation dans node_modules"
	@npm ci --silent --no-audit --no-fund
	@touch $@

# Widgets and kernel's client of live pages; bqplot's browser code comes from its Python package.
$(LIVE)/build/live.js: $(wildcard $(LIVE)/live/*) node_modules/installed .venv/installed
	@node $(LIVE)/live/build.mjs .venv/share/jupyter

run: install  ## start the site, the dashboards and the hub on one port (PORT=8000)
	@exec $(BIN)/atelier serve --port $(PORT)

# Three at a time on two cores, the longest first: while one waits for a server or a page, the others go on. Their dots mix.
test:  ## run the checks
	@$(MAKE) --no-print-directory --jobs 3 $(INSTALLED) .venv/chromium
	@$(MAKE) --no-print-directory --jobs 3 browser live numbers reports pages rest lint types

unit: install  ## run the tests that need no browser
	@$(MAKE) --no-print-directory --jobs 3 live numbers reports pages rest

REPORTS := tests/reports
LIVE_TESTS := tests/live tests/hub tests/site
NUMBERS := tests/indicators tests/datasets tests/references tests/themes_esr
PAGES := tests/widgets tests/figures tests/narrative

reports: install
	@$(BIN)/python -m pytest -q $(REPORTS)

live: install
	@$(BIN)/python -m pytest -q $(LIVE_TESTS)

numbers: install
	@$(BIN)/python -m pytest -q $(NUMBERS)

pages: install
	@$(BIN)/python -m pytest -q $(PAGES)

rest: install
	@$(BIN)/python -m pytest -q tests --ignore=tests/browser $(foreach folder,$(REPORTS) $(LIVE_TESTS) $(NUMBERS) $(PAGES),--ignore=$(folder))

browser: install .venv/chromium
	@$(BIN)/python -m pytest -q tests/browser

long: install .venv/chromium  ## run the checks that take longest, and that `make test` leaves out (4 minutes)
	@$(BIN)/python -m pytest -q --numprocesses 2 --dist loadfile -m long tests

access: install .venv/chromium  ## open each dashboard in every state: live, static, both languages, both schemes (15 minutes)
	@$(BIN)/python -m pytest -q tests/browser/test_access.py -m "everywhere or not everywhere"

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: install
	@$(BIN)/mypy

.venv/chromium:
	@tests/browser/install-chromium
	@mkdir -p .venv && touch $@

figures: install  ## compile the embedded figures again, from the raw tables
	$(BIN)/atelier datasets build

images: install .venv/chromium  ## take the screenshots of docs/images
	$(BIN)/python docs/images/take.py

gallery: install  ## draw the pictures of docs/figures
	$(BIN)/python docs/images/gallery.py

.spark/installed: requirements-spark.lock | install
	@echo "… Spark : installation dans .spark (un demi-gigaoctet)"
	@rm -rf .spark && mkdir .spark
	@awk '/^setuptools/,!/\\$$/' requirements-spark.lock > .spark/build.lock
	@$(PIP) install --require-hashes --target .spark -r .spark/build.lock
	@PYTHONPATH=$(CURDIR)/.spark $(PIP) install --require-hashes --no-build-isolation \
	  --target .spark --upgrade -r requirements-spark.lock
	@touch $@

second-engine: .spark/installed  ## run the tests of indicators on Spark: a master and two workers on this machine (Java 17)
	@PYTHONPATH=$(CURDIR)/.spark $(BIN)/python tests/spark/run.py

bench-indicators: install  ## time the indicator call against hand-written SQL and pandas, on ten million rows
	$(BIN)/python -m benchmarks.indicators

bench-reports: install  ## measure the report factory against papermill and nbconvert; writes benchmarks/results/reports.json
	$(BIN)/python benchmarks/reports/measure.py

.frameworks/installed: requirements-frameworks.lock | install
	@echo "… Streamlit, Panel, Solara : installation dans .frameworks"
	@test -x .frameworks/bin/python || $(PYTHON) -m venv .frameworks
	@.frameworks/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-frameworks.lock
	@touch $@

bench-live: install .venv/chromium .frameworks/installed  ## compare plain Voilà, preheated kernels, Streamlit, Panel, Solara and ours (20 minutes)
	$(BIN)/python -m benchmarks.live --frameworks .frameworks/bin/python

flood: install  ## five hundred visitors of the dashboards in ten seconds
	$(BIN)/python -m benchmarks.live.flood

MINUTES ?= 120
THINK ?= 1
soak: install  ## hours at 80 % of the dashboards' capacity; fails when memory grows (MINUTES=120 THINK=1)
	$(BIN)/python -m benchmarks.live.soak --minutes $(MINUTES) --think $(THINK) --keep

lock:  ## compile requirements.lock and package-lock.json again
	uv pip compile --universal --generate-hashes --all-extras --no-header --no-annotate --python-version 3.11 \
	  pyproject.toml --output-file requirements.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --group spark --output-file requirements-spark.lock
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --group frameworks --output-file requirements-frameworks.lock
	npm install --package-lock-only

clean:  ## remove what was installed and made here
	rm -rf .venv .spark .frameworks node_modules .atelier $(LIVE)/build
