# `make help` lists the targets.

KAFKA ?=
PREFIX ?= /usr/local
python := build/venv/bin/python
sources := $(shell find exporter tests/unit tests/fuzz -name '*.cc' -o -name '*.c' -o -name '*.h')
# GCC 12's ThreadSanitizer fails with many bits of address randomization.
fixed_addresses := $(shell setarch -R true 2>/dev/null && echo setarch -R)
node_is_old := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 20 || (a == 20 && b < 19) ? 0 : 1)' 2>/dev/null

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run build dist test test-long test-older test-cross fuzz release-check install format format-check clean deps deps-run deps-test venv jars \
        test-unit test-sanitizers test-integration lint lint-scripts lint-cpp fetch deps-demo deps-preview dashboards screenshots bench \
        cross-arm64 cross-s390x

help:
	@echo 'make run                   run Kafka with demo traffic, the exporter on :9308, and Prometheus; Ctrl-C stops all'
	@echo 'make run KAFKA=host:port   run the exporter and Prometheus for your own Kafka'
	@echo 'make build                 build build/kafkascope'
	@echo 'make install PREFIX=DIR    install to DIR (/usr/local)'
	@echo 'make dist                  pack build/dist/: stripped program, tarball, Debian package, SBOM; ARCH=arm64: cross-compiled'
	@echo 'make test                  run all tests except long ones; test-long: the long ones; release-check: before a release, also with Kafka 3.9, on arm64 and s390x, and hours of fuzzing'
	@echo 'make test-unit             run unit tests; test-sanitizers: with both sanitizers; test-integration: with a real Kafka'
	@echo 'make format                run clang-format; format-check: without changes; lint: run linters'
	@echo 'make deps                  install packages for the build (cmake/packages.txt); deps-run, deps-test: for the demo, for tests'
	@echo 'make dashboards            generate dashboards/*.json from dashboards/sources/; screenshots: render them'
	@echo 'make bench                 measure cost on clusters of three sizes; takes an hour (tests/bench/RESULTS.md)'
	@echo 'make clean                 remove build/'

run: deps-demo build venv
	@exec $(python) tests/demo/demo.py --exporter build/kafkascope $(if $(KAFKA),--kafka '$(KAFKA)')

deps:
	@cmake/install-packages.sh build unit
deps-run:
	@cmake/install-packages.sh build unit run
# Optional packages of the demo.
deps-demo: deps-run
	@cmake/install-packages.sh demo || echo 'Continuing without them.'
deps-test:
	@cmake/install-packages.sh build unit run test
# Packages to render dashboards. Skipped if Node is too old for the tool, like Debian 12's.
deps-preview: deps-run
	@$(node_is_old) || cmake/install-packages.sh screenshots || echo 'Continuing without rendering dashboards.'

build: deps build/build.ninja
	@cmake --build --preset release --target kafkascope kafkascope_manuals

build/build.ninja: | fetch
	@cmake --preset release >/dev/null
build/%/build.ninja: | fetch
	@cmake --preset $* >/dev/null

# The second source of librdkafka needs npm, which is installed only if the first one is not reachable.
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
dist: cross-$(ARCH)
	@cmake --build build/$(ARCH) --target kafkascope kafkascope_manuals
	@cmake/dist.sh build/$(ARCH) build/dist-$(ARCH)
endif

# Libraries in build/sysroot-ARCH, build folder build/ARCH.
cross-arm64 cross-s390x: cross-%: fetch
	@cmake/cross-packages.sh $* build/sysroot-$*
	@cmake --preset release -B build/$* --toolchain cmake/cross.cmake -D KAFKASCOPE_ARCHITECTURE=$* >/dev/null

test: deps-test venv format-check lint test-unit test-sanitizers test-integration

# Kafka's jars: definitions of the protocol, and Kafka for the integration tests.
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

# Tests mostly wait, so several run concurrently. A single one: build/venv/bin/pytest tests/integration -k NAME
WORKERS ?= 3
pytest := KAFKASCOPE_BIN=$(CURDIR)/build/kafkascope $(python) -m pytest tests/integration \
          --numprocesses $(WORKERS) --durations 10

test-integration: deps-test deps-preview build venv
	$(pytest) -m 'not long and not older and not release'

# Some with AddressSanitizer.
test-long: deps-test deps-preview build build/asan/build.ninja venv
	@cmake --build --preset asan --target kafkascope
	KAFKASCOPE_SANITIZED_BIN=$(CURDIR)/build/asan/kafkascope $(pytest) -m '(long or sanitized) and not older and not release'

# By hand, before a release: further integration tests with Kafka 3.9.
test-older: deps-test build venv
	$(pytest) -m older

# By hand, before a release: unit tests of other architectures with QEMU. On s390x, which is big-endian, those of the bytes from and to
# Kafka and of the page.
cross_ctest := ctest --parallel 2 --timeout 1800 --output-on-failure --no-tests=error --progress
test-cross: cross-arm64 cross-s390x
	@cmake --build build/arm64
	$(cross_ctest) --test-dir build/arm64 --tests-regex ': '
	@cmake --build build/s390x --target kafkascope_protocol_test kafkascope_metrics_test
	$(cross_ctest) --test-dir build/s390x --tests-regex '^(protocol|metrics): '

# By hand, before a release: each fuzzer for an hour. `make test` runs them for ten seconds each.
FUZZ_SECONDS ?= 3600
fuzz: deps-test build/asan/build.ninja
	@cmake --build --preset asan --target kafkascope_fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) ctest --preset asan --tests-regex '^fuzz/' --timeout $$(($(FUZZ_SECONDS) + 3600))

# By hand, before a release: test-older, test-cross, fuzz, and tests that need root (a TUN device, bare Debians, an image) or Helm.
release-check: test-older test-cross fuzz build/helm/helm
	@cmake/install-packages.sh release
	$(pytest) -m release

# Takes minutes; tests/integration/test_chart.py needs it.
build/helm/helm: | deps-test
	@GOBIN=$(CURDIR)/build/helm go install helm.sh/helm/v3/cmd/helm@v3.22.0

# Python packages, and fixed versions of clang-format and clang-tidy, whose results depend on the version.
venv: deps-run build/venv/installed
build/venv/installed: tests/requirements.txt Makefile
	@echo 'Python packages: installing into build/venv'
	@python3 -m venv build/venv
	@build/venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt clang-format==14.0.6 clang-tidy==23.1.4
	@touch $@

format: venv
	@build/venv/bin/clang-format -i $(sources)
format-check: venv
	@build/venv/bin/clang-format --dry-run --Werror $(sources)

# Linters: ruff, shellcheck and clang-tidy (ruff.toml, .clang-tidy).
lint: lint-scripts lint-cpp
lint-scripts: deps-test venv
	@build/venv/bin/ruff check --quiet tests dashboards docker cmake
	@shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning .ci/run $(wildcard *.sh */*.sh */*/*.sh)
# Takes minutes without results in build/lint.
lint-cpp: venv build/build.ninja
	@cmake --build --preset release --target kafkascope_revision
	@$(python) tests/lint/clang_tidy.py

# Grafana's JSON files, and the Kubernetes manifest of the rules.
dashboards: venv
	@$(python) dashboards/sources/generate.py

# Images of dashboards for the documentation, with the demo's traffic. Takes half an hour.
screenshots: deps-demo deps-preview build venv
	@exec $(python) tests/demo/screenshots.py --exporter build/kafkascope

# Benchmarks with fake brokers. Run them on an idle machine.
bench: deps-test build venv
	@exec $(python) tests/bench/macro.py

clean:
	rm -rf build
