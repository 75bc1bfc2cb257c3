PYTHON ?= python3
BIN := .venv/bin

.PHONY: venv demo test lint types regenerate bench clean
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

clean:
	rm -rf .venv dist build
