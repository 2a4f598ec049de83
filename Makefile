# Two commands: `make run` and `make test`. Every recipe is a line you could type yourself.

PYTHON ?= python3
VENV = .venv/bin
# Runs a command beside the embedded servers of var/, started only when they are not running yet.
SERVED = $(VENV)/python -m scripts.servers
KILLS ?= 30

.DEFAULT_GOAL := help
.PHONY: help setup run test browser chaos check coverage format messages workflows evaluate bench manage lock

help: ## this list
	@$(PYTHON) -c "import re; [print('  make %-10s %s' % m) for m in re.findall(r'^(\w+):.*?## (.*)', open('Makefile', encoding='utf-8').read(), re.M)]"

setup: ## .venv and front-end packages as the lock files say (instant when nothing changed)
	@$(PYTHON) scripts/setup.py

run: setup ## the whole platform on http://127.0.0.1:8000 (PORT, HOST, DATABASE_URL, REDIS_URL are used when set)
	@$(VENV)/python -m scripts.run

test: check browser ## everything: check, then all tests on real servers and in a real browser
	$(VENV)/python -m pytest -n 2 --dist worksteal

browser: setup ## find or get the Chromium that the journeys need
	@$(VENV)/python -m scripts.browser

chaos: setup ## workers killed in every stage, Redis flushed, PostgreSQL crashed: KILLS rounds of it
	CHAOS_KILLS=$(KILLS) $(VENV)/python -m pytest -n 0 -m chaos tests/chaos

check: setup ## format, lint, types, import contracts, templates, translations, migrations, Django's own checks
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-logo
	$(VENV)/djhtml --tabwidth 2 --check templates
	$(VENV)/python -m scripts.i18n check
	$(SERVED) $(VENV)/python manage.py makemigrations --check --dry-run
	$(SERVED) $(VENV)/python manage.py check --fail-level WARNING

coverage: setup browser ## how much of the code the tests run, branches included
	$(VENV)/python -m pytest -n 2 --dist worksteal --cov --cov-report term

format: setup ## let the tools put code and templates in order
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .
	$(VENV)/djhtml --tabwidth 2 templates

messages: setup ## collect the strings to translate into locale/
	$(VENV)/python -m scripts.i18n update

workflows: setup ## draw docs/workflows.md from the lifecycle tables
	$(VENV)/python -m scripts.workflows

evaluate: setup ## judge the engine on a folder, or on the demo data: make evaluate [DIR=…] [ARGS="--weights cv"]
	$(SERVED) $(VENV)/python manage.py evaluate_matching $(if $(DIR),"$(DIR)") $(ARGS)

bench: setup ## how fast matching is, against baselines in the same run, some 15 minutes: make bench [JSON=file]
	$(SERVED) $(VENV)/python manage.py bench_matching $(if $(JSON),--json "$(JSON)") $(ARGS)

manage: setup ## any management command: make manage ARGS="shell"
	$(SERVED) $(VENV)/python manage.py $(ARGS)

lock: ## renew the lock files after a change in pyproject.toml or package.json (needs uv and npm)
	uv pip compile pyproject.toml --group local --group dev --group lab --universal --generate-hashes --custom-compile-command "make lock" -q -o requirements.lock
	uv pip compile pyproject.toml -c requirements.lock --no-annotate --universal --generate-hashes --custom-compile-command "make lock" -q -o requirements-production.lock
	uv pip compile --group node --universal --generate-hashes --custom-compile-command "make lock" -q -o requirements-node.lock
	npm install --package-lock-only --loglevel=error
