"""The words of an index, and typing errors corrected by them: by sound (绿色工场) or by shape (比列).

Runs of characters of the indexed texts are counted. A character of a question is changed only where the text around
it is nowhere in the index, where one other character of the same sound or a similar shape makes it a run the index
has, and where what stands there is no ordinary word in a sensible place. Errors of omission or order are not corrected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from rag.terms import folded, presence, read_rows, stop_words, weak_words

SAMPLE_CHARACTERS = 400_000
"""Characters whose runs are counted; of a larger index an even sample of its texts is."""
LONGEST = 4
"""Longest run of characters that is counted."""
VARIANT_RATIO = 3
"""How many times as often the index has another spelling of a name before the typed one gives way."""
RARE_RATIO = 5
"""How many times as often it has the word read as the word of the dictionary that was typed."""
_PRESENT = 0.5
"""Presence of a word in a text from which on the text has it."""
_FEW = 6
"""Texts that have most of a question's words when the question is about one clause of theirs."""
_READ_WHOLE = 2000
"""Texts of an index whose every text is read for a follow-up; of a larger one none is."""
_KEPT = 20_000  # phrases whose presence is remembered

_HAN = r"\u4e00-\u9fff"
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_NOT_CHANGED = frozenset(
    "的了吗呢吧啊是不有没多少几个补奖拿领给能要会可我你他您们市省区县里上下中在和与或及到从按对为把将被请问哪什么怎谁何这那其该就才都也还又再最各每一二三四五六七八九十百千万亿两年月日元家次种项条款号档去来说想"
)
# Sounds that speakers of many dialects do not tell apart: zh/z, ch/c, sh/s, n/l, f/h; -ing/-in, -eng/-en, -ang/-an.
_FUZZY = ((re.compile("^([zcs])h"), r"\1"), (re.compile("^n"), "l"), (re.compile("([iea])ng$"), r"\1n"))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Counts of the runs of 2 to `LONGEST` Han characters in every `step`-th text, their characters and the texts."""

    counts: Mapping[str, int]
    characters: frozenset[str]
    step: int
    sample: str


@dataclass(slots=True)
class Lexicon:
    """Names and phrases of one index generation. Immutable but for what is counted when first needed; thread-safe.

    Attributes:
        regions: of the indexed policies (临江市), which count as places.
    """

    _texts: tuple[str, ...]
    regions: tuple[str, ...] = ()
    _whole: str | None = None
    _runs: _Runs | None = None
    _alike: dict[str, tuple[tuple[str, int], ...]] | None = None
    _found: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def from_texts(cls, texts: Iterable[str], *, regions: Iterable[str] = ()) -> Lexicon:
        """A lexicon of clause texts and titles, in simplified characters; counting waits for the first question."""
        return cls(tuple(texts), tuple(regions))

    @property
    def _joined(self) -> str:
        if self._whole is None:
            self._whole = folded("\n".join(self._texts))
        return self._whole

    def has(self, phrase: str) -> bool:
        """Whether the texts have `phrase`."""
        plain = folded(phrase)
        return self._counted().counts.get(plain, 0) > 0 or self._in_whole(plain)

    def _in_whole(self, plain: str) -> bool:
        """Whether the texts have a folded phrase, beyond the sample whose runs are counted; what was found is kept."""
        if self._counted().step == 1 and 2 <= len(plain) <= LONGEST and _HAN_RUN.fullmatch(plain):
            return False
        if plain not in self._found:
            if len(self._found) > _KEPT:
                self._found = {}
            self._found[plain] = plain in self._joined
        return self._found[plain]

    def count(self, phrase: str) -> int:
        """About how often the texts have `phrase`, from the sample that is counted."""
        plain, counted = folded(phrase), self._counted()
        if 2 <= len(plain) <= LONGEST and _HAN_RUN.fullmatch(plain):
            return counted.counts.get(plain, 0) * counted.step
        return counted.sample.count(plain) * counted.step

    def has_near(self, first: str, second: str) -> bool:
        """Whether the texts have `second` a few characters behind `first`, in the same phrase."""
        return bool(
            re.search(rf"{re.escape(folded(first))}[^,，。;；]{{0,8}}?{re.escape(folded(second))}", self._joined)
        )

    def together(self, before: Sequence[str], own: Sequence[str]) -> bool:
        """Whether the texts with most of the words `before` have the words `own`, in these or other words."""
        if len(self._texts) > _READ_WHOLE:
            return False
        plain = [folded(text) for text in self._texts]
        counts = [sum(presence(word, text) >= _PRESENT for word in before) for text in plain]
        most = max(counts, default=0)
        if 2 * most < len(before):
            return False
        near = [text for text, count in zip(plain, counts, strict=True) if count == most]
        return len(near) <= _FEW and any(all(presence(word, text) >= _PRESENT for word in own) for text in near)

    def knows(self, word: str) -> bool:
        """Whether a word of a question stands in the texts, or two thirds of its character pairs do."""
        if self.has(word):
            return True
        pairs = ["".join(pair) for pair in pairwise(folded(word))]
        return len(pairs) > 1 and sum(self.has(pair) for pair in pairs) * 3 >= len(pairs) * 2

    def correct(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """`text` with typing errors corrected and names in the index's spelling, and (typed, read) for each error."""
        if not any(self._texts):
            return text, ()
        changes: list[tuple[str, str]] = []
        text = self._with_variants(text)
        for found in reversed(list(_HAN_RUN.finditer(text))):
            corrected = self._corrected_run(found[0], changes)
            if corrected != found[0]:
                text = text[: found.start()] + corrected + text[found.end() :]
        return text, tuple(changes)

    def _with_variants(self, text: str) -> str:
        """Names in the spelling that the index has, where it lacks the typed one: 首台套, 首台(套)."""
        for word, others in _variants().items():
            if word not in text:
                continue
            best = max(others, key=self.count, default=word)
            if best not in text and self.count(best) >= max(1, VARIANT_RATIO * self.count(word)):
                text = text.replace(word, best)
        return text

    def _counted(self) -> _Runs:
        if self._runs is None:
            self._runs = _count_runs(self._texts)
        return self._runs

    def _similar(self, char: str) -> tuple[tuple[str, int], ...]:
        """Characters of the index that `char` may stand for, and how unlike: 0 same sound, 1 fuzzy or shape."""
        if self._alike is None:
            self._alike = {}
        if char not in self._alike:
            self._alike[char] = _similar(char, self._counted().characters)
        return self._alike[char]

    def _corrected_run(self, run: str, changes: list[tuple[str, str]]) -> str:
        if len(run) < 2:
            return run
        words = _words(run)
        at = 0
        while at < len(run):
            fix = self._fix(run, at, words)
            if fix is not None:
                typed, read, start = fix
                run = run[:start] + read + run[start + len(typed) :]
                changes.append((typed, read))
                words = _words(run)
            at += 1
        return run

    def _fix(self, run: str, at: int, words: Sequence[_Word]) -> tuple[str, str, int] | None:
        """The change at `at` as (typed, read, start) of the smallest telling stretch, None where none is called for."""
        char = run[at]
        word = next(word for word in words if word.start <= at < word.end)
        if char in _NOT_CHANGED or word.place or self._fits(run, at):
            return None
        candidates = [
            (score, other)
            for other, unlike in self._similar(char)
            if (score := self._score(run, at, other, unlike, word))
        ]
        if not candidates:
            return None
        candidates.sort(reverse=True)
        if len(candidates) > 1 and candidates[0][0] == candidates[1][0]:
            return None
        other = candidates[0][1]
        start, end = self._stretch(run, at, other)
        if self._counted().step > 1 and any(window in self._joined for window in _around(run, at)):
            return None  # the text as typed stands outside the sample
        return run[start:end], run[start:at] + other + run[at + 1 : end], start

    def _fits(self, run: str, at: int) -> bool:
        """Whether the character stands in a run of three that the index has: nothing is wrong there."""
        counts = self._counted().counts
        return any(window in counts for window in _around(run, at))

    def _score(self, run: str, at: int, other: str, unlike: int, word: _Word) -> tuple[int, int] | None:
        """(length, count) of the best run of the index that `other` makes at `at`; None where it is too little."""
        counts = self._counted().counts
        changed = run[:at] + other + run[at + 1 :]
        best = (0, 0)
        for size in range(LONGEST, 1, -1):
            for low in range(max(0, at - size + 1), min(at, len(run) - size) + 1):
                window = changed[low : low + size]
                found = counts.get(window, 0)
                if found and (size, found) > best and _is_telling(window, at - low):
                    best = (size, found)
            if best[0]:
                break
        if not best[0]:
            return None
        length, often = self._needed(changed, at, unlike, word)
        return best if best[0] >= length and best[1] >= (often if best[0] == LONGEST else max(often, 2)) else None

    def _needed(self, changed: str, at: int, unlike: int, word: _Word) -> tuple[int, int]:
        """How long the run must be and how often the index must have it.

        More where a word of the dictionary would be changed, the likeness is loose, or the change makes no word.
        """
        made = next(one for one in _words(changed) if one.start <= at < one.end)
        if word.ordinary:
            whole = made.ordinary and (made.start, made.end) == (word.start, word.end)
            rare = self.count(made.text) >= RARE_RATIO * self.count(word.text) and self.count(made.text) > 1
            return (LONGEST if whole and rare and unlike == 0 else LONGEST + 1), 1
        if not made.ordinary:
            return (LONGEST, 2) if unlike == 0 else (LONGEST, 3)
        cuts = any(
            one.ordinary and one.start < made.start < one.end
            for one in _words(changed[:at] + word.text[at - word.start] + changed[at + 1 :])
        )
        if cuts or self.count(made.text) <= 2:
            return LONGEST, 1
        generic = made.text in weak_words() or made.text in stop_words()
        # The words of a large index sound like too many others for a single word to tell.
        alone = unlike == 0 and not generic and self._counted().step == 1
        return (2 if alone else 3), 1

    def _stretch(self, run: str, at: int, other: str) -> tuple[int, int]:
        """The word around `at` after the change, else the longest run of the index: what is reported as corrected."""
        changed = run[:at] + other + run[at + 1 :]
        counts = self._counted().counts
        for size in range(LONGEST, 1, -1):
            for low in range(max(0, at - size + 1), min(at, len(run) - size) + 1):
                if changed[low : low + size] in counts:
                    return low, low + size
        return at, at + 1


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as the segmenter cuts it; `ordinary` ones stand in its dictionary, `place` ones are names of places."""

    text: str
    start: int
    end: int
    ordinary: bool
    place: bool


def _words(run: str) -> list[_Word]:
    import rjieba

    made: list[_Word] = []
    at = 0
    for text, tag in rjieba.tag(run):
        known = len(text) > 1 and rjieba.has_word(text)
        made.append(_Word(text, at, at + len(text), known, known and tag.startswith("ns")))
        at += len(text)
    return made


def _count_runs(texts: Sequence[str]) -> _Runs:
    total = sum(map(len, texts))
    step = max(1, -(-total // SAMPLE_CHARACTERS))
    sample = folded("\n".join(texts[::step]))
    counts: Counter[str] = Counter()
    for found in _HAN_RUN.finditer(sample):
        run = found[0]
        for size in range(2, LONGEST + 1):
            counts.update([run[low : low + size] for low in range(len(run) - size + 1)])
    return _Runs(counts, frozenset("".join(_HAN_RUN.findall(sample))), step, sample)


def _around(run: str, at: int) -> list[str]:
    """The runs of three characters that have the one at `at`."""
    return [run[low : low + 3] for low in range(max(0, at - 2), min(at, len(run) - 3) + 1)]


def _is_telling(window: str, at: int) -> bool:
    """Whether a run says something: not only words such as 的 and 了 around the changed character."""
    others = window[:at] + window[at + 1 :]
    return (
        sum(char not in _NOT_CHANGED for char in others) >= min(len(window) - 1, 2)
        if len(window) > 2
        else others not in _NOT_CHANGED
    )


@lru_cache(maxsize=8192)
def _sound(char: str) -> tuple[str, str]:
    """Reading of a character without its tone, and the same with sounds that are mixed up folded."""
    from pypinyin import lazy_pinyin

    read = lazy_pinyin(char, errors="ignore")
    plain = read[0] if read else ""
    fuzzy = plain
    for pattern, replacement in _FUZZY:
        fuzzy = pattern.sub(replacement, fuzzy)
    return plain, fuzzy


def heard_in(word: str, text: str) -> bool:
    """Whether a text has what a word sounds like, as a typing error would (报费 for 报废)."""
    wanted = [_sound(char)[0] for char in word]
    sounds = [_sound(char)[0] for char in text]
    size = len(wanted)
    return all(wanted) and any(sounds[at : at + size] == wanted for at in range(len(sounds) - size + 1))


def alike(one: str, other: str) -> bool:
    """Whether two characters have one reading or a similar shape."""
    sound = _sound(one)[0]
    return bool(sound and sound == _sound(other)[0]) or other in _shapes().get(one, frozenset())


@lru_cache(maxsize=1)
def _shapes() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for row in read_rows("similar_shapes.txt"):
        for char in row:
            groups.setdefault(char, set()).update(row)
    return {char: frozenset(group - {char}) for char, group in groups.items()}


def _similar(char: str, characters: frozenset[str]) -> tuple[tuple[str, int], ...]:
    plain, fuzzy = _sound(char)
    shapes = _shapes().get(char, frozenset())
    found: list[tuple[str, int]] = []
    for other in characters - {char}:
        sound, blurred = _sound(other)
        if plain and sound == plain:
            found.append((other, 0))
        elif (plain and blurred == fuzzy) or other in shapes:
            found.append((other, 1))
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _variants() -> dict[str, tuple[str, ...]]:
    """Every name of `variants.txt` with its other spellings, longest first."""
    rows = read_rows("variants.txt")
    pairs = {word: tuple(other for other in row if other != word) for row in rows for word in row}
    return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))
