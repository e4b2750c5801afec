# `make` alone lists the commands.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
RUN := $(PYTHON) -m
TEST := $(RUN) pytest
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## make the Python environment and fetch the front-end parts
	@scripts/setup

demo: setup ## open Maison Vermeil on this machine (PORT=8200 chooses where)
	@$(RUN) vendome demo $(if $(PORT),--port $(PORT))

dev: ## set up what the checks and tests need as well
	@scripts/setup --dev

test: dev ## everything: set up what the tests need, Chromium included, and run them
	@scripts/chromium
	@$(TEST) -n 2 --dist worksteal -m "not browser"
	@$(TEST) -m browser

test-fast: dev ## the tests that need neither a browser nor many connections
	@$(TEST) -n 2 --dist worksteal -m "not browser and not race"

test-history: dev ## a real retailer's 431,673 rows against their own count, where the set is there
	@VENDOME_TEST_WHOLE_HISTORY=1 $(TEST) tests/connectors/processes -k history

model: dev ## 500 sequences of 40 commands, the house beside its reference model
	@VENDOME_TEST_WHOLE_MODEL=1 $(TEST) tests/model

mutants: dev ## put every seeded mistake in and say which ones nobody notices
	@VENDOME_TEST_ALL_MUTANTS=1 $(TEST) tests/mutants -s

check: dev ## format, lint, templates, types, imports, migrations
	@scripts/check

bench: setup ## measure the hot paths on this machine
	@$(RUN) vendome bench

drop: setup ## a launch drop under a crowd, with a server killed, and its control
	@$(RUN) vendome drop
	@$(RUN) vendome drop --without-lock --pieces 20 --clients 400 --attempts 2000 --seconds 10 --size test

bench-stock: setup ## the same page of availability over 100,000 stock levels and over 1,000,000
	@$(RUN) vendome bench --house tenth --clients 20000 --levels 100000 --only 24 --connections 32
	@$(RUN) vendome bench --house whole --clients 20000 --levels 1000000 --only 24 --connections 32

crash: dev ## kill PostgreSQL and the servers ten times each while the house sells
	@$(PYTHON) bench/crash.py

disaster: dev ## lose the database's disk while the house sells, put it back, and the control without strict keeping
	@$(PYTHON) bench/disaster.py
	@! $(PYTHON) bench/disaster.py --clients-in-books 0 --control

overload: dev ## five times more than the house can answer, and the control without its gate
	@$(PYTHON) bench/overload.py

faults: dev ## lose a quarter of the replies, kill buyers in the middle, long
	@VENDOME_TEST_FAULTS=2000 VENDOME_TEST_KEYS=200 VENDOME_TEST_EVENTS=20000 $(TEST) tests/faults tests/races/test_one_key.py tests/races/test_events.py

fuzz: dev ## the API against its own document, four minutes for each of three roles
	@VENDOME_TEST_FUZZ=240 $(TEST) tests/api/test_schemathesis.py

live: dev ## 500 open pages, sales at tills: how long until every page shows them
	@$(PYTHON) bench/live.py

new-domain: dev ## scaffold a domain: make new-domain NAME=appointments
	@$(PYTHON) scripts/new_domain.py "$(NAME)"

lock: dev ## resolve the requirements again, with hashes
	@scripts/lock

docs: dev ## write the generated reference pages again, the OpenAPI document too, and the compiled French
	@$(RUN) vendome docs
	@$(RUN) vendome api_document >docs/reference/openapi.json.new && mv docs/reference/openapi.json.new docs/reference/openapi.json
	@$(RUN) tests.web.french

screens: dev ## take the screenshots of docs/screenshots
	@scripts/chromium
	@$(TEST) -m browser --screens

.PHONY: help setup demo dev test test-fast test-history model mutants check bench new-domain lock docs screens drop bench-stock crash disaster faults fuzz live overload
