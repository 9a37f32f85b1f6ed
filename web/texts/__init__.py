"""Words of the user interface, in Chinese and English; one JSON file a part and language, with the same keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("zh", "en")
"""The first is what a visitor gets who has not chosen."""

HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language; keys are `part.name`."""

    language: str
    words: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of `key` with its `{placeholders}` filled in.

        Raises:
            ValueError: there is no such key.
        """
        if key not in self.words:
            raise ValueError(f"界面文字里没有 {key!r}")
        return self.words[key].format(**values) if values else self.words[key]

    def part(self, name: str) -> dict[str, str]:
        """All texts of one part, by their names without it; for scripts in the page."""
        return {key.removeprefix(f"{name}."): word for key, word in self.words.items() if key.startswith(f"{name}.")}

    def path(self, path: str) -> str:
        """`path` (from the root, without language) as the address of this language's page."""
        return path if self.language == LANGUAGES[0] else f"/{self.language}{path if path != '/' else '/'}"


@lru_cache(maxsize=len(LANGUAGES))
def load_texts(language: str) -> Texts:
    """The words of `language`.

    Raises:
        ValueError: the language is not one of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise ValueError(f"没有 {language!r} 的界面文字")
    words: dict[str, str] = {}
    for file in sorted((_FOLDER / language).glob("*.json")):
        part = json.loads(file.read_text(encoding="utf-8"))
        words |= {f"{file.stem}.{name}": text for name, text in part.items()}
    return Texts(language, words)
