# Every target is one or two lines that call scripts/ or kitctl: whatever make can do here can be done without make.
# `make` alone prints the targets; nothing is built, started or removed by accident.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

NAMESPACE ?= airflow
HELM_APPLICATION_NAME ?= airflow
HELM_VALUES ?=
HELM_SET ?=
EMBEDDED_DAGS_LOCATION ?=
REQUIREMENTS_TXT_LOCATION ?=
REPOSITORY ?=
IMAGE ?= $(REPOSITORY)
TAG ?=
DOCKER_CACHE ?= docker-cache
SAVED_IMAGE ?= $(DOCKER_CACHE)/image.tar
DAG_MODE ?=
WORKERS ?=
REGISTRY ?=
PLATFORM ?=
COSIGN_KEY ?=
DRY_RUN ?=
PUBLISH_IMAGE ?=
PUBLISH_DIR ?= dist
TRANSPARENCY_LOG ?=
MANIFEST ?= airflow.all.yaml
# Some shells export a variable of this name.
GROUP :=
CONTEXT ?=
# The node's programs take minutes to build, and only root can run them.
TOOLS ?= $(if $(CONTEXT)$(filter-out auto node,$(KITCTL_PROVIDER))$(filter-out 0,$(shell id -u)),chart,node)

PYTHON := .venv/bin/python
KITCTL := .venv/bin/kitctl
TOOL := scripts/tool

values := $(addprefix -f ,$(HELM_VALUES)) $(foreach pair,$(HELM_SET),--set '$(pair)')
workers := app.kubernetes.io/instance=$(HELM_APPLICATION_NAME),app.kubernetes.io/component=worker
# What kube-airflow ran, without its Ingress.
celery := -f values-examples/celery-rabbitmq.yaml --set flower.enabled=true
target := -n $(NAMESPACE) --release $(HELM_APPLICATION_NAME) $(if $(CONTEXT),--context $(CONTEXT))
# Without CONTEXT these must mean the cluster that kitctl means, which need not be kubectl's current one.
helm := $(TOOL) $(if $(CONTEXT),helm --kube-context $(CONTEXT),--meant helm) --namespace $(NAMESPACE)
kubectl := $(TOOL) $(if $(CONTEXT),kubectl --context $(CONTEXT),--meant kubectl) --namespace $(NAMESPACE)
# A path may hold blanks. They are escaped, not quoted, so that the shell still knows a leading ~.
empty :=
path = $(subst $(empty) $(empty),\ ,$(strip $1))
payload := $(if $(EMBEDDED_DAGS_LOCATION),--dags $(call path,$(EMBEDDED_DAGS_LOCATION))) $(if $(REQUIREMENTS_TXT_LOCATION),--requirements $(call path,$(REQUIREMENTS_TXT_LOCATION)))
reference = $(or $(IMAGE),$(error IMAGE is missing [usage]. Fix: make $@ IMAGE=registry.example.com/team/airflow TAG=1))$(if $(TAG),:$(TAG))
named := $(IMAGE)$(TAG)
signed = $(if $(COSIGN_KEY),--key $(call path,$(COSIGN_KEY))) $(if $(filter no,$(TRANSPARENCY_LOG)),--no-log)
contents = --output $(call path,$(PUBLISH_DIR)) $(if $(PUBLISH_IMAGE),--image $(PUBLISH_IMAGE)) $(if $(PLATFORM),--platform $(PLATFORM))
release = $(REGISTRY) $(contents) $(signed) $(if $(DRY_RUN),--dry-run)
# Rendered anew without the values that Helm holds, these objects would get another image, or their claims would be deleted.
unless_helms = ! $(helm) status $(HELM_APPLICATION_NAME) >/dev/null 2>&1 || scripts/refuse $@-helm $(HELM_APPLICATION_NAME)
mode := $(if $(DAG_MODE),--dag-mode $(DAG_MODE))
chosen = $(payload) $(mode) $(if $(named),--image $(reference))
# Images are built while Go compiles. Values may choose other images, and kitctl cannot read them before Helm is there.
meanwhile = $(if $(filter node,$(TOOLS)),$(if $(HELM_VALUES)$(HELM_SET),,--meanwhile $(KITCTL) image prepare $(chosen)))

##@ Main

help: ## Print this list
	@awk -f scripts/make-help.awk $(firstword $(MAKEFILE_LIST))

up: ready ## Install Airflow and run a DAG, on this machine or on the cluster CONTEXT (EMBEDDED_DAGS_LOCATION REQUIREMENTS_TXT_LOCATION IMAGE DAG_MODE HELM_VALUES HELM_SET)
	@scripts/get-tools --group $(TOOLS) $(meanwhile)
	$(KITCTL) up $(target) $(values) $(chosen)

down: ready ## Delete the release; its data stays
	$(KITCTL) down $(target)

scale: ready ## Change the number of Celery workers (WORKERS GROUP)
	$(KITCTL) scale $(target) --workers $(or $(WORKERS),$(error WORKERS is missing [usage]. Fix: make scale WORKERS=3))$(if $(GROUP), --group $(GROUP))

##@ Development

check: ready ## Lint, types, drift of generated files, chart checks (a minute)
	@scripts/get-tools --group chart
	@$(PYTHON) scripts/check.py

unit: ready ## Unit tests
	@$(PYTHON) -m pytest tests/unit -n auto -q

chart-test: ready ## Tests over `helm template`
	@scripts/get-tools --group chart
	@$(PYTHON) -m pytest tests/chart tests/golden tests/dags -n auto --dist loadfile --no-loadscope-reorder -q

airflow-test: ready ## Tests of templates and airflow.cfg against Airflow's own code
	@scripts/get-tools --group test
	@PATH="$$(dirname "$$(scripts/bootstrap --uv)"):$$PATH" $(PYTHON) -m pytest tests/airflow -n auto --dist loadfile -q

e2e: ready ## Core tests on a real cluster of their own (a quarter of an hour; KITCTL_E2E_KEEP=1 keeps the cluster)
	@scripts/get-tools --group all
	@$(PYTHON) -m pytest tests/e2e -m e2e

e2e-all: ready ## All tests on a real cluster, before a change of chart, images or providers is done (75 minutes)
	@scripts/get-tools --group all
	@scripts/get-tools --group e2e
	@$(PYTHON) -m pytest tests/e2e

publish-test: ready ## Tests of workflows and of publishing, with a registry that is built here (five minutes; a quarter of an hour the first time)
	@scripts/get-tools --group publish
	@$(PYTHON) -m pytest tests/publish -q

test: ## What CI runs: check, all quick tests and the core on a new cluster, which is removed again (half an hour)
	@scripts/test

bench: ready ## Measure the running release and print the results with their targets
	@$(PYTHON) -m tests.bench $(target)

generate: ready ## Write all generated files
	@$(PYTHON) -m kitctl.generate write

docs: ready ## Build the site of the docs into build/site
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build

docs-serve: ready ## Show the site of the docs, and build it again after each save
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs serve --no-strict

screenshots: ready ## Take the pictures of the docs (docs/images) on a cluster of their own (10 minutes; root, Linux)
	@scripts/get-tools --group all
	@scripts/get-tools --group e2e
	@$(PYTHON) -m pytest tests/e2e/screenshots.py

clean: ## Delete the files that builds and tests left in the checkout
	rm -rf build dist .kit .pytest_cache .mypy_cache .ruff_cache .import_linter_cache airflow.all.yaml airflow.celery.yaml

##@ Image and release (targets of kube-airflow)

build: ready ## Build the image (EMBEDDED_DAGS_LOCATION REQUIREMENTS_TXT_LOCATION IMAGE TAG)
	$(KITCTL) image build $(payload) $(if $(named),--tag $(reference))

publish: ready ## Push IMAGE:TAG; or publish the kit in REGISTRY: chart, image, SBOM, signatures (REGISTRY DRY_RUN PLATFORM COSIGN_KEY)
	$(if $(and $(REGISTRY),$(if $(named),,yes)),@scripts/get-tools --group publish && $(PYTHON) scripts/publish.py $(release),$(KITCTL) image push $(reference))

helm-install: ready ## Install or upgrade the release (NAMESPACE HELM_VALUES HELM_SET HELM_APPLICATION_NAME)
	$(KITCTL) deploy -v $(target) $(values)

helm-check: ready ## Lint the chart with HELM_VALUES and check the manifests on the server, without changes
	$(TOOL) helm lint chart $(values)
	$(helm) upgrade --install $(HELM_APPLICATION_NAME) chart $(values) --dry-run=server >/dev/null

helm-ls: ready ## List the releases of NAMESPACE
	$(helm) list

helm-uninstall: ready ## Delete the release with Helm; keys and data stay
	$(helm) uninstall $(HELM_APPLICATION_NAME)

##@ One rendered file, for kubectl

airflow.all.yaml: ready FORCE ## Render the whole release into one file
	@scripts/get-tools helm >&2
	$(KITCTL) render manifests $(target) $(values) > $@

airflow.celery.yaml: ready FORCE ## Render a release with Celery workers, RabbitMQ and Flower into one file
	@scripts/get-tools helm >&2
	$(KITCTL) render manifests $(target) $(celery) $(values) > $@

create: $(MANIFEST) ## Create NAMESPACE and all objects of MANIFEST (airflow.all.yaml or airflow.celery.yaml)
	$(kubectl) create namespace $(NAMESPACE)
	$(kubectl) create -f $(MANIFEST)

apply: $(MANIFEST) ## Apply MANIFEST after a change
	@$(unless_helms)
	$(kubectl) apply -f $(MANIFEST)

delete: $(MANIFEST) ## Delete all objects of MANIFEST, and worker pods, whose claims would otherwise stay
	@$(unless_helms)
	$(kubectl) delete --ignore-not-found --wait=false -f $(MANIFEST)
	$(kubectl) delete pods -l $(workers)
	$(kubectl) delete --ignore-not-found -f $(MANIFEST)

list-pods: ready ## List the pods of NAMESPACE
	$(kubectl) get pods

browse-web: ready ## Open the UI
	$(KITCTL) open $(target)

browse-flower: ready ## Open Flower, where the release has Celery workers and flower.enabled is true
	$(KITCTL) open flower $(target)

save-docker-cache: ready ## Save an image in DOCKER_CACHE for the next run of CI (DOCKER_CACHE SAVED_IMAGE IMAGE TAG)
	$(KITCTL) image save $(call path,$(SAVED_IMAGE)) $(if $(named),$(reference))

load-docker-cache: ready ## Bring the saved image back; nothing is done if there is none (DOCKER_CACHE SAVED_IMAGE)
	test ! -e $(call path,$(SAVED_IMAGE)) || $(KITCTL) image restore $(call path,$(SAVED_IMAGE))

# A target of kube-airflow that is no more: it ends with an error that says what there is now.
travis-env:
	@scripts/refuse $@

ready:
	@scripts/bootstrap

FORCE:

.PHONY: help up down scale check unit chart-test airflow-test e2e e2e-all publish-test test bench generate docs docs-serve screenshots clean build publish helm-install
.PHONY: helm-check helm-ls helm-uninstall create apply delete list-pods browse-web browse-flower ready FORCE
.PHONY: save-docker-cache load-docker-cache travis-env
