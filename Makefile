# make lab    your own folder, in JupyterLab          make notebooks  run all notebooks and store their outputs
# make test   everything that guards the project     make site       the series as static pages in build/site/

# A reader's own predictions stay out of the stored outputs.
export WFW_PREDICTIONS = $(CURDIR)/build/no-predictions.jsonl

# Small matrices are multiplied fastest by one thread, and on a busy machine two of them wait for each other.
export OPENBLAS_NUM_THREADS ?= 1

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
KERNELS := Prescott Haswell Zen SkylakeX

# Without a screen Jupyter prints the address instead of looking for a browser.
SCREEN := $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname)))

lab: export WFW_PREDICTIONS =
lab: $(VENV)/installed
	$(BIN)/python -m helpers.lab --ip=127.0.0.1 --allow-root $(if $(SCREEN),,--no-browser)

test: $(VENV)/installed
	$(BIN)/python -m ruff check
	$(BIN)/python -m helpers.data.mnist
	$(BIN)/python -m pytest $(or $(WHAT),tests notebooks) --nbval --nbval-current-env --nbval-cell-timeout=300 \
	    --nbval-sanitize-with=tests/nbval_sanitize.cfg --numprocesses=auto --dist=loadfile --durations=10 -rs $(PYTEST)

# The stored outputs on other processors: each BLAS kernel, with one thread and with two. Two processes of two threads
# each wait for one another on two cores: four times as long as one.
test-kernels: $(VENV)/installed
	for kernel in $(KERNELS); do for threads in 1 2; do \
	    echo "OPENBLAS_CORETYPE=$$kernel OPENBLAS_NUM_THREADS=$$threads"; \
	    OPENBLAS_CORETYPE=$$kernel OPENBLAS_NUM_THREADS=$$threads \
	    $(MAKE) test WHAT="notebooks tests/test_network.py tests/test_gradcheck.py" PYTEST="-q --numprocesses=$$((2 / threads)) $(PYTEST)" || exit 1; \
	done; done

# Everything with the lowest versions that requirements.txt allows, in an environment of its own.
test-lowest:
	$(PYTHON) -m venv build/lowest
	build/lowest/bin/python -m pip install --quiet uv
	build/lowest/bin/python -m uv pip install --quiet --python build/lowest/bin/python --resolution lowest-direct -e ".[test]"
	touch build/lowest/installed
	$(MAKE) test VENV=build/lowest

# What things cost, ours beside every framework that is installed; the tables go to tests/BENCHMARKS.md.
bench: $(VENV)/installed
	$(BIN)/python tests/bench.py

# Little memory, an odd path, a checkout that cannot be written, another user, no HOME, a C locale, another clock.
test-machines: $(VENV)/installed
	tests/machines.sh "$(abspath $(BIN))/python" $(ONLY)

# A class of twelve at a real JupyterHub on this machine: memory, CPU, waiting; the tables go to tests/BENCHMARKS.md.
test-hub: $(VENV)/installed
	$(BIN)/python tests/bench.py "A class"

# Every line of the maths spoiled in every small way, in a copy: do the tests notice? ONLY="network losses" for some.
mutants: $(VENV)/installed
	$(BIN)/python tests/mutants.py $(ONLY)

# The only way outputs are made: run, then drop widget state, timings, random names
# and what names this machine.
notebooks: $(VENV)/installed
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute --ExecutePreprocessor.kernel_name=python3 \
	    --ExecutePreprocessor.store_widget_state=False --ExecutePreprocessor.record_timing=False \
	    --NotebookExporter.preprocessors=nbconvert.preprocessors.CoalesceStreamsPreprocessor \
	    --ClearMetadataPreprocessor.enabled=True --ClearMetadataPreprocessor.preserve_cell_metadata_mask=tags \
	    --ClearMetadataPreprocessor.preserve_cell_metadata_mask=nbgrader \
	    --ClearMetadataPreprocessor.preserve_nb_metadata_mask=kernelspec $(or $(ONLY),notebooks/*.ipynb)
	sed -i.tmp 's/"model_id": "[0-9a-f]*"/"model_id": "0"/' $(or $(ONLY),notebooks/*.ipynb) && rm notebooks/*.tmp
	$(BIN)/python -m helpers.exercises.teaching

# Static pages for any web server, a sub-path or a USB stick; ONLY="05 06" for some of them.
site: $(VENV)/installed
	$(BIN)/python -c "import latex2mathml" 2> /dev/null || $(BIN)/python -m pip install --quiet -e ".[site]"
	$(BIN)/python -m helpers.site $(if $(ONLY),--only $(ONLY))

# The whole site in Chromium: links, formulas, every explorer moved, and axe-core's rules where npm is installed.
test-site: site
	npm install --silent --no-fund --no-audit --prefix build axe-core@4.14 || echo "Without npm the rules for accessibility are not tried."
	WFW_SITE=build/site $(BIN)/python -m pytest tests/test_site.py -rs $(PYTEST)

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[test]"
	touch $@

.PHONY: lab test test-kernels test-lowest test-machines test-hub test-site bench mutants notebooks site
