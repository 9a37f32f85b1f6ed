"""Read plain text and Markdown with YAML front matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from index.errors import SourceFileError
from index.read.encoding import UndecodableError, decode, normalize_newlines
from index.read.extracted import Extracted

_FENCE = re.compile(r"---[ \t]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_NOT_TEXT = "不是文本文件,或者编码无法识别"
_SAVE_AS_UTF8 = "请用原来的程序打开,另存为 UTF-8 编码的文本或 docx。"


def read_text(data: bytes, name: str) -> Extracted:
    """Text of a plain text file: every character but the byte order mark, newlines normalised.

    Raises:
        SourceFileError: binary data or an unknown encoding.
    """
    try:
        decoded = decode(data)
    except UndecodableError as error:
        raise SourceFileError(name, _NOT_TEXT, _SAVE_AS_UTF8) from error
    return Extracted(normalize_newlines(decoded.text), warnings=damage_warning(name, decoded.damaged))


def damage_warning(name: str, damaged: int) -> tuple[str, ...]:
    """One Chinese sentence when characters were lost in decoding."""
    if not damaged:
        return ()
    return (f"文件“{name}”有 {damaged} 处字符损坏,已用“\ufffd”代替,请核对原文。",)


def read_markdown(data: bytes, name: str) -> Extracted:
    """Text of a Markdown file: the whole file, with its front matter parsed.

    Raises:
        SourceFileError: undecodable, or front matter that is not closed or not a YAML mapping.
    """
    plain = read_text(data, name)
    fence = _FENCE.match(plain.text)
    if fence is None:
        return plain
    closing = _CLOSING.search(plain.text, fence.end())
    if closing is None:
        raise SourceFileError(name, "第 1 行的“---”没有对应的结束行", "请在元数据后面补一行“---”。")
    metadata = yaml_mapping(plain.text[fence.end() : closing.start()], name, what="元数据(front matter)", first_line=2)
    body_start = min(closing.end() + 1, len(plain.text))
    return Extracted(plain.text, warnings=plain.warnings, body_start=body_start, metadata=metadata)


def yaml_mapping(source: str, name: str, *, what: str, first_line: int = 1) -> Mapping[str, Any]:
    """The mapping that a YAML text holds, empty for an empty one.

    Args:
        name: of the file, for messages.
        what: Chinese name of what the text is.
        first_line: of the text in its file, from 1.

    Raises:
        SourceFileError: no YAML, or no mapping with text keys; names the line.
    """
    import yaml

    def broken(line: int, problem: str) -> SourceFileError:
        return SourceFileError(name, f"的{what}有错:第 {line} 行{problem}", "请改正这一行,值里有冒号时加引号。")

    try:
        loaded = yaml.safe_load(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise broken(first_line + (mark.line if mark else 0), "不是有效的 YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise broken(first_line + _first_broken_line(source), "的值无法识别") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise broken(first_line, "起的内容不是“键: 值”的形式")
    return loaded


def _first_broken_line(source: str) -> int:
    """Index of the line whose value cannot be built (such as the date 2025-02-30), 0 when none stands alone."""
    import yaml

    for number, line in enumerate(source.split("\n")):
        try:
            yaml.safe_load(line.strip())
        except yaml.MarkedYAMLError:
            continue
        except (yaml.YAMLError, ValueError, RecursionError):
            return number
    return 0
