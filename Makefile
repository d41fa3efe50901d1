# Two commands for newcomers: `make demo` and `make test`. The rest is for the people who build.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

.PHONY: demo test test-full bench bench-export bench-visits pictures i18n format lint requirements clean

$(STAMPS)/runtime: requirements/runtime.txt pyproject.toml hatch_build.py
	@sh tools/make_environment.sh $(PYTHON) $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(STAMPS)/runtime requirements/test.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/test.txt
	touch $@

demo: $(STAMPS)/runtime
	$(BIN)/consult demo --home instance --serve

lint: $(STAMPS)/test
	$(BIN)/ruff check consult tests tools hatch_build.py
	$(BIN)/ruff format --check consult tests tools hatch_build.py
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint templates --quiet
	$(BIN)/python tools/dead_code.py
	$(BIN)/deptry .

test: $(STAMPS)/test lint
	command -v chromium >/dev/null || sh tools/install_chromium.sh
	$(BIN)/pytest -n 2 --dist loadfile

test-full: $(STAMPS)/test lint
	command -v chromium >/dev/null || sh tools/install_chromium.sh
	CONSULT_TEST_FULL=1 $(BIN)/pytest -n 2 --dist loadfile

bench: $(STAMPS)/test
	$(BIN)/python -m tests.load.bench

bench-export: $(STAMPS)/test
	$(BIN)/python -m tests.load.export_bench

bench-visits: $(STAMPS)/test
	$(BIN)/python -m tests.load.visits

pictures: $(STAMPS)/test
	$(BIN)/python tools/pictures.py

i18n: $(STAMPS)/test
	$(BIN)/python tools/catalogues.py

format: $(STAMPS)/test
	$(BIN)/ruff check --fix consult tests tools hatch_build.py
	$(BIN)/ruff format consult tests tools hatch_build.py

# Pins are kept where they stand; to move one: make requirements UPGRADE="--upgrade-package NAME"
COMPILE := $(abspath $(BIN))/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(UPGRADE)

requirements:
	$(BIN)/python -m pip install -q --disable-pip-version-check pip-tools
	cd requirements && CUSTOM_COMPILE_COMMAND="make requirements" $(COMPILE) -o runtime.txt runtime.in
	cd requirements && CUSTOM_COMPILE_COMMAND="make requirements" $(COMPILE) -o test.txt test.in

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache
