# One command for everything; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Inside the environment, and named after what made it: another PYTHON= makes another environment.
MADE := $(VENV)/made-by$(subst /,-,-$(PYTHON))
PINS := pyproject.toml constraints.txt

# One process more than two cores, since some tests wait for systems and browsers; with two more,
# what they wait for comes too late. tests/plan.py has a file of each sort run in turn. Each process
# starts servers and workers of its own, and the tests of a file run in one of them, for they share
# servers.
PROCESSES ?= 3
PYTESTS := $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --durations=25

.DEFAULT_GOAL := help
.PHONY: help test test-all faults fuzz programs lint format demo bench docs docs-serve constraints clean
.DELETE_ON_ERROR:

help: ## list the commands
	@echo "make COMMAND; the first one makes $(VENV), with PYTHON=$(PYTHON) (3.11 or newer)"
	@echo
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

test: .stamps/dev programs ## run the tests but those of tests/README.md (arguments: PYTEST="-k name" PROCESSES=3)
	$(PYTESTS) -m "not slow and not second_database" $(PYTEST)

test-all: .stamps/dev programs ## run every test
	$(PYTESTS) $(PYTEST)

# Programs that some tests need. Without one, and without the right to install it, those tests are
# skipped. Where systemd runs, servers would be started with their installation: there they are only named.
programs:
	@missing=; \
	for names in "chromium-headless-shell chromium chromium-browser google-chrome" pgbouncer nginx caddy; do \
		found=; \
		for name in $$names; do \
			PATH="$$PATH:/usr/sbin" command -v $$name >/dev/null && found=yes; \
		done; \
		[ -n "$$found" ] || missing="$$missing $${names%% *}"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && [ ! -d /run/systemd/system ] \
			&& apt-get -qq update; then \
		apt-cache show chromium-headless-shell >/dev/null 2>&1 \
			|| missing=$$(echo "$$missing" | sed s/chromium-headless-shell/chromium/); \
		apt-get -qq install --no-install-recommends $$missing >/dev/null && exit 0; \
	fi; \
	echo "WHAT NEEDS THESE PROGRAMS IS NOT TESTED, for they are not installed:$$missing (Debian: apt install$$missing)"

faults: .stamps/dev ## kill, stop and cut everything while uploads flow (arguments: N=1000 SEED=1)
	$(BIN)/python -m tests.faults --uploads $(or $(N),1000) --seed $(or $(SEED),1)

fuzz: .stamps/dev ## mutated pictures through the loader (arguments: N=100000 SEED=1 SEEDS=DIR, more files to begin with)
	$(BIN)/python -m tests.fuzz --count $(or $(N),100000) --seed $(or $(SEED),1) $(if $(SEEDS),--extra $(SEEDS))

lint: .stamps/dev ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -P docs/made/check_links.py
	$(BIN)/python -P docs/made/fill_figures.py --check

format: .stamps/dev ## lay code and documents out as `make lint` wants them
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -P docs/made/fill_figures.py

demo: .stamps/demo ## judge real photographs and placeholders, and write a report
	$(BIN)/nophoto demo

bench: .stamps/dev ## measure speed and memory, and write docs/benchmarks.md (arguments: BENCH="end_to_end latency")
	$(BIN)/python -m benchmarks $(BENCH)

docs: .stamps/dev ## build the documentation's site into build/site
	NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true $(BIN)/python -m mkdocs build --strict

docs-serve: .stamps/dev ## show the site on localhost:8000 while it is written
	$(BIN)/python -m mkdocs serve

constraints: ## choose the newest versions and write them to constraints.txt
	rm -rf .stamps/fresh && mkdir -p .stamps
	$(PYTHON) -m venv .stamps/fresh
	.stamps/fresh/bin/python -m pip --disable-pip-version-check install --quiet '.[dev]'
	sed '/^#/!d' constraints.txt > .stamps/constraints.txt
	.stamps/fresh/bin/python -m pip freeze --exclude nophoto >> .stamps/constraints.txt
	mv .stamps/constraints.txt constraints.txt
	rm -rf .stamps/fresh

clean: ## remove the environment and what the tools left behind
	rm -rf $(VENV) .stamps nophoto-demo build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is not Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) lacks the module venv (Debian: apt install python3-venv)"; exit 1; }
	touch $@

# No TensorFlow: the demo should be there in a minute or two.
.stamps/demo: $(MADE) $(PINS)
	$(PIP) --constraint constraints.txt --editable '.[demo]'
	mkdir -p $(@D) && touch $@

.stamps/dev: $(MADE) $(PINS)
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	mkdir -p $(@D) && touch $@ .stamps/demo
