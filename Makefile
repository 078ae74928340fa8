# The commands of daily work. `make help` lists them.

KAFKA ?=
PREFIX ?= /usr/local
python := build/venv/bin/python
sources := $(shell find exporter tests/unit -name '*.cc' -o -name '*.c' -o -name '*.h')
# GCC 12's ThreadSanitizer cannot stand much address randomization.
fixed_addresses := $(shell setarch -R true 2>/dev/null && echo setarch -R)
node_is_old := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 20 || (a == 20 && b < 19) ? 0 : 1)' 2>/dev/null

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build dist test test-long test-older release-check install format format-check clean deps deps-run deps-test venv jars \
        test-unit test-sanitizers test-integration lint lint-scripts lint-cpp fetch deps-demo deps-preview dashboards screenshots bench

help:
	@echo 'make run                   a Kafka with demo traffic, the exporter on :9308, and Prometheus; Ctrl-C ends all'
	@echo 'make run KAFKA=host:port   the exporter and Prometheus for your own Kafka'
	@echo 'make build                 build/kafkascope'
	@echo 'make install PREFIX=/usr/local'
	@echo 'make dist                  build/dist/: stripped program, tarball, Debian package, SBOM, SHA256SUMS'
	@echo 'make test                  everything but the long tests; make test-long: these; release-check: before a release, also with Kafka 3.9'
	@echo 'make test-unit             the unit tests alone, test-sanitizers: under both sanitizers, test-integration: with a real Kafka'
	@echo 'make format                clang-format over the sources, format-check: only looks; lint: looks for bugs'
	@echo 'make deps                  installs what the build needs (cmake/packages.txt); deps-run, deps-test: for the rest'
	@echo 'make dashboards            writes dashboards/*.json anew from dashboards/sources/; screenshots: draws them'
	@echo 'make bench                 what the exporter costs on clusters of three sizes; takes an hour (tests/bench/RESULTS.md)'
	@echo 'make clean                 removes build/'

run: deps-demo build venv
	@exec $(python) tests/demo/demo.py --exporter build/kafkascope $(if $(KAFKA),--kafka '$(KAFKA)')

deps:
	@cmake/install-packages.sh build unit
deps-run:
	@cmake/install-packages.sh build unit run
# The demo goes on without what is nice to have.
deps-demo: deps-run
	@cmake/install-packages.sh demo || echo 'Going on without.'
deps-test:
	@cmake/install-packages.sh build unit run test
# What draws dashboards. Not where Node is older than that tool wants, as Debian 12's own is: no package helps there.
deps-preview: deps-run
	@$(node_is_old) || cmake/install-packages.sh screenshots || echo 'Going on without pictures of dashboards.'

build: deps build/build.ninja
	@cmake --build --preset release --target kafkascope

build/build.ninja: | fetch
	@cmake --preset release >/dev/null
build/%/build.ninja: | fetch
	@cmake --preset $* >/dev/null

# The second source of librdkafka needs npm, which is installed only where the first one cannot be reached.
fetch:
	@cmake/librdkafka.sh fetch || { cmake/install-packages.sh npm && cmake/librdkafka.sh fetch; }

install: build
	cmake --install build --prefix $(PREFIX)

# For this release of the distribution, from the present state of the sources; make dist ARCH=arm64: for that architecture.
ARCH ?=
ifeq ($(ARCH),)
dist: deps build
	@cmake/install-packages.sh dist
	@cmake/dist.sh build build/dist
else
dist: fetch
	@cmake/cross-packages.sh $(ARCH)
	@cmake --preset release -B build/$(ARCH) --toolchain cmake/cross.cmake -D KAFKASCOPE_ARCHITECTURE=$(ARCH) >/dev/null
	@cmake --build build/$(ARCH) --target kafkascope
	@cmake/dist.sh build/$(ARCH) build/dist-$(ARCH)
endif

test: deps-test venv format-check lint-scripts test-unit test-sanitizers test-integration

# Kafka's jars: its own definitions of the protocol, and the Kafka that the integration tests start.
jars: deps-run
	@python3 tests/cluster/kafka_jars.py

test-unit: deps-test jars build/build.ninja
	@cmake --build --preset release
	@ctest --preset release

test-sanitizers: deps-test jars build/asan/build.ninja build/tsan/build.ninja
	@cmake --build --preset asan
	@ctest --preset asan
	@cmake --build --preset tsan
	@$(fixed_addresses) ctest --preset tsan

# Tests mostly wait, so several run side by side. One of them alone: build/venv/bin/pytest tests/integration -k NAME
WORKERS ?= 3
pytest := KAFKASCOPE_BIN=$(CURDIR)/build/kafkascope $(python) -m pytest tests/integration \
          --numprocesses $(WORKERS) --durations 10

test-integration: deps-test deps-preview build venv
	$(pytest) -m 'not long and not older and not release'

# Some of them with AddressSanitizer, too.
test-long: deps-test deps-preview build build/asan/build.ninja venv
	@cmake --build --preset asan --target kafkascope
	KAFKASCOPE_SANITIZED_BIN=$(CURDIR)/build/asan/kafkascope $(pytest) -m '(long or sanitized) and not older'

# By hand, before a release: the rest of the integration tests with Kafka 3.9.
test-older: deps-test build venv
	$(pytest) -m older

# By hand, before a release: that, and what wants a machine of its own (a TUN device).
release-check: test-older build/helm/helm
	@cmake/install-packages.sh release
	$(pytest) -m release

# Takes minutes; tests/integration/test_chart.py needs it.
build/helm/helm: | deps-test
	@GOBIN=$(CURDIR)/build/helm go install helm.sh/helm/v3/cmd/helm@v3.22.0

# Python's packages, and the one clang-format and clang-tidy: each release judges a little differently.
venv: deps-run build/venv/installed
build/venv/installed: tests/requirements.txt Makefile
	@echo 'Python packages: installing into build/venv'
	@python3 -m venv build/venv
	@build/venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt clang-format==14.0.6 clang-tidy==18.1.8
	@touch $@

format: venv
	@build/venv/bin/clang-format -i $(sources)
format-check: venv
	@build/venv/bin/clang-format --dry-run --Werror $(sources)

# Likely bugs: ruff in Python, shellcheck in shell, clang-tidy in C++ (ruff.toml, .clang-tidy).
lint: lint-scripts lint-cpp
lint-scripts: deps-test venv
	@build/venv/bin/ruff check --quiet tests dashboards docker
	@shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning .ci/run $(wildcard *.sh */*.sh */*/*.sh)
# Not part of `make test`: minutes where nothing is remembered.
lint-cpp: venv build/build.ninja
	@cmake --build --preset release --target kafkascope_revision
	@$(python) tests/lint/clang_tidy.py

# The JSON that Grafana imports, and the Kubernetes manifest of the rules.
dashboards: venv
	@$(python) dashboards/sources/generate.py

# Pictures of them for the documentation, from a Kafka with the demo's traffic. Takes half an hour.
screenshots: deps-demo deps-preview build venv
	@exec $(python) tests/demo/screenshots.py --exporter build/kafkascope

# Fake brokers that count what they are asked. The numbers mean something on a machine that does nothing else.
bench: deps-test build venv
	@exec $(python) tests/bench/macro.py

clean:
	rm -rf build
