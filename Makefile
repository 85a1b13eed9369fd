# everything happens in .venv; needs Python >= 3.11, make and git
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv pip install --python $(BIN)/python --constraints constraints.txt
# setuptools would ship what is left in build/, and uv would keep an equal version: force both
PACKAGE := rm -rf build && $(UV) --reinstall-package longtake
TESTS ?= tests
PYTEST ?= -n 2

.PHONY: help install dev demo test lint types check bench train-encoder train-detector train-vlm clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/uv: constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	touch $(BIN)/uv

install: $(BIN)/uv  ## .venv with the package as users get it
	$(PACKAGE) .

dev: $(BIN)/uv  ## the same with all that tests and checks need
	$(PACKAGE) '.[dev]'

demo: install  ## render, index and ask the hour-long demo film
	$(BIN)/longtake demo --folder .cache

test: dev  ## the whole default suite
	$(BIN)/python -m pytest $(PYTEST) $(TESTS)

.PHONY: weights-tests
weights-tests: dev  ## the tests with real models, from the folder that LONGTAKE_TEST_WEIGHTS names
	$(BIN)/python -m pytest -n 0 -m weights $(TESTS)

lint: dev  ## ruff, rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev  ## pyright
	$(BIN)/pyright --pythonpath $(BIN)/python

check:  ## lint, types and tests, as CI does
	bash .ci/run

bench: dev  ## the benchmarks, by hand; minutes
	$(BIN)/python bench/decode.py
	$(BIN)/python bench/index.py
	$(BIN)/python bench/ask.py
	$(BIN)/python bench/words.py
	$(BIN)/python bench/question_reading.py

train-encoder: dev  ## train the embedded encoder again from its seed
	$(BIN)/python -m longtake.world.training.encoder.train_encoder

train-detector: dev  ## train the group detector again from its seed
	$(BIN)/python -m longtake.world.training.detector.train_detector

train-vlm: dev  ## train the embedded video LLM again from its seed
	OMP_NUM_THREADS=1 $(BIN)/python -m longtake.world.training.vlm.train_vlm

clean:  ## remove what can be made again, .cache included
	rm -rf .venv build dist *.egg-info .cache .pytest_cache .ruff_cache .hypothesis
