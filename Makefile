# What a fresh machine needs is git, make and Python 3.11 with venv; the rest is set up here.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
NODE_INSTALLED := node_modules/.installed
NODE_CLIENTS := tests/keyastrom/node_clients
TYPED := build/typed/tallystick
KAFKA := build/kafka
KAFKA_INSTALLED := $(KAFKA)/.installed
BROWSER := chromium-headless-shell
PROMTOOL := build/promtool
RABBITMQ := build/rabbitmq
PEERS := build/bench-venv
PEERS_INSTALLED := $(PEERS)/.installed
DOCS := build/docs-venv
DOCS_INSTALLED := $(DOCS)/.installed
RELEASE := build/release-venv
RELEASE_INSTALLED := $(RELEASE)/.installed
WIREMOCK_VERSION := 3.13.2
WIREMOCK_SHA256 := d097b19bd483c5038479b13a5c71e9faf8f2f5106584f0c120a7770ab0bdb367
WIREMOCK := build/wiremock-standalone-$(WIREMOCK_VERSION).jar

CONTRACT_LOG := build/contract-tests.log
EACH_ANSWER := contract_tests/test_vectors.py contract_tests/test_pages.py

export REDOCLY_TELEMETRY = off
export REDOCLY_SUPPRESS_UPDATE_NOTICE = true

.PHONY: help run test check docs readability conformance bench bench-scale scoreboard corpus profile reliability mutants vendor vendor-clients browser toolchains lock release add-site-version picture screenshots schema clean lint types imports contracts typed

help: ## Print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Start the service with its dev world on http://127.0.0.1:8080
	@mkdir -p var
	@exec $(BIN)/tallystick serve --dev --port 8080 --database sqlite:///var/tallystick.db

# What `check` needs too is made before, so that both can run side by side. The contract tests need no
# tools, and begin at once.
test: $(INSTALLED) $(DOCS_INSTALLED) packages ## Run every test: the program's own, and beside them the contract tests
	@$(MAKE) --no-print-directory -j2 contract-tests program-tests

.PHONY: program-tests contract-tests
program-tests: $(INSTALLED) tools
	$(BIN)/pytest tests -n 3 --durations 20 --cov

# All wait more than they work. Two outputs at once can't be read, so one comes when it is whole.
contract-tests: $(INSTALLED)
	@mkdir -p build
	@echo "The contract tests run meanwhile: $(CONTRACT_LOG)"
	@{ $(BIN)/pytest contract_tests \
		&& $(BIN)/pytest -q $(EACH_ANSWER) --connexion \
		&& $(BIN)/pytest -q $(EACH_ANSWER) --mock; } >$(CONTRACT_LOG) 2>&1; \
		status=$$?; cat $(CONTRACT_LOG); exit $$status

check: lint types imports contracts docs readability ## Check style, types, imports, contracts, pages

# Material prints a notice about MkDocs 2 into each build; MkDocs is held below 2.
docs: $(DOCS_INSTALLED) ## Write the site of the pages into build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build

bench: $(INSTALLED) $(PEERS_INSTALLED) load wiremock ## Measure requests beside other programs, deliveries and selectors
	PYTHONPATH=tests $(BIN)/python -m benchmarks --out build/bench.json
	$(PEERS)/bin/python -m benchmarks.plot build/bench.json build
	PYTHONPATH=tests $(BIN)/python -m benchmarks.mocks --wiremock $(WIREMOCK) \
		--out build/bench-mocks.json
	PYTHONPATH=tests $(BIN)/python -m benchmarks.start
	PYTHONPATH=tests $(BIN)/python -m benchmarks.delivery
	$(BIN)/python benchmarks/selector.py

SIZES := 100000 1000000 10000000
bench-scale: $(INSTALLED) $(PEERS_INSTALLED) browser ## Measure the console and keyastrom when they are large, several servers, and logs of SIZES
	PYTHONPATH=tests $(BIN)/python -m benchmarks.console
	PYTHONPATH=tests $(BIN)/python -m benchmarks.topology
	PYTHONPATH=tests $(BIN)/python -m benchmarks.replicas
	for kind in sqlite postgresql; do mkdir -p build/log-$$kind && PYTHONPATH=tests $(BIN)/python \
		-m benchmarks.log --database $$kind --events $(SIZES) --out build/log-$$kind/log.json && \
		$(PEERS)/bin/python -m benchmarks.log_plot build/log-$$kind/log.json build/log-$$kind \
		|| exit 1; done

SCOREBOARD := benchmarks/results/scoreboard.json
scoreboard: $(INSTALLED) $(PEERS_INSTALLED) ## Judge other mocks by the contract tests, and write docs/scoreboard.md
	PYTHONPATH=tests $(BIN)/python -m benchmarks.scoreboard --out $(SCOREBOARD)
	$(BIN)/python -m benchmarks.scores $(SCOREBOARD) docs/scoreboard.md
	$(PEERS)/bin/python -m benchmarks.scoreboard_plot $(SCOREBOARD) docs/images

corpus: $(INSTALLED) ## Serve each OpenAPI document in the folder DIR, and write docs/corpus.md
	PYTHONPATH=tests nice $(BIN)/python -m benchmarks.corpus $(DIR) --out docs/corpus.md

profile: $(INSTALLED) load ## Tell where the CPU time of one event POST goes
	PYTHONPATH=tests $(BIN)/python -m benchmarks.stages

.PHONY: load wiremock
load:
	@command -v wrk >/dev/null || { $(call install,wrk,Python will send the load); }

wiremock:
	@if test -f $(WIREMOCK); then :; \
	elif command -v java >/dev/null && command -v mvn >/dev/null; then $(MAKE) --no-print-directory $(WIREMOCK); \
	else echo "java or mvn is missing, so WireMock is left out"; fi

$(WIREMOCK):
	mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
		-Dartifact=org.wiremock:wiremock-standalone:$(WIREMOCK_VERSION) -DoutputDirectory=$(@D)
	@echo "$(WIREMOCK_SHA256)  $@" | sha256sum --check --quiet || { rm -f $@; exit 1; }

conformance: $(INSTALLED) ## Fuzz each API at length, send 10,000 requests and more, and judge each answer
	$(BIN)/pytest contract_tests/test_fuzz.py --examples 500
	PYTHONPATH=tests $(BIN)/python -m gate.conformance

reliability: $(INSTALLED) ## Kill, starve and flood the service for an hour, and write docs/reliability.md
	RELIABILITY=full $(BIN)/pytest tests -m reliability --timeout 0
	$(BIN)/python tests/reliability.py

vendor-clients: $(INSTALLED) packages ## Run the vendors' clients, and write their table into docs/keyastrom.md
	$(BIN)/python tests/vendor_clients.py

mutants: $(INSTALLED) ## Judge mutants of right servers with three seeds, and count those that are caught
	PYTHONPATH=tests $(BIN)/python -m gate.mutants --budget quick
	PYTHONPATH=tests $(BIN)/python -m gate.mutants --budget normal
	PYTHONPATH=tests $(BIN)/python -m gate.beside_schemathesis

.PHONY: tools node packages strace kafka
tools: browser toolchains packages strace kafka $(PROMTOOL) $(RABBITMQ) $(DOCS_INSTALLED) ## Install what the tests need beside Python (as root, on Debian)

# A package, or a sentence that says what is not tested without it.
install = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -q && apt-get install -qy --no-install-recommends $(1); \
	else echo "make $@: installing $(1) needs root and apt-get; $(2)"; fi

node:
	@command -v npm >/dev/null || { $(call install,nodejs npm,what needs it is skipped); }

packages: node
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE_INSTALLED); \
	else echo "npm is missing: the tests that need its packages will be skipped"; fi

browser: ## Install the browser of the page tests (as root, on Debian)
	@command -v $(BROWSER) >/dev/null || command -v chromium >/dev/null \
		|| { $(call install,$(BROWSER),the page tests are skipped); }

strace:
	@command -v strace >/dev/null || { $(call install,strace,the order of disk and answer is not tested); }

kafka: toolchains ## Get the Kafka broker of the tests
	@if command -v mvn >/dev/null; then $(MAKE) --no-print-directory $(KAFKA_INSTALLED); \
	else echo "make $@: mvn is missing, so nothing is tested with Kafka"; fi

$(KAFKA_INSTALLED): tests/fixtures/kafka.xml
	@rm -rf $(KAFKA)
	mvn -q -B -f $< org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory=$(CURDIR)/$(KAFKA)
	@touch $@

# The package would start a server: only its program for checking is taken out.
$(PROMTOOL):
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		mkdir -p $(@D)/deb && apt-get update -q && (cd $(@D)/deb && apt-get download -q prometheus) \
		&& dpkg-deb --fsys-tarfile $(@D)/deb/prometheus_*.deb \
			| tar -x -C $(@D) --strip-components=3 ./usr/bin/promtool && rm -r $(@D)/deb; \
	else echo "make $@: it is taken from Debian's package, as root; promtool judges no rules"; fi

# Likewise. It is laid where the tests start it, with the Erlang that it needs; Erlang's programs name
# their own folder.
ERLANG := base asn1 crypto eldap ftp inets mnesia os-mon parsetools public-key runtime-tools snmp ssl \
	syntax-tools tftp tools xmerl
$(RABBITMQ):
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		rm -rf $@.deb $@.part && mkdir -p $@.deb $@.part && apt-get update -q \
		&& (cd $@.deb && apt-get download -q rabbitmq-server $(addprefix erlang-,$(ERLANG))) \
		&& for deb in $@.deb/*.deb; do dpkg-deb -x $$deb $@.part || exit 1; done \
		&& sed -i 's,=/usr/lib/erlang,=$(CURDIR)/$@/usr/lib/erlang,' \
			$@.part/usr/lib/erlang/bin/erl $@.part/usr/lib/erlang/erts-*/bin/erl \
		&& rm -r $@.deb && mv $@.part $@; \
	else echo "make $@: it is taken from Debian's packages, as root; no test sees a RabbitMQ"; fi

lock: $(INSTALLED) ## Write the requirements files anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra postgresql --extra encodings pyproject.toml \
		-o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra postgresql --extra encodings --extra brokers \
		--extra contract --extra notify --extra otel --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group docs -c requirements-dev.txt -o requirements-docs.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --group release -c requirements-dev.txt -o requirements-release.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 -c requirements.txt benchmarks/peers/requirements.in \
		-o benchmarks/peers/requirements.txt

release: $(INSTALLED) $(RELEASE_INSTALLED) ## Build all packages of the newest commit into dist, and try them
	$(BIN)/python -m tools.release dist $(RELEASE)/bin

# mike calls the mkdocs of its own environment by its name.
add-site-version: $(DOCS_INSTALLED) ## Add the site as VERSION to the branch gh-pages
	PATH="$(CURDIR)/$(DOCS)/bin:$$PATH" NO_MKDOCS_2_WARNING=1 \
		mike deploy $(MIKE_OPTIONS) --update-aliases $(VERSION) latest
	$(DOCS)/bin/mike set-default $(MIKE_OPTIONS) latest

picture: $(INSTALLED) browser ## Take the README's picture of the mock's page anew
	PYTHONPATH=tests $(BIN)/python tools/mock_picture.py docs/images

vendor: $(INSTALLED) node ## Write the console's vendored files and their table anew from npm
	$(BIN)/python tools/vendor.py

screenshots: $(INSTALLED) browser ## Take pictures of all screens of the console, four of them for its page
	PYTHONPATH=tests $(BIN)/python tools/console_pictures.py build/screenshots docs/images

rules: $(INSTALLED) ## Write the pages of the rules of `tallystick diff` anew
	$(BIN)/python tools/rule_pages.py docs/rules

schema: $(INSTALLED) ## Write the tables of a new SQLite database anew from the migrations
	$(BIN)/python -c 'from tallystick.store import schema; schema.NEW_SQLITE.write_text(schema.migrated())'

toolchains: node ## Install the compilers that the clients' tests need (as root, on Debian)
	@wanted=""; \
	command -v go >/dev/null || wanted="$$wanted golang-go"; \
	command -v javac >/dev/null || wanted="$$wanted default-jdk-headless"; \
	command -v mvn >/dev/null || wanted="$$wanted maven"; \
	command -v cargo >/dev/null || wanted="$$wanted cargo-web rustc-web"; \
	command -v php >/dev/null || wanted="$$wanted php-cli php-curl"; \
	[ -z "$$wanted" ] || { $(call install,$$wanted,the tests that need them are skipped); }

.PHONY: clients-api clients-table
clients-api: $(INSTALLED) ## Write anew what the users of each language's clients see
	PYTHONPATH=tests $(BIN)/python -m client_programs.signatures

clients-table: $(INSTALLED) ## Run each language's clients and write down what they did
	WRITE_CLIENTS_TABLE=1 $(BIN)/pytest -q tests/clients/test_scenarios.py

clean: ## Remove everything that was made here, but the database
	rm -rf .venv node_modules benchmarks/peers/node_modules build dist reports src/*.egg-info
	rm -rf .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

readability: $(INSTALLED) ## Count how plainly pages and docstrings are written
	$(BIN)/python tools/readability.py README.md docs src

types: $(INSTALLED) $(DOCS_INSTALLED) typed
	$(BIN)/mypy $(TYPED) tests benchmarks tools
	$(BIN)/mypy conftest.py
	$(BIN)/mypy --python-executable $(DOCS)/bin/python tools/site_hooks.py

imports: $(INSTALLED) typed
	PYTHONPATH=$(dir $(TYPED)) $(BIN)/lint-imports

contracts: packages
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory redocly; \
	elif [ -n "$$CI" ]; then echo "make check: npm is missing" >&2; exit 1; \
	else echo "make check: npm is missing, so the contracts are NOT linted"; fi

.PHONY: redocly
redocly: $(NODE_INSTALLED)
	npm run --silent lint

# mypy and import-linter read a package from one folder: `package-dir` in links.
typed:
	@mkdir -p $(TYPED)
	@find $(TYPED) -type l -delete
	@ln -s $(CURDIR)/src/tallystick/* $(foreach p,handlers openapi contract_tests,$(CURDIR)/$p) \
		$(CURDIR)/pytest-tallystick/src/pytest_tallystick $(TYPED)

$(INSTALLED): requirements-dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What can't stand beside our own packages: a version that the fast connection was not held to, and
# a client whose modules have the names of another client's.
build/uvicorn-older build/dt-async: build/%: tests/fixtures/%.txt | $(INSTALLED)
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes --upgrade \
		--target $@ -r $<
	@touch $@

# What the benchmark compares with is no part of the product, and stays out of its environment.
$(PEERS_INSTALLED): benchmarks/peers/requirements.txt benchmarks/peers/package-lock.json
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes \
		-r benchmarks/peers/requirements.txt
	@if command -v npm >/dev/null; then cd benchmarks/peers && npm ci --ignore-scripts; \
	else echo "npm is missing, so Prism, Mockoon and Specmatic are left out"; fi
	@touch $@

# The site is no part of the product, and its tools stay out of its environment.
$(DOCS_INSTALLED): requirements-docs.txt
	@test -x $(DOCS)/bin/python || $(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-docs.txt
	@touch $@

# Likewise the tools that judge a release.
$(RELEASE_INSTALLED): requirements-release.txt
	@test -x $(RELEASE)/bin/python || $(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/pip install -q --disable-pip-version-check --no-deps --require-hashes \
		-r requirements-release.txt
	@touch $@

$(NODE_INSTALLED): package-lock.json $(NODE_CLIENTS)/package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	npm ci --prefix $(NODE_CLIENTS) --ignore-scripts --no-audit --no-fund
	@touch $@
