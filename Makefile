# make demo: see it work.   make test: everything that must hold.   Both set themselves up.
.DEFAULT_GOAL := demo
.PHONY: demo test fast check bfcl clean

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
MODELS := .venv/models
BFCL := .venv/bfcl
# lamha reads text only: without llama.cpp's image tools its build is a third shorter. RPC lets other machines
# of the wearer hold layers of a larger model; nothing is opened unless LAMHA_WORKERS names them.
export CMAKE_ARGS ?= -DLLAVA_BUILD=OFF -DGGML_RPC=ON

demo: $(MODELS)
	$(BIN)/lamha demo

test: $(MODELS) check
	$(BIN)/python -m pytest

fast: $(READY)
	$(BIN)/python -m pytest -m "not model"

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 12) or sys.exit(f"lamha needs Python 3.12 or newer, and this is {v[0]}.{v[1]}: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@echo "Installing; the first time llama.cpp is compiled for this processor (some minutes) …"
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable ".[mic,voice,dev]"
	@touch $@

# Once; a model that is lost later is an error that names the command which brings it back.
$(MODELS): $(READY) $(wildcard models/catalog/*.toml)
	@$(BIN)/lamha models pull --profile dev > /dev/null
	@touch $@

# For `lamha.benchmarks.routing`: its checker and questions, apart from the libraries here, which it would replace.
bfcl: $(BFCL)

$(BFCL): $(READY)
	$(BIN)/python -m pip install --quiet --no-deps --upgrade --target $@ bfcl-eval==2026.3.23
	@touch $@

clean:
	rm -rf .venv out build *.egg-info
