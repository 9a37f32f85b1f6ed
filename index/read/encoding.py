"""Decode text files of unknown encoding, deterministically.

Byte order mark, then strict UTF-8, then the Chinese encodings. GB18030 decodes nearly every byte string, so a
decoding counts only when its characters are common Chinese: measured on policy texts, right decodings have a
share of common characters above 0.99, Big5 read as GB18030 at most 0.68, UTF-8 read as UTF-16 at most 0.34.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

# UTF-32 first: its little-endian mark begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHINESE = ("gb18030", "big5hkscs")
_WIDE = ("utf-16-le", "utf-16-be")
_MIN_COMMON_SHARE = 0.8
_MIN_COMMON_SHARE_DECLARED = 0.7
_MAX_DAMAGED_SHARE = 0.005
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE = 20_000


class UndecodableError(Exception):
    """The bytes are no text in any encoding that is tried."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text without byte order mark; `damaged` counts the places that could not be decoded."""

    text: str
    encoding: str
    damaged: int = 0


def normalize_newlines(text: str) -> str:
    """Line ends as Python's universal newlines mode gives them."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode `data`; `declared` is an encoding the file itself names, tried before the guesses.

    A file of which at most 0.5 % cannot be decoded (cut off, or one broken byte) is decoded with U+FFFD there.

    Raises:
        UndecodableError: binary data, or text in an encoding that is not supported.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], encoding)
    for encoding in _candidates(data, declared):
        text = _strictly(data, encoding)
        share = _MIN_COMMON_SHARE_DECLARED if encoding == declared else _MIN_COMMON_SHARE
        if text is not None and _is_plausible(text, encoding, share):
            return Decoded(text, encoding)
    return _mostly(data)


def _candidates(data: bytes, declared: str | None) -> Iterator[str]:
    if declared:
        yield declared
    if b"\x00" in data:
        yield from _WIDE
    yield "utf-8"
    yield from _best_first(data)


def _best_first(data: bytes) -> list[str]:
    """The Chinese encodings by the share of common characters; GB18030 first when they are equal."""
    shares = {encoding: _common_share(_leniently(data[:_SAMPLE], encoding)) for encoding in _CHINESE}
    return sorted(_CHINESE, key=lambda encoding: -shares[encoding])


def _marked(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    damaged = text.count("\ufffd")
    if damaged > max(1, len(text) * _MAX_DAMAGED_SHARE) or _CONTROL.search(text):
        raise UndecodableError(encoding)
    return Decoded(text, encoding, damaged)


def _mostly(data: bytes) -> Decoded:
    for encoding in ("utf-8", *_best_first(data)):
        text = _leniently(data, encoding)
        damaged = text.count("\ufffd")
        if damaged <= len(text) * _MAX_DAMAGED_SHARE + 1 and _is_plausible(text, None, _MIN_COMMON_SHARE):
            return Decoded(text, encoding, damaged)
    raise UndecodableError


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _leniently(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace")


def _is_plausible(text: str, encoding: str | None, min_share: float) -> bool:
    """No control characters, and, where the encoding proves nothing by itself, common Chinese characters."""
    if _CONTROL.search(text):
        return False
    return encoding == "utf-8" or _common_share(text[:_SAMPLE]) >= min_share


def _common_share(text: str) -> float:
    """Share of common Chinese characters among the letters outside ASCII, 0 to 1; 0 where there are none."""
    letters = [
        char for char in text if char > "\x7f" and (char.isalpha() or char in "\ufffd" or "\ue000" <= char <= "\uf8ff")
    ]
    if not letters:
        return 0.0
    return sum(map(_is_common, letters)) / len(letters)


def _is_common(char: str) -> bool:
    """True for a hanzi of GB 2312 level 1 (3,755) or Big5 level 1 (5,401), the characters in common use."""
    return _in_rows(char, "gb2312", 0xB0, 0xD7) or _in_rows(char, "big5", 0xA4, 0xC6)


def _in_rows(char: str, encoding: str, first: int, last: int) -> bool:
    encoded = char.encode(encoding, errors="ignore")
    return len(encoded) == 2 and first <= encoded[0] <= last
