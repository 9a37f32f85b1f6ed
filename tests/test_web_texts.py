"""Words of the interface: the same in both languages, complete, and all that the pages name."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from web.texts import LANGUAGES, load_texts

WEB = Path(__file__).resolve().parents[1] / "web"
PARTS = sorted(file.stem for file in (WEB / "texts" / "zh").glob("*.json"))
PLACEHOLDER = re.compile(r"\{(\w*)\}")
IN_TEMPLATE = re.compile(r"texts\(\s*'([\w.]+)'(\s*~)?")
IN_SCRIPT = re.compile(r"\bwords(?:\.(\w+)|\[`(\w+)\$\{)")
FILLED = re.compile(r"filled\((?:this\.)?words\.(\w+),\s*\{([^{}]*)\}")


def texts_of(language: str, part: str) -> dict[str, str]:
    """The texts of one file, in which no key stands twice."""
    text = (WEB / "texts" / language / f"{part}.json").read_text(encoding="utf-8")
    pairs: list[tuple[str, str]] = json.loads(text, object_pairs_hook=list)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def known(name: str, *, prefix: bool) -> bool:
    """Whether a key, or any key that begins so, exists."""
    words = load_texts("zh").words
    return any(key.startswith(name) for key in words) if prefix else name in words


def python_calls() -> Iterator[tuple[str, str, bool, set[str] | None]]:
    """Place, key, whether only its beginning is fixed, and the placeholders given (None where not to be seen)."""
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not is_texts(node.func):
                continue
            given = {one.arg for one in node.keywords}
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                values = None if None in given else {name for name in given if name}
                yield f"{path.name}:{node.lineno}", first.value, False, values
            elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                yield f"{path.name}:{node.lineno}", str(first.values[0].value), True, None


def is_texts(function: ast.expr) -> bool:
    """`texts(…)`, `self.texts(…)`, `_texts(request)(…)`."""
    if isinstance(function, ast.Call):
        function = function.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name.strip("_") in ("texts", "load_texts")


def script_files(part: str) -> list[Path]:
    return sorted((WEB / "static").glob(f"{part}*.js"))


@pytest.mark.parametrize("part", PARTS)
def test_both_languages_have_the_same_keys_and_placeholders(part: str) -> None:
    chinese, *others = (texts_of(language, part) for language in LANGUAGES)
    for other in others:
        assert list(other) == list(chinese)
        for key, text in chinese.items():
            assert set(PLACEHOLDER.findall(other[key])) == set(PLACEHOLDER.findall(text)), key


def test_no_part_exists_in_one_language_only() -> None:
    names = [sorted(file.name for file in (WEB / "texts" / language).glob("*")) for language in LANGUAGES]
    assert all(one == names[0] for one in names)


def test_every_text_says_something_and_the_chinese_ones_are_chinese() -> None:
    chinese = load_texts("zh").words
    assert [key for key, text in chinese.items() if not text.strip()] == []
    latin = {key for key, text in chinese.items() if re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", text))}
    assert {key for key in latin if not re.search(r"[\u4e00-\u9fff]", chinese[key])} == {"shell.other_language"}


def test_every_key_that_python_names_exists_and_gets_its_placeholders() -> None:
    calls = list(python_calls())
    assert len(calls) > 60
    assert [place for place, key, prefix, _ in calls if "." in key and not known(key, prefix=prefix)] == []
    words = load_texts("zh").words
    wrong = [
        f"{place} {key}"
        for place, key, _, given in calls
        if key in words and given is not None and given != set(PLACEHOLDER.findall(words[key]))
    ]
    assert wrong == []


def test_every_key_that_a_template_names_exists() -> None:
    named = [
        (file.name, key, bool(joined))
        for file in sorted((WEB / "templates").glob("*.html"))
        for key, joined in IN_TEMPLATE.findall(file.read_text(encoding="utf-8"))
    ]
    assert len(named) > 30
    assert [(place, key) for place, key, joined in named if not known(key, prefix=joined)] == []


@pytest.mark.parametrize("part", PARTS)
def test_every_key_that_a_script_names_exists_and_gets_its_placeholders(part: str) -> None:
    words = texts_of("zh", part)
    for file in script_files(part):
        source = file.read_text(encoding="utf-8")
        for key, beginning in IN_SCRIPT.findall(source):
            assert key in words if key else any(one.startswith(beginning) for one in words), (file.name, key, beginning)
        for key, values in FILLED.findall(source):
            given = {value.split(":")[0].strip() for value in values.split(",")}
            assert given == set(PLACEHOLDER.findall(words[key])), (file.name, key)


def test_the_chats_script_names_its_words() -> None:
    """The pattern that finds them fits the way the scripts are written."""
    named = {key for file in script_files("chat") for key, _ in IN_SCRIPT.findall(file.read_text(encoding="utf-8"))}
    assert len(named) > 40


def test_a_key_that_does_not_exist_and_an_unknown_language_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match=r"chat\.nothing"):
        load_texts("zh")("chat.nothing")
    with pytest.raises(ValueError, match="fr"):
        load_texts("fr")


def test_addresses_of_the_other_language_have_its_name_in_front() -> None:
    assert [load_texts(name).path("/library") for name in LANGUAGES] == ["/library", "/en/library"]
    assert [load_texts(name).path("/") for name in LANGUAGES] == ["/", "/en/"]
