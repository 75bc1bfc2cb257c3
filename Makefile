PYTHON ?= python3
BIN := .venv/bin

.PHONY: venv demo test lint types regenerate bench dist clean
venv: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --quiet install "pip>=25.1"
	$(BIN)/python -m pip --quiet install --constraint constraints.txt --editable . --group dev
	touch .venv/ready

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: venv
	$(BIN)/mypy
	$(BIN)/pyright

# Without the variables that would send tests/live to a real server.
test: lint types
	env -u COCALC_HOST -u COCALC_API_KEY -u COCALC_API_KEY_FILE $(BIN)/pytest -n auto

demo: venv
	$(BIN)/python scripts/demo.py

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
