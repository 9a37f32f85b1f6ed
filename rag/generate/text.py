"""From a stream of characters to whole sentences with their markers, the model's thinking left out."""

from __future__ import annotations

import re

SENTENCE_LIMIT = 600
"""Longest sentence, in characters; a stream without an end of sentence for so long is no answer."""

_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")
_TAG = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_STOPS = frozenset("。！？")
_CLOSERS = frozenset("”’）)》」』\"'*")
_OPEN = {"《": "》", "（": "）", "(": ")", "“": "”", "「": "」", "『": "』"}
# Every repetition has a bound: the text may be a server's garbage.
_NUMBERS = r"\d{1,3}(?: {0,2}[,，、;；\-–—~] {0,2}\d{1,3}){0,9}"
_MARKER = re.compile(rf"[\[［【] ?\^?(?:条款|来源|资料|第)? ?({_NUMBERS}) ?条? ?[\]］】]")
_MARKER_BEGUN = re.compile(r"[\[［【][^\]］】\n]{0,24}$")
_PLAIN_MARKER = re.compile(r"\[(\d{1,3})\]")
_LIST_MARK = re.compile(r"^(?:#{1,6}\s+|>\s+)?(?:[-*•·]\s+|\d{1,2}[.、)）](?!\d)\s*|[(（]\d{1,2}[)）]\s*)?")


class ThinkFilter:
    """Takes `<think>…</think>` out of a stream, wherever its pieces are cut.

    An unclosed block hides the rest. A closing tag without an opening one, as models write whose template opens the
    block, means that all text before was thought: `orphans` counts those.
    """

    def __init__(self) -> None:
        self.orphans = 0
        self._held = ""
        self._thinking = False

    def feed(self, piece: str) -> str:
        """What is to be read of the stream up to here; text before an orphaned closing tag is dropped."""
        text = self._held + piece
        self._held = ""
        visible: list[str] = []
        at = 0
        while match := _TAG.search(text, at):
            if match[1] and not self._thinking:
                self.orphans += 1
                visible.clear()
            elif not self._thinking:
                visible.append(text[at : match.start()])
            self._thinking = not match[1]
            at = match.end()
        cut = _tag_begun(text, at)
        if not self._thinking:
            visible.append(text[at:cut])
        self._held = text[cut:]
        return "".join(visible)

    def finish(self) -> str:
        """What was held back because it could have begun a tag."""
        held, self._held = self._held, ""
        return "" if self._thinking else held


def _tag_begun(text: str, start: int) -> int:
    """Offset of a tag that `text` breaks off in; its length where there is none."""
    at = text.rfind("<", max(start, len(text) - len("</thinking>")))
    return at if at >= 0 and any(tag.startswith(text[at:].lower()) for tag in _TAGS) else len(text)


class SentenceBuffer:
    """Cuts a stream into sentences.

    A sentence ends behind 。！？ outside brackets and quotes, together with the markers that follow, or at a line
    end. Until the next character shows that no marker follows, the sentence is held.
    """

    def __init__(self) -> None:
        self._text = ""
        self._scanned = 0
        self._awaited: list[str] = []

    @property
    def overlong(self) -> bool:
        """Whether a sentence has not ended within `SENTENCE_LIMIT` characters."""
        return len(self._text) > SENTENCE_LIMIT

    def clear(self) -> None:
        """Forget the sentence that has begun."""
        self._text, self._scanned = "", 0
        self._awaited.clear()

    def feed(self, piece: str) -> list[str]:
        """The sentences that have become complete, blanks around them left out; "" stands for a line end."""
        self._text += piece
        return self._cut(final=False)

    def finish(self, *, complete: bool) -> list[str]:
        """The sentences that are left; the last one only where it has its stop or the stream is `complete`."""
        sentences = self._cut(final=True)
        if complete and self._text.strip():
            sentences.append(self._text.strip())
        self.clear()
        return sentences

    def _cut(self, *, final: bool) -> list[str]:
        sentences: list[str] = []
        at = self._scanned
        while at < len(self._text):
            end = self._end(at, final=final)
            if end is None:
                break
            if end == at:
                self._track(self._text[at])
                at += 1
                continue
            sentence, line_end = self._text[:end].strip(), self._text[end - 1] == "\n"
            sentences += [sentence] * bool(sentence) + [""] * line_end
            self._text = self._text[end:]
            self._awaited.clear()
            at = 0
        self._scanned = at
        return sentences

    def _track(self, char: str) -> None:
        if char in _OPEN:
            self._awaited.append(_OPEN[char])
        elif char in self._awaited:
            del self._awaited[self._awaited.index(char) :]

    def _end(self, at: int, *, final: bool) -> int | None:
        """Where a sentence that stops at `at` ends; `at` where none does, None where more must be read to know."""
        char = self._text[at]
        if char == "\n":
            return at + 1
        if char not in _STOPS or self._awaited:
            return at
        end = at + 1
        while end < len(self._text):
            marker = _MARKER.match(self._text, end)
            if marker:
                end = marker.end()
            elif self._text[end] in _STOPS or self._text[end] in _CLOSERS or self._text[end] in " \t\u3000":
                end += 1
            elif not final and _MARKER_BEGUN.match(self._text, end):
                return None
            else:
                return end
        return end if final else None


def with_plain_markers(sentence: str) -> str:
    """`sentence` with every marker as [n]: 【1】, [1,2] and [1-3] become [1], [1][2] and [1][2][3]."""
    return _MARKER.sub(lambda match: "".join(f"[{number}]" for number in _numbers(match[1])), sentence)


def _numbers(listed: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*[\-–—~]\s*(\d+))?", listed):
        upper = int(last or first)
        # A range that is none (5-3) or absurd keeps its ends, for the check to judge.
        numbers = range(int(first), upper + 1) if 0 <= upper - int(first) < 20 else (int(first), upper)
        found += [number for number in numbers if number not in found]
    return found


def markers(sentence: str) -> tuple[int, ...]:
    """Numbers of the plain markers in `sentence`, in order, each once."""
    return tuple(dict.fromkeys(int(number) for number in _PLAIN_MARKER.findall(sentence)))


def without_markers(sentence: str) -> str:
    """`sentence` with its markers of any form taken out."""
    return _MARKER.sub("", sentence)


def without_list_mark(sentence: str) -> str:
    """`sentence` without the bullet, item number or heading mark in front: they are no figures of the answer."""
    return sentence[_LIST_MARK.match(sentence).end() :]  # type: ignore[union-attr]  # matches every text
