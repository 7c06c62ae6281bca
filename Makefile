# Troupe's commands. `make` lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.tools/bin:$(PATH)

REPLICAS ?=
PORT ?= 50051
TIER ?= control-plane
PARTS ?=
NODES ?= 2

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

## -- use

.PHONY: demo
demo: setup models-en ## a recorded question in English, then one in Mandarin; out/answer.mp4 and out/answer-zh.mp4 come out
	@node services/troupe/main.ts ask models/questions/hours.wav --out out/answer.mp4
	@node services/troupe/main.ts models pull --pack zh
	@node services/troupe/main.ts ask models/questions/zh-hours.wav --out out/answer-zh.mp4

.PHONY: live
live: setup models ## talk with it: everything in one process, the page on http://127.0.0.1:8080
	@node services/troupe/main.ts serve

.PHONY: up
up: setup models tools-nats ## every service as a process, with nats-server; REPLICAS=tts=2,llm=2 PORT=50051
	@node services/troupe/main.ts up --port "$(PORT)" --replicas "$(REPLICAS)"

.PHONY: down
down: ## stop what `make up` started
	@node services/troupe/main.ts down

.PHONY: doctor
doctor: setup ## what is missing on this machine, and how to get it
	@node services/troupe/main.ts doctor

## -- Kubernetes

.PHONY: testbed testbed-down testbed-status testbed-programs images
testbed: setup ## a real Kubernetes on this machine, without Docker; TIER=control-plane|kwok|node NODES=2
	@[ "$(TIER)" != node ] || tools/install.sh node-runtime
	@node tools/testbed/main.ts up --tier "$(TIER)" --nodes "$(NODES)"

testbed-down: setup ## stop it and throw its state away
	@node tools/testbed/main.ts down

testbed-status: setup ## what of it runs
	@node tools/testbed/main.ts status

testbed-programs: setup ## build what it runs, once: minutes, unless TROUPE_TESTBED_BIN names a folder of ready-built copies
	@node tools/testbed/main.ts programs

images: setup ## the container image of every service, and its bill of materials, in out/images
	@tools/install.sh node-runtime
	@node tools/testbed/main.ts images --out out/images

## -- set up

# npm install rather than npm ci: ci refuses a lock file that was made where a registry mirror lacks binaries of other platforms.

.PHONY: setup
setup: node_modules/.installed ## install the packages

node_modules/.installed: package-lock.json
	@start=$$SECONDS; npm install --no-save --no-audit --no-fund --loglevel=error; touch $@; echo "packages installed in $$((SECONDS - start)) s, download included"

.PHONY: models models-en models-all
models: setup ## fetch and convert the default models into the cache, English first
	@node services/troupe/main.ts models pull --pack en zh

models-en: setup ## only those for English
	@node services/troupe/main.ts models pull --pack en

models-all: setup ## every model that has a manifest
	@node services/troupe/main.ts models pull --pack all

.PHONY: tools tools-nats
tools: setup tools-nats ## programs that tests need: nats-server, grpcurl, promtool, node-llama-cpp, clients of other makes, chromium, containerd
	@tools/install.sh grpcurl promtool node-llama-cpp openai-python aiortc pion-peer chromium node-runtime

tools-nats:
	@tools/install.sh nats-server

## -- develop

.PHONY: check
check: setup models tools-nats ## types, lint and unit tests, within 90 s
	@tsc -p .
	@biome check --error-on-warnings .
	@buf lint
	@vitest run --project unit

.PHONY: test platform-image
test: setup ## everything: check, and the tests of whole systems
	@$(MAKE) --no-print-directory --jobs=3 models-all testbed-programs platform-image
	@tools/test.sh

platform-image: tools
	@node tools/testbed/main.ts images

.PHONY: generate
generate: setup ## generated code and documents
	@buf generate
	@node tools/generate.ts
	@for avatar in models/avatars/*/; do node "$${avatar}draw.ts"; done

GENERATED := libs/contracts/gen docs/errors.md docs/metrics.md docs/model-licences.md docs/data-path.svg docs/reference libs/kinds/gen charts/troupe models/avatars libs/service/README.md services/*/README.md

# Without a checkout there is nothing to compare with.
.PHONY: generated
generated: generate ## generated code and documents are those committed
	@git rev-parse --is-inside-work-tree >/dev/null 2>&1 || exit 0; changed=$$(git status --porcelain -- $(GENERATED)); \
	[ -z "$$changed" ] || { echo "$$changed"; echo "generated files differ: commit the result of make generate"; exit 1; }

.PHONY: verify
verify: generated ## generated files are current, contracts compatible, lint clean
	@biome check --error-on-warnings .
	@buf lint
	@buf breaking --against proto/released.binpb

.PHONY: bench
bench: setup models tools-nats ## every benchmark; figures in out/bench
	@node loadtest/main.ts bench all

.PHONY: live-check
live-check: setup models tools ## talk with the page in a real browser, and judge what is heard and seen; figures in out/live.json
	@node loadtest/main.ts live

.PHONY: test-cluster
test-cluster: setup models-all tools-nats testbed-programs ## sessions in a real Kubernetes: drains, rolls, outages; figures in out/cluster.json
	@node loadtest/main.ts cluster $(PARTS)

.PHONY: score
score: setup models ## how good the default models are; figures in out/score.json
	@node scores/main.ts
