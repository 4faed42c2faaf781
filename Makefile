# Two commands carry the project: `make run` and `make test`. `make help` lists the rest.

# CI builds once from nothing: bookkeeping for the next build would be wasted time and disk.
ifdef CI
export CARGO_INCREMENTAL := 0
endif

TOOLS := .tools

.DEFAULT_GOAL := help
.PHONY: help run test fmt chaos drill tools debian checks

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build Vacancy and serve a demo on this machine (needs Rust only)
	@echo "Building Vacancy; the first time takes some minutes, the next time seconds."
	@echo "Then it serves fictional hotels and prints its address. Ctrl-C ends it."
	@cargo run --release --locked -p vacancy-server --bin vacancy -- serve --demo

test: tools ## Install what the tests need, then run everything that CI runs
	@scripts/with-postgres.sh $(MAKE) --no-print-directory checks

chaos: ## Break the real server in every way this machine can; takes long
	@scripts/with-postgres.sh scripts/test-chaos.sh --engine both --report docs/reliability.md

drill: debian ## Lose a database on purpose and restore it, on both engines
	@scripts/with-postgres.sh cargo test --locked -p vacancy-server --test operator backups
	@scripts/drill-postgres.sh

fmt: ## Format the Rust files
	@cargo fmt --all

# Programs and packages of the tests. What is there already costs no time.
tools: debian $(TOOLS)/venv.stamp

debian:
	@scripts/install-debian.sh

$(TOOLS)/venv.stamp: scripts/requirements.txt | debian
	@echo "Installing the API fuzzer into $(TOOLS)/venv"
	@rm -rf $(TOOLS)/venv
	@python3 -m venv $(TOOLS)/venv
	@$(TOOLS)/venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# The browser tests bring their own lock file; the browser itself is Debian's.
ifneq ($(wildcard e2e/package-lock.json),)
tools: $(TOOLS)/e2e.stamp
endif

$(TOOLS)/e2e.stamp: e2e/package-lock.json | debian
	@echo "Installing the browser tests into e2e/node_modules"
	@npm ci --prefix e2e --no-audit --no-fund --loglevel=error
	@mkdir -p $(TOOLS)
	@touch $@

# Needs a PostgreSQL in VACANCY_TEST_POSTGRES. Each scripts/test-*.sh is started in the root folder
# and ends with an error if what it tests is wrong.
checks:
	@cargo xtask ci
	@for script in scripts/test-*.sh; do \
		[ -x "$$script" ] || continue; \
		echo; echo "== $$script"; \
		"$$script" || exit 1; \
	done
	@echo; echo "make test: everything is green"
