# Makes the environment, then hands every task to invoke: `make TASK ARGS="…"` is `invoke TASK …`.
PYTHON ?= python3
ARGS ?=

DEVELOP := audits lint lock screenshots test
PUBLISH := publish releases rollback sync
LEVEL = $(if $(filter $@,$(DEVELOP)),develop,$(if $(filter $@,$(PUBLISH)),publish,run))
INVOKE := $(if $(filter Windows_NT,$(OS)),.venv/Scripts/python,.venv/bin/python) -m invoke

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help site FORCE

help:
	@echo 'make TASK [ARGS="…"], where TASK is one of:'
	@echo
	@awk '/^site:.*##/ { sub(/.*## */, ""); show("site", $$0) } \
	  /^@task/ { task = 1 } \
	  task && /^def / { sub(/^def /, ""); sub(/\(.*/, ""); name = $$0; task = 0 } \
	  name && /^    """/ { gsub(/^    """|"""$$/, ""); show(name, $$0); name = "" } \
	  function show(name, line) { printf "  %-12s %s\n", name, line }' Makefile tasks.py
	@echo
	@echo 'make site and make test need nothing before them but Python 3.11, git and make.'

site: FORCE ## Set up everything and build the whole site into output/.
	@$(MAKE) build

%: FORCE
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or newer is needed, and "$(PYTHON)" is not that.' >&2; \
	  echo '    Install it from python.org or with your package manager, then name it: make $@ PYTHON=python3.12' >&2; \
	  exit 1; }
	@$(PYTHON) requirements/install.py $(LEVEL)
	@$(INVOKE) $@ $(ARGS) $(if $(filter $@,$(PUBLISH)),|| { status=$$?; test $$status = 10 || exit $$status; })

Makefile FORCE: ;
