"""Chunks: what is embedded and indexed for each clause of a policy.

A chunk is the clause's text with the policy title, the headings of its ancestors and the lead text
that introduces it in front, so that "(一)省级企业…" can be found by what the lead text says. An
over-long clause becomes several chunks with the same path, cut at sentence ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping

from index.models import Chunk, Clause, ClausePath, Policy

PIECE_LIMIT = 360
"""Longest piece of a clause, in characters. The bundled embedder reads 512 tokens; Chinese statutes and policies
take 0.65 tokens a character on average and 0.86 at most (measured on 20,000 articles), so that a piece takes 310
at most and leaves room for context and prompt."""

CONTEXT_LIMIT = 230
"""Longest context, in characters: 0.86 × (360 + 230) is just under 512."""

TITLE_LIMIT = 80
HEADING_LIMIT = 40
LEAD_LIMIT = 120
"""Longest lead text put in front of an item, in characters."""
SHORT_LEAD = 60
"""A lead text up to this length is context for its items even where it does not end in a colon."""

_SENTENCE_ENDS = frozenset("。；！？;!?\n")
_PAUSES = frozenset("，、,：:")
_OPEN = {"《": "》", "〈": "〉", "（": "）", "(": ")", "“": "”", "‘": "’", "「": "」", "『": "』", "【": "】"}
_CLOSE = frozenset(_OPEN.values())
_LAST_SENTENCE = re.compile(r"[。；！？\n](?=[^。；！？\n])")
_HARD_BACKTRACK = 20


def chunk_policy(policy: Policy) -> list[Chunk]:
    """Chunks of the edition that is quoted, in document order.

    Ids are `{policy_id}#{path}#{piece}`. Where a document repeats a path, the numbering of the pieces
    runs on, so that ids stay unique. Clauses without text give no chunk.
    """
    clauses = policy.best.clauses
    leads = _lead_texts(clauses)
    used: Counter[ClausePath] = Counter()
    chunks = []
    for clause in clauses:
        context = _context(policy.facts.title, clause, leads)
        for start, end in split_text(clause.text):
            piece = used[clause.path]
            used[clause.path] += 1
            chunks.append(_chunk(policy.id, clause, piece, start, end, context))
    return chunks


def _chunk(policy_id: str, clause: Clause, piece: int, start: int, end: int, context: str) -> Chunk:
    if start > 0 and clause.heading:
        # The first piece begins with the heading; the later ones would lose it.
        context = f"{context}\n{clause.heading[:HEADING_LIMIT]}"
    return Chunk(
        id=f"{policy_id}#{clause.path}#{piece}",
        policy_id=policy_id,
        path=clause.path,
        piece=piece,
        start=start,
        end=end,
        context=context,
        text=f"{context}\n{clause.text[start:end].strip()}",
    )


def _lead_texts(clauses: tuple[Clause, ...]) -> dict[ClausePath, str]:
    """Lead texts that introduce items, by the path of the parent: the last sentence, without the heading."""
    leads: dict[ClausePath, str] = {}
    for clause in clauses:
        body = clause.text[len(clause.heading or "") :].strip()
        introduces = body.endswith(("：", ":"))
        if not body or not (introduces or len(body) <= SHORT_LEAD):
            continue
        if introduces and len(body) > LEAD_LIMIT:
            body = _LAST_SENTENCE.split(body)[-1][-LEAD_LIMIT:]
        leads.setdefault(clause.path, body)
    return leads


def _context(title: str, clause: Clause, leads: Mapping[ClausePath, str]) -> str:
    lines = [title[:TITLE_LIMIT], *(heading[:HEADING_LIMIT] for heading in clause.trail)]
    for parent in _ancestors(clause.path):
        lead = leads.get(parent)
        if lead and not any(lead in line for line in lines):
            lines.append(lead)
    lines = [line for line in lines if line]
    while len(lines) > 2 and sum(len(line) + 1 for line in lines) > CONTEXT_LIMIT:
        # What stands nearest to the clause says most about it; the title always stays.
        del lines[1]
    return "\n".join(lines)


def _ancestors(path: ClausePath) -> Iterator[ClausePath]:
    """Paths above `path`, outermost first."""
    ordinals = path.split(".")
    for depth in range(1, len(ordinals)):
        yield ".".join(ordinals[:depth])


def split_text(text: str, limit: int = PIECE_LIMIT) -> list[tuple[int, int]]:
    """Cut `text` into half-open ranges of at most `limit` characters that tile it.

    Cuts fall at sentence ends outside brackets, book titles and quotes; where a stretch has none, at
    sentence ends inside them, then at pauses (，、：), then anywhere but inside a run of Latin letters or
    digits. Text without any visible character gives no range.

    Raises:
        ValueError: `limit` is not positive.
    """
    if limit < 1:
        raise ValueError(f"分块长度必须是正数,现在是 {limit}")
    if not text.strip():
        return []
    if len(text) <= limit:
        return [(0, len(text))]
    return _pack(_units(text, 0, len(text), limit, _cut_levels(text)), limit)


def _pack(units: list[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """Join neighbouring units as long as they fit into `limit`."""
    pieces = [units[0]]
    for start, end in units[1:]:
        if end - pieces[-1][0] <= limit:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


def _units(text: str, start: int, end: int, limit: int, levels: list[list[int]]) -> list[tuple[int, int]]:
    """Tile [start, end) with stretches of at most `limit`, cut at the first level that is fine enough."""
    if end - start <= limit:
        return [(start, end)]
    if not levels:
        return _hard_cuts(text, start, end, limit)
    cuts = levels[0][bisect_right(levels[0], start) : bisect_left(levels[0], end)]
    units: list[tuple[int, int]] = []
    for left, right in zip([start, *cuts], [*cuts, end], strict=True):
        units.extend(_units(text, left, right, limit, levels[1:]))
    return units


def _cut_levels(text: str) -> list[list[int]]:
    """Offsets where a cut is allowed, one ascending list a level, best level first."""
    outer, inner, outer_pauses, pauses = [], [], [], []
    awaited: list[str] = []
    for offset, char in enumerate(text):
        if char == "\n":
            # A bracket that is left open must not swallow the rest of the clause.
            awaited.clear()
        elif char in _OPEN:
            awaited.append(_OPEN[char])
        elif char in _CLOSE and char in awaited:
            del awaited[awaited.index(char) :]
        cut = offset + 1
        if _ends_sentence(text, offset):
            inner.append(cut)
            if not awaited:
                outer.append(cut)
        elif char in _PAUSES and not _inside_number(text, offset):
            pauses.append(cut)
            if not awaited:
                outer_pauses.append(cut)
    return [outer, inner, outer_pauses, pauses]


def _ends_sentence(text: str, offset: int) -> bool:
    """Whether a sentence ends after `offset`; closing marks after the full stop belong to the sentence."""
    following = text[offset + 1 : offset + 2]
    if following and (following in _CLOSE or following in _SENTENCE_ENDS):
        return False
    last = offset
    while last > 0 and text[last] in _CLOSE:
        last -= 1
    return text[last] in _SENTENCE_ENDS


def _inside_number(text: str, offset: int) -> bool:
    """Whether the comma or colon at `offset` stands between two digits (100,000)."""
    return text[offset - 1 : offset].isdigit() and text[offset + 1 : offset + 2].isdigit()


def _hard_cuts(text: str, start: int, end: int, limit: int) -> list[tuple[int, int]]:
    ranges = []
    while end - start > limit:
        cut = start + limit
        earliest = max(start + 1, cut - _HARD_BACKTRACK)
        boundary = next((at for at in range(cut, earliest - 1, -1) if not _inside_word(text, at)), cut)
        ranges.append((start, boundary))
        start = boundary
    return [*ranges, (start, end)]


def _inside_word(text: str, cut: int) -> bool:
    """Whether a cut before `cut` would part Latin letters or digits that belong together."""
    left, right = text[cut - 1], text[cut]
    return left.isascii() and right.isascii() and not left.isspace() and not right.isspace()
