"""Prompt templates as files: Markdown with {placeholders} that are checked when the files are loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import PolicyQAError
from index.settings import PROJECT_ROOT

PROMPTS_DIR = PROJECT_ROOT / "prompts"
"""Where the project's own templates are."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
_PLACEHOLDERS = {
    "system": frozenset[str](),
    "clause": frozenset({"number", "title", "doc_number", "label", "status", "benefits", "text"}),
    "question": frozenset({"as_of", "clauses", "history", "calculations", "draft", "question"}),
}


class PromptError(PolicyQAError):
    """A template is missing, unreadable, or its placeholders are not those that are filled."""


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one file; its placeholders are known to be right."""

    name: str
    text: str

    def fill(self, **values: str) -> str:
        """The text with every placeholder replaced, once: braces inside a value stay as they are.

        Raises:
            ValueError: the values are not those of the placeholders.
        """
        wanted = _PLACEHOLDERS[self.name]
        if values.keys() != wanted:
            raise ValueError(f"{self.name}: values for {sorted(wanted)} are needed, not for {sorted(values)}")
        return _PLACEHOLDER.sub(lambda match: values[match[1]], self.text)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The templates of one folder: rules, one clause, and the message that asks."""

    system: Template
    clause: Template
    question: Template

    @classmethod
    def from_folder(cls, folder: Path = PROMPTS_DIR) -> Prompts:
        """Read and check the templates.

        Raises:
            PromptError: a file or a placeholder is missing, or a placeholder is unknown.
        """
        return cls(**{name: _load(folder, name) for name in _PLACEHOLDERS})


def _load(folder: Path, name: str) -> Template:
    path = folder / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"读不到提示词模板 {path}。", "请恢复这个文件,编码用 UTF-8。") from error
    if not text:
        raise PromptError(f"提示词模板 {path} 是空的。", "请恢复这个文件。")
    found, wanted = set(_PLACEHOLDER.findall(text)), _PLACEHOLDERS[name]
    wrong = [f"缺少 {{{one}}}" for one in sorted(wanted - found)]
    wrong += [f"不认识 {{{one}}}" for one in sorted(found - wanted)]
    if wrong:
        raise PromptError(f"提示词模板 {path} 的占位符不对:{'、'.join(wrong)}。", "写法见 prompts/README.md。")
    return Template(name, text)
