# Every target sets up what it needs: a machine with python3 (3.11 or newer), git and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

# What several steps import is compiled once; a machine may ask for the opposite.
unexport PYTHONDONTWRITEBYTECODE

CHECKS := format lint layers generated mypy pyright
# Folders whose install.sh installs what the tests drive.
TOOLS := tests/postgres/versions editors/vscode/smoke tests/migrations_code/python tests/plans/mermaid \
	editors/neovim tests/migrations_code/node tests/helm_charts tests/rules/actionlint

.PHONY: demo test check bench ai-eval docs vsix tools clean $(CHECKS) $(TOOLS)

$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

## demo: find, explain, fix and plan on examples/shop
demo: $(STAMP)
	@$(BIN)/python examples/demo.py

## test: all tests (what is skipped is printed with its reason)
test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder -r fEsx

## check: format, lint, layers, generated pages, types; each has a target, so -j runs them side by side
check: $(CHECKS)

format: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

layers: $(STAMP)
	$(BIN)/lint-imports

generated: $(STAMP)
	$(BIN)/python docs/generate.py --check

mypy: $(STAMP)
	$(BIN)/mypy

pyright: $(STAMP)
	$(BIN)/pyright

## bench: latency, throughput and memory, with ratios against other tools where installed
bench: $(STAMP)
	$(BIN)/python -m bench

## ai-eval: how good the remarks of simulated models are; ARGS=--ask asks the one of your own settings
ai-eval: $(STAMP)
	$(BIN)/python -m tests.review.evaluation $(ARGS)

## docs: rewrite generated pages and schema
docs: $(STAMP)
	$(BIN)/python docs/generate.py

## vsix: build the VS Code extension with the server bundled for this platform
vsix: $(STAMP)
	PYTHON=$(BIN)/python editors/vscode/build.sh

## tools: install what the tests drive beside Python packages: editors, servers, migration tools
tools: $(TOOLS)

$(TOOLS):
	$@/install.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
