PYTHON ?= python3
BIN := .venv/bin

.PHONY: venv demo test lint types docs regenerate bench dist clean
venv: .venv/ready

# Whether it is new enough, its version, where it lies. An environment of another Python, of another place, or not made to the end, is made anew.
FOUND := $(shell $(PYTHON) -c 'import sys; sys.stdout.write("%s %s %s" % (sys.version_info >= (3, 11), sys.version.split()[0], getattr(sys, "base_prefix", "")))' 2>/dev/null)
MADE := $(FOUND) $(CURDIR)
ifneq ($(shell cat .venv/ready 2>/dev/null),$(MADE))
.PHONY: .venv/ready
ANEW := yes
endif

.venv/ready: pyproject.toml constraints.txt
	$(if $(filter True,$(firstword $(FOUND))),,$(error this needs Python 3.11 or newer, and $(PYTHON) is $(or $(word 2,$(FOUND)),not there): say make PYTHON=python3.13 or the like))
	$(if $(ANEW),$(PYTHON) -m venv --clear .venv,rm .venv/ready)
	$(BIN)/python -m pip --quiet install "pip>=25.1"
	$(BIN)/python -m pip --quiet install --constraint constraints.txt --editable . --group dev
	@echo "$(MADE)" > .venv/ready

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# Where pyright finds the two packages, and what they import.
TYPED = $(CURDIR):$(CURDIR)/generated:$(shell $(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null)

types: venv
	$(BIN)/mypy
	$(BIN)/pyright
	PYTHONPATH="$(TYPED)" $(BIN)/pyright --verifytypes cocalc_facade --ignoreexternal
	PYTHONPATH="$(TYPED)" $(BIN)/pyright --verifytypes cocalc_v2 --ignoreexternal

# Without the variables that would send tests/live to a real server; and what Python compiles is kept, or each process would do it again.
test: lint types
	env -u COCALC_HOST -u COCALC_API_KEY -u COCALC_API_KEY_FILE -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n auto

demo: venv
	$(BIN)/python scripts/demo.py

# The site, in build/site; a warning fails it, and so does a link that leads nowhere.
docs: venv
	$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going --doctree-dir build/doctrees docs build/site
	@echo "build/site/index.html"

regenerate: venv
	$(BIN)/python scripts/regenerate.py

bench: venv
	$(BIN)/python -m pip --quiet install --constraint constraints.txt --group bench
	$(BIN)/python scripts/bench.py

# A release: the source distribution, the wheel made from it, and the list of what an installation brings along (SBOM).
dist: venv
	rm -rf dist build
	$(BIN)/python -m pip --quiet install --constraint constraints.txt --group release
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv --without-pip build/installed
	$(BIN)/python -m pip --quiet --python build/installed/bin/python install dist/*.whl
	rm build/installed/lib/*/site-packages/cocalc_facade-*/direct_url.json # which names this folder
	$(BIN)/cyclonedx-py environment --output-reproducible --output-file build/sbom.cdx.json build/installed/bin/python

clean:
	rm -rf .venv dist build
