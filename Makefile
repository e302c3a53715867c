# Every target may be called from a fresh clone and is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One CPU build of torch; a plain `torch` would bring gigabytes of CUDA libraries.
TORCH := torch==2.13.0
# Of the suite; most of its tests wait for servers and browsers.
PROCESSES ?= 2

.PHONY: install models serve demo test check format bench bench-turns bench-intents bench-intent-speed bench-gpu bench-scale bench-dialogue bench-redaction bench-pii bench-generation bench-grounding bench-fairness bench-compression \
	bench-languages bench-retrieval answers demo-day

install: $(STAMP)

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable '.[cpu,train,postgres,generate,milvus,dev]'
	touch $(STAMP)

models: install
	$(BIN)/kefu models pull minilm e5

demo: install
	$(BIN)/kefu demo

serve: demo
	$(BIN)/kefu serve

test: install
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: answers bench-turns bench-dialogue bench-redaction

bench-turns: demo
	$(BIN)/python -m tests.benchmarks.turns

answers: demo
	$(BIN)/python -m tests.benchmarks.answers

bench-dialogue: demo
	$(BIN)/python -m tests.benchmarks.followups
	$(BIN)/python -m tests.benchmarks.sentiment

bench-redaction: demo
	$(BIN)/python -m tests.benchmarks.redaction

# make bench-pii [BENCHMARKS=path/to/benchmarks]: installs Presidio (0.4 GB) below KEFU_HOME.
bench-pii: demo
	$(BIN)/python -m tests.benchmarks.pii $(BENCHMARKS)

# make bench-retrieval [BENCHMARKS=path/to/benchmarks] [OPTIONS='--out figures.json']
bench-retrieval: models
	$(BIN)/python -m tests.benchmarks.retrieval $(BENCHMARKS) $(OPTIONS)

# Fetches the generator's weights (0.5 GB) first; minutes.
bench-generation: demo
	$(BIN)/kefu models pull qwen
	$(BIN)/python -m tests.benchmarks.generation

bench-grounding: install
	$(BIN)/python -m tests.benchmarks.grounding

# A day of the product in a fresh home: some ten minutes.
demo-day: demo
	$(BIN)/kefu demo-day

# make bench-languages FOLDS=1: four trainings a fold, of five folds.
FOLDS ?= 1
bench-languages: models
	$(BIN)/python -m tests.benchmarks.languages --folds $(FOLDS)

# Trains the demo company's model three times more, each for one epoch: some ten minutes.
bench-compression: demo
	$(BIN)/python -m tests.benchmarks.compression

# make bench-gpu [OPTIONS='--sizes 1000 50000 --out gpu.json']; says so and ends well where there is
# no GPU. OPTIONS=--cpu runs the same steps without one.
bench-gpu: install
	$(BIN)/python -m tests.benchmarks.gpu $(OPTIONS)

# make bench-scale [PASSAGES='1000 10000 100000 1000000'] [OPTIONS='--kind ivf --out reports/ivf']
# The million takes some 5 GB of memory, 3 GB of disk and, on two busy cores, twenty minutes.
PASSAGES ?= 1000 10000 100000 1000000
bench-scale: install
	$(BIN)/python -m tests.benchmarks.scale $(PASSAGES) $(OPTIONS)

# make bench-fairness BENCHMARKS=path/to/benchmarks
bench-fairness: install
	$(BIN)/python -m tests.benchmarks.fairness $(BENCHMARKS)

# make bench-intents BENCHMARKS=path/to/benchmarks [OPTIONS='--only clinc150 --out runs.json --resume']
bench-intents: models
	$(BIN)/python -m tests.benchmarks.intents $(BENCHMARKS) $(OPTIONS)

# make bench-intent-speed [OPTIONS='--model DIR --reload 20']
bench-intent-speed: demo
	$(BIN)/python -m tests.benchmarks.intent_speed $(OPTIONS)
