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

demo: setup ## open Maison Vermeil on this machine
	@$(RUN) vendome demo

dev: ## set up what the checks and tests need as well
	@scripts/setup --dev

test: dev ## everything: set up what the tests need, Chromium included, and run them
	@scripts/chromium
	@$(TEST)

test-fast: dev ## the tests that need neither a browser nor many connections
	@$(TEST) -m "not browser and not race"

test-history: dev ## a real retailer's 431,673 rows against their own count, where the set is there
	@VENDOME_TEST_WHOLE_HISTORY=1 $(TEST) tests/connectors/processes -k history

check: dev ## format, lint, templates, types, imports, migrations
	@scripts/check

bench: setup ## measure the hot paths on this machine
	@$(RUN) vendome bench

bench-stock: setup ## the same page of availability over 100,000 stock levels and over 1,000,000
	@$(RUN) vendome bench --house tenth --clients 20000 --levels 100000 --only 24 --connections 32
	@$(RUN) vendome bench --house whole --clients 20000 --levels 1000000 --only 24 --connections 32

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

.PHONY: help setup demo dev test test-fast test-history check bench bench-stock new-domain lock docs screens
