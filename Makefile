# Each target does all its own set-up with python3 and make alone.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo-out

SOURCES := pyproject.toml setup.py $(shell find bakelift translator runner schemas -name '*.py' -o -name '*.j2' -o -name '*.json' -o -name '*.toml')

.PHONY: demo test test-deps test-slow soak bench schemas clean

demo: $(VENV)/.installed
	@rm -rf $(DEMO)
	@echo '$$ bakelift translate fixtures/web-server/web.pkr.hcl -out $(DEMO)/web.json -report $(DEMO)/report.md'
	@$(BIN)/bakelift translate fixtures/web-server/web.pkr.hcl -out $(DEMO)/web.json -report $(DEMO)/report.md
	@echo && cat $(DEMO)/report.md && echo
	@echo '$$ bakelift build -on sandbox -base host fixtures/web-server/web.pkr.hcl'
	@$(BIN)/bakelift build -on sandbox -base host -out $(DEMO) fixtures/web-server/web.pkr.hcl

test: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	cd $(VENV) && bin/mypy --config-file ../pyproject.toml -p bakelift
	$(BIN)/pytest -q -n auto -m 'not slow'

# What the comparisons with the real Packer, an ssh server, HashiCorp's parser and Microsoft's emulator of storage need.
# CI calls it; nothing else does.
test-deps:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		for program in packer sshd sudo qemu-system-x86_64 qemu-img mmdebstrap sfdisk mke2fs grub-mkimage; do \
			command -v $$program >/dev/null || missing=yes; done; \
		[ -z "$$missing" ] && [ -e /usr/lib/grub/i386-pc/boot.img ] || { apt-get update -q && \
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends packer openssh-server sudo \
			qemu-system-x86 qemu-utils mmdebstrap fdisk e2fsprogs grub-common grub-pc-bin; }; \
	else echo 'test-deps: needs apt-get and root; the comparisons that want packer and sshd will be skipped'; fi
	@if command -v npm >/dev/null; then \
		for package in @cdktf/hcl2json@0.21.0 azurite@3.37.0; do \
			timeout 300 npm install --loglevel=error --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=1000 \
				--prefix .test-deps $$package >/dev/null \
			|| echo "test-deps: npm cannot install $$package; the tests that want it will be skipped"; done; \
	else echo 'test-deps: no npm; the tests that want hcl2json and azurite will be skipped'; fi

test-slow: $(VENV)/.installed-test
	$(BIN)/pytest -q -m slow

# Fuzzes each reader for SOAK_SECONDS; SOAK_READERS chooses some. Guided by coverage where atheris can be installed.
# Then builds SOAK_BUILDS times in a sandbox, and looks for what that leaves behind.
SOAK_SECONDS ?= 600
SOAK_READERS ?=
SOAK_BUILDS ?= 1000

soak: $(VENV)/.installed-test
	@$(BIN)/pip install -q --disable-pip-version-check atheris || echo 'soak: no atheris for this Python'
	$(BIN)/python tests/soak/fuzz.py -seconds $(SOAK_SECONDS) $(SOAK_READERS)
	$(BIN)/python tests/soak/builds.py -count $(SOAK_BUILDS)

# What is made from the tables: the schemas of image templates, and the page of the documents that shows what is supported.
schemas: $(VENV)/.installed-test
	@$(BIN)/python -P -m bakelift.schemas.image_templates schemas/imagebuilder
	@$(BIN)/python -P -m bakelift.support_page docs/support.md

bench: $(VENV)/.installed-test
	$(BIN)/python bench/cold_start.py
	$(BIN)/python bench/diff.py

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'bakelift needs Python 3.11 or newer; say PYTHON=python3.12'; exit 1; }
	@echo 'Making $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check 'setuptools>=77' wheel
	@touch $@

$(VENV)/.installed: $(VENV)/.made $(SOURCES)
	@echo 'Installing bakelift into $(VENV) ...'
	@rm -rf build
	@$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation .
	@rm -rf build *.egg-info
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@if [ -e $@ ] && [ pyproject.toml -ot $@ ]; then :; else \
		echo 'Installing what the tests need ...'; \
		$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation '.[test]'; rm -rf build *.egg-info; fi
	@touch $@

clean:
	rm -rf $(VENV) build dist $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
