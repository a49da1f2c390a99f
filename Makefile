# mtt-tui: everything a user or a developer does, one word each. `make` alone lists the words.

SWIFT     ?= swift
PYTHON    ?= python3
PREFIX    ?= /usr/local
DESTDIR   ?=
# Arguments for `make run`, such as ARGS="--data corpora/snips --epochs 3".
ARGS      ?=

# More for the release build, such as FLAGS="--verbose".
FLAGS     ?=

# Information for debuggers takes an eighth of the release build's time and a fifth of the tests': FLAGS="-Xswiftc -g"
# brings it back to the release. The other linker would warn of what Swift's libraries contain.
LEAN      := -Xswiftc -use-ld=lld -Xswiftc -gnone
# With Swift's libraries in it, the program starts faster and needs no Swift where it is installed.
RELEASE   := -c release --product mtt-tui --static-swift-stdlib $(LEAN) $(FLAGS)
# From nothing, every file of a module together takes the compiler three quarters of the time. After a change
# `swift test --filter NAME` is quicker; its build is kept apart from this one.
TESTS     := --scratch-path .build/test $(LEAN) -Xswiftc -wmo -Xswiftc -num-threads -Xswiftc 1 -Xswiftc -disable-batch-mode
BINARY    := .build/release/mtt-tui
SOURCES   := Package.swift Sources Tests

# What building needs, and what the tests drive the program with besides.
LIBRARIES := libncursesw5-dev libdnnl-dev zlib1g-dev libzstd-dev
TOOLS     := tmux git

.DEFAULT_GOAL := help
# Inputs for each parser in `make fuzz`, kills in `make survive`.
FUZZ      ?= 100000
KILLS     ?= 200

.PHONY: help setup setup-tests build run test check-seqeval sanitize fuzz survive manual install uninstall package lint format clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the system libraries that are missing (apt)
	@$(call install_missing,$(LIBRARIES))

setup-tests: setup
	@$(call install_missing,$(TOOLS))

build: setup ## build the release
	@[ -x $(BINARY) ] || echo "Building the release. The first time takes three to seven minutes on two cores; later only what changed."
	@start=$$(date +%s); $(SWIFT) build $(RELEASE) && echo "Built $(BINARY) in $$(($$(date +%s) - start)) s."

run: build ## build, then train on the demo corpus in the dashboard; ARGS="…" passes options
	@$(BINARY) $(ARGS)

# Programs that train in terminals come last, as many at a time as there are processors: more would leave one another no
# processor time, and together with all the other tests they would.
test: setup-tests ## build and run every test
	$(SWIFT) build $(TESTS) --build-tests
	$(SWIFT) test $(TESTS) --skip-build --skip EndToEndTests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$$(nproc) $(SWIFT) test $(TESTS) --skip-build --filter EndToEndTests

check-seqeval: ## compare entity F1 with seqeval's on 100,000 random tag sequences (pip install seqeval)
	$(PYTHON) Tests/TrainingTests/Fixtures/seqeval_parity.py 100000 > .build/seqeval.txt
	MTT_SEQEVAL=$(CURDIR)/.build/seqeval.txt $(SWIFT) test --filter SeqevalTests

# One test at a time, and ten times as much patience: the sanitizers make programs slow.
# Signals that tests send on purpose are left to the program.
sanitize: setup-tests ## run every test under the thread and the address sanitizer
	MTT_SLOWER=10 TSAN_OPTIONS=handle_segv=0:handle_abort=0:suppressions=$(CURDIR)/.ci/thread-sanitizer.txt \
	  $(SWIFT) test --no-parallel --sanitize=thread --scratch-path .build/thread
	MTT_SLOWER=10 ASAN_OPTIONS=handle_segv=0:handle_abort=0:detect_leaks=0 \
	  $(SWIFT) test --no-parallel --sanitize=address --scratch-path .build/address

# Optimized code still traps where a check fails, and reads ten times as many inputs in the same time. An allocation beyond
# 64 MiB, which none of the inputs justifies, is an error too.
fuzz: setup ## feed every parser mutated inputs under the address sanitizer; FUZZ=100000 says how many
	MTT_FUZZ=$(FUZZ) ASAN_OPTIONS=max_allocation_size_mb=64 \
	  $(SWIFT) test --sanitize=address -Xswiftc -O --scratch-path .build/fuzz --filter 'FuzzTests'

survive: build ## kill, starve and orphan runs, and compare what is left; KILLS=200 says how often
	python3 Benchmarks/survive.py kill --count $(KILLS)
	python3 Benchmarks/survive.py faults
	python3 Benchmarks/survive.py attach

manual: build ## make manual pages of what `make build` built, in .build/man
	.ci/manual $(BINARY)

# Installing often runs as root, whose build would leave files that the user's next build cannot write.
install: ## install what `make build` and `make manual` made, with themes and completions, below PREFIX (/usr/local)
	@[ -x $(BINARY) ] || { echo "There is no $(BINARY) yet: run \`make build\` first, as yourself." >&2; exit 1; }
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/mtt-tui/themes" \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	install -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/mtt-tui"
	install -m 644 themes/*.theme "$(DESTDIR)$(PREFIX)/share/mtt-tui/themes"
	$(BINARY) --generate-completion-script bash > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/mtt-tui"
	$(BINARY) --generate-completion-script zsh > "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_mtt-tui"
	$(BINARY) --generate-completion-script fish > "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/mtt-tui.fish"
	@if [ -d .build/man ]; then \
	  install -d "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(PREFIX)/share/man/man7"; \
	  install -m 644 .build/man/*.1.gz "$(DESTDIR)$(PREFIX)/share/man/man1"; \
	  install -m 644 .build/man/*.7.gz "$(DESTDIR)$(PREFIX)/share/man/man7"; \
	else echo "No manual pages were installed: \`make manual\` makes them."; fi

uninstall: ## remove what install put below PREFIX
	rm -rf "$(DESTDIR)$(PREFIX)/bin/mtt-tui" "$(DESTDIR)$(PREFIX)/share/mtt-tui" \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/mtt-tui" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_mtt-tui" \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/mtt-tui.fish"
	rm -f "$(DESTDIR)$(PREFIX)"/share/man/man1/mtt-tui.*gz "$(DESTDIR)$(PREFIX)"/share/man/man7/mtt-tui-*.7.gz

# What a machine without Swift needs: the stripped program, its themes, manual pages, completions and the licence.
package: manual ## make a .deb and a .tar.gz of the stripped program in .build/package
	.ci/package make $(BINARY)

lint: ## check the source's format
	$(SWIFT) format lint --strict --recursive $(SOURCES)

format: ## format the source
	$(SWIFT) format --in-place --recursive $(SOURCES)

clean: ## remove what was built
	$(SWIFT) package clean
	rm -rf .build

# $(call install_missing,packages): apt installs those that are not there, as root or with sudo. libgomp, which oneDNN's
# threads need, comes with the compiler's own libraries; where only Swift's clang is, gcc brings it.
define install_missing
set -eu; missing=""; \
if command -v dpkg-query >/dev/null 2>&1; then \
  for package in $(1); do \
    dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
  done; \
  ls /usr/lib/gcc/*/*/libgomp.so >/dev/null 2>&1 || missing="$$missing gcc"; \
  if [ -n "$$missing" ]; then \
    sudo=""; \
    if [ "$$(id -u)" -ne 0 ]; then \
      command -v sudo >/dev/null 2>&1 || { echo "Please install as root:$$missing" >&2; exit 1; }; \
      sudo=sudo; \
    fi; \
    echo "Installing:$$missing"; \
    $$sudo true || { echo "sudo refused. Ask somebody who may for: apt-get install$$missing" >&2; exit 1; }; \
    $$sudo apt-get update -q; \
    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
  fi; \
else \
  echo "This is no Debian or Ubuntu: make sure that ncurses (wide) and oneDNN are there to build with." >&2; \
fi
endef
