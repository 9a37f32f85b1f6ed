# 用法:make 或 make help。首次运行会建立虚拟环境 .venv 并安装依赖;依赖文件不变时不再调用 pip。
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# 建立虚拟环境用的 Python(3.11 或更高),例如 make setup PYTHON=python3.12
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# 两核机器上两个进程最快;同一文件的测试留在同一进程,模型只加载一次
PYTEST_ARGS ?= -n 2 --dist loadfile
# make eval ARGS="--set FILE --out DIR";make bench ARGS="build"
ARGS ?=

RUN_SET := $(VENV)/.run-set
DEV_SET := $(VENV)/.dev-set

.PHONY: help setup dev run test lint eval bench clean

help: ## 显示本说明
	@echo "政策问答:make 目标 [ARGS=\"…\"] [PYTHON=python3.12]"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(RUN_SET) ## 建立 .venv 并安装运行所需的依赖
	@echo "运行依赖已就绪:make run"

dev: $(DEV_SET) ## 另外安装测试和检查工具
	@echo "测试和检查工具已就绪:make test、make lint"

run: $(RUN_SET) ## 索引缺失或过期时先建立,然后打开问答网页(地址见终端)
	@$(PY) -m index build --if-stale || $(PY) -m index status >/dev/null # 个别文件被跳过时,索引仍可用
	@exec $(PY) app.py $(ARGS)

test: $(DEV_SET) ## 运行全部测试(不联网)
	@$(PY) -m pytest $(PYTEST_ARGS) $(ARGS)

lint: $(DEV_SET) ## 代码检查:ruff、mypy、import-linter
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo

eval: $(RUN_SET) ## 运行评测题集
	@$(PY) -m eval run $(ARGS)

bench: $(DEV_SET) ## 运行性能基准,ARGS="--list" 列出名称
	@$(PY) -m bench $(ARGS)

clean: ## 删除检查工具的缓存(保留 .venv 和 var/ 中的索引、模型、反馈)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@command -v $(PYTHON) >/dev/null || { echo "找不到 $(PYTHON):请先安装 Python 3.11 或更高版本,或用 make $(MAKECMDGOALS) PYTHON=路径 指定。" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更高版本,$(PYTHON) 是 $$($(PYTHON) -V 2>&1)。请用 make $(MAKECMDGOALS) PYTHON=python3.12 指定较新的版本。" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "虚拟环境建立失败。Debian/Ubuntu 请先执行 apt-get install python3-venv。" >&2; exit 1; }

$(RUN_SET): requirements.txt | $(PY)
	@echo "正在安装运行所需的依赖,首次需要几分钟……" >&2
	@$(PY) -m pip install -qq --disable-pip-version-check -r requirements.txt || { echo "依赖安装失败。请检查网络或 pip 的软件源设置,然后重新执行 make $(MAKECMDGOALS)。" >&2; exit 1; }
	@touch $@

$(DEV_SET): requirements-dev.txt requirements-ocr.txt requirements-training.txt $(RUN_SET) | $(PY)
	@echo "正在安装测试和检查工具……" >&2
	@$(PY) -m pip install -qq --disable-pip-version-check -r requirements-dev.txt || { echo "依赖安装失败。请检查网络或 pip 的软件源设置,然后重新执行 make $(MAKECMDGOALS)。" >&2; exit 1; }
	@touch $@
