# The two commands are "make run" and "make test"; "make" lists the others.
# For GNU make 3.81, which macOS has, and newer.

LINT_VERSION := v2.15.0
LINT         := var/bin/golangci-lint-$(LINT_VERSION)
PROGRAM      := var/bin/dunwell
NPM_DONE     := web/assets/node_modules/.package-lock.json
ASSETS_DONE  := web/static/dist/manifest.json
ASSETS_FROM  := $(shell find web/assets -name node_modules -prune -o -type f -print)
CHROMES      := headless-shell chromium chromium-browser google-chrome google-chrome-stable \
                "/Applications/Chromium.app/Contents/MacOS/Chromium" \
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"

.PHONY: help run build assets test prepare lint verify generate bench postgres chromium pdftotext stop clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: postgres build ## build all, start the database, make the demo tenant, serve
	$(PROGRAM) migrate
	$(PROGRAM) demo --if-missing
	$(PROGRAM) serve

build: assets ## build the program into var/bin
	go build -o $(PROGRAM) ./cmd/dunwell

assets: $(ASSETS_DONE) ## build the stylesheet, scripts and icons into web/static/dist

$(ASSETS_DONE): $(NPM_DONE) $(ASSETS_FROM)
	cd web/assets && node build.mjs

$(NPM_DONE): web/assets/package.json web/assets/package-lock.json
	cd web/assets && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# the linter has said what vet says; without symbols programs link in half the time;
# what takes longest begins first, so that it does not run alone at the end
test: prepare lint verify ## lint, generated code, then all tests, the browser's too
	go test -timeout 20m -vet=off -ldflags="-s -w" ./web/e2e ./internal/dunning ./... || { [ -z "$$CI" ] || $(MAKE) -s stop; exit 1; }
	@[ -z "$$CI" ] || $(MAKE) -s stop

prepare:
	@$(MAKE) -j3 postgres chromium pdftotext $(LINT)

lint: assets $(LINT) ## what golangci-lint and templ's formatter say
	$(LINT) run --allow-parallel-runners ./...
	go tool templ fmt -fail -log-level warn web

$(LINT):
	@echo "Building golangci-lint $(LINT_VERSION), once; it takes some minutes ..."
	@mkdir -p var/bin/tmp
	@GOBIN="$(CURDIR)/var/bin/tmp" GOFLAGS= go install -ldflags '-s -w' github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	@mv var/bin/tmp/golangci-lint $@ && rmdir var/bin/tmp

generate: ## make the Go code of the templ files
	@for d in $$(find web -name '*.templ' | xargs -n 1 dirname | sort -u); do \
		go tool templ generate -log-level warn -path $$d || exit 1; \
	done # a folder at a time, as by hand: templ writes the file's path from there into its code

verify: ## is the generated code up to date, and go.mod tidy?
	@sum() { find web -name '*_templ.go' | LC_ALL=C sort | xargs cat | cksum; }; \
	before=$$(sum); $(MAKE) -s generate; \
	if [ "$$(sum)" != "$$before" ]; then echo "*_templ.go was out of date: it is made anew now, keep it."; exit 1; fi
	go mod tidy -diff

bench: assets postgres ## measure against the floors of the same run
	go test -p 1 -timeout 60m -run '^$$' -bench . -benchtime 1x ./...

postgres:
	@[ -n "$$DATABASE_URL" ] || internal/devpg/install.sh

# Chromium without its windows does the same for three fifths of the work
chromium: postgres # one apt-get at a time
	@command -v chromium-headless-shell >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's chromium-headless-shell ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell >/dev/null && exit 0; \
	fi; \
	for c in $(CHROMES); do command -v "$$c" >/dev/null && exit 0; done; \
	echo "The browser tests need Chromium or Google Chrome: install one of them."; exit 1

pdftotext: chromium
	@if command -v pdftotext >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Debian's poppler-utils ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends poppler-utils >/dev/null; \
	else \
		echo "The tests read PDF files back with pdftotext: install Debian's package poppler-utils or Homebrew's poppler."; exit 1; \
	fi

stop: ## stop the private Postgres servers in var
	@for f in var/*/data/postmaster.pid "$$DUNWELL_DATA"/postgres/data/postmaster.pid; do \
		pid=$$(head -n 1 "$$f" 2>/dev/null) || continue; \
		case "$$(ps -p "$$pid" -o comm=)" in *postgres*) kill -INT "$$pid";; esac; \
	done
	@to=$$(readlink var/testpg/data) || exit 0; \
	case "$$to" in /dev/shm/dunwell-*) \
		for i in $$(seq 100); do [ -e "$$to/postmaster.pid" ] || break; sleep 0.1; done; \
		rm -rf "$${to%/data}" var/testpg/data;; \
	esac # the tests' databases give back their memory

clean: stop ## remove what was built; the private database stays
	rm -rf var/bin web/static/dist web/assets/node_modules
