"""Questions made by program from clauses: who, how much, on what condition, by when, what happens if not.

Each pattern reads one construction of Chinese statutes and policies and asks about it as a person would. What they
ask is answered by the clause they come from, as far as a pattern can tell; the wording stays nearer to the text than
that of people, so that these questions add to labelled ones and do not replace them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_COLLOQUIAL = Path(__file__).parent / "data" / "colloquial.json"
_PHRASE = r"[^,，。;；:：、\n()（）]"
_SHORT, _LONG = 5, 42
"""Characters of a question, at least and at most."""

_POINTER = re.compile(
    r"前款|前条|本[法条款项章节]|上述|下列|按照|该[项条款]|其他?[应的]|第[一二三四五六七八九十百\d]+[条款项]"
)

SAID_PLAINLY = 0.5
"""Share of the questions in which words of the text are replaced by colloquial ones."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A construction, with questions that its groups fill."""

    found: re.Pattern[str]
    asks: tuple[str, ...]


def _pattern(expression: str, *asks: str) -> Pattern:
    return Pattern(re.compile(expression.replace("PHRASE", _PHRASE)), asks)


PATTERNS = (
    # Penalties: 未取得许可从事经营的,由…责令改正,处…罚款
    _pattern(
        r"(?:^|[,，。;；:：\n])(?:违反本PHRASE{1,6}规定[,，])?(?P<what>PHRASE{6,30})的[,，](?:由PHRASE{2,30})?"
        r"(?:责令|处PHRASE{2,20}罚款|给予|没收|吊销)",
        "{what}会怎么处罚？",
        "{what}要罚多少钱？",
        "{what}有什么后果？",
    ),
    _pattern(
        r"(?P<what>PHRASE{6,26})的[,，](?:依法)?(?:承担|应当承担)(?:相应的?)?(?P<kind>PHRASE{2,6}责任)",
        "{what}，要承担{kind}吗？",
        "{what}谁来负责？",
    ),
    # Duties, bans, permissions
    _pattern(
        r"(?:^|[。;；\n])(?P<who>PHRASE{2,12})应当(?P<act>PHRASE{4,24})[,，。;；]",
        "{who}要不要{act}？",
        "{who}必须{act}吗？",
        "{who}有什么义务？",
    ),
    _pattern(
        r"(?:^|[。;；,，\n])(?P<who>PHRASE{2,12})不得(?P<act>PHRASE{3,24})[,，。;；]",
        "{who}可以{act}吗？",
        "{who}能不能{act}？",
    ),
    _pattern(
        r"(?:^|[。;；,，\n])(?P<who>PHRASE{2,12})(?:可以|有权)(?P<act>PHRASE{4,24})[,，。;；]",
        "{who}能{act}吗？",
        "{who}有没有权{act}？",
    ),
    # By when
    _pattern(
        r"之日起(?P<time>[一二三四五六七八九十百\d]+(?:个工作日|个月|日|年))内[,，]?(?P<act>PHRASE{4,24})",
        "{act}有时间限制吗？",
        "最晚什么时候{act}？",
        "多久之内要{act}？",
    ),
    _pattern(
        r"(?P<what>PHRASE{2,14})的?(?:期限|有效期)(?:为|是|不得超过|最长不超过)(?P<time>PHRASE{2,12})",
        "{what}最长多久？",
        "{what}有效期是多长时间？",
    ),
    # Definitions
    _pattern(
        r"本(?:法|条例|办法|规定|细则|意见|政策)所称的?(?P<what>PHRASE{2,14})[,，]?(?:是指|包括)",
        "什么是{what}？",
        "哪些算{what}？",
        "{what}是什么意思？",
    ),
    # Conditions, cases, materials
    _pattern(
        r"(?P<what>PHRASE{3,22})[,，]?(?:应当|须|需)?(?:同时)?(?:具备|符合|满足)(?:以下|下列)(?:全部)?(?:基本)?条件",
        "{what}需要什么条件？",
        "{what}有什么要求？",
    ),
    _pattern(r"有下列(?:情形|行为|情况)之一的?[,，](?P<what>PHRASE{4,24})", "什么情况下{what}？", "哪些情形{what}？"),
    _pattern(
        r"(?P<what>PHRASE{2,18})[,，]?应当(?:提交|提供|报送)(?:以下|下列)(?:材料|文件|资料)",
        "{what}要交哪些材料？",
        "{what}需要准备什么？",
    ),
    # Who is responsible
    _pattern(
        r"(?P<who>PHRASE{4,24}(?:部门|机关|机构|委员会|局|厅))(?:负责|主管)(?P<what>PHRASE{4,22})",
        "{what}由哪个部门负责？",
        "{what}归谁管？",
        "{what}该找谁？",
    ),
    # Money: 对…,给予…资助
    _pattern(
        r"对(?P<who>PHRASE{4,30}?)的?[,，](?:按PHRASE{4,30})?(?:一次性|分别|再|每家)*给予"
        r"(?P<what>PHRASE{3,30}(?:奖励|资助|补助|补贴|支持))",
        "{who}能拿多少钱？",
        "{who}有什么奖励？",
        "{who}最多补多少？",
        "我们是{who}，政府给补贴吗？",
    ),
    _pattern(
        r"(?P<who>PHRASE{4,26})的[,，](?:可)?(?:一次性|分别|再|每家)*(?:给予|奖励|补助|补贴)",
        "{who}给多少？",
        "{who}有没有补贴？",
    ),
)


def questions_on(text: str, chance: random.Random, *, most: int = 2) -> list[str]:
    """Up to `most` questions that the clause `text` answers, none for texts without a known construction."""
    asked: dict[str, None] = {}
    for pattern in PATTERNS:
        found = pattern.found.search(text)
        if found is None:
            continue
        groups = {name: value.strip() for name, value in found.groupdict().items()}
        question = plain(chance.choice(pattern.asks).format(**groups), chance)
        if _SHORT <= len(question) <= _LONG and not _refers(question):
            asked[question] = None
    drawn = list(asked)
    return drawn if len(drawn) <= most else chance.sample(drawn, most)


def plain(question: str, chance: random.Random) -> str:
    """`question`, in half of the cases with words of the text replaced by those that people use."""
    if chance.random() >= SAID_PLAINLY:
        return question
    for formal, spoken in _colloquial().items():
        if formal in question:
            question = question.replace(formal, chance.choice(spoken))
    return question


def made_questions(
    passages: Sequence[str], *, seed: int, limit: int, allowed: Sequence[bool] | None = None
) -> Iterator[tuple[int, str]]:
    """Positions of passages in a drawn order, each with questions on it, until there are `limit` questions.

    The first line of a passage, its title, is not read. A question that several passages give is asked of none.
    """
    chance = random.Random(seed)
    order = chance.sample(range(len(passages)), len(passages))
    made: list[tuple[int, str]] = []
    for at in order:
        if len(made) >= limit:
            break
        if allowed is None or allowed[at]:
            _, found, body = passages[at].partition("\n")
            made += [(at, question) for question in questions_on(body if found else passages[at], chance)]
    counts: dict[str, int] = {}
    for _, question in made:
        counts[question] = counts.get(question, 0) + 1
    yield from ((at, question) for at, question in made[:limit] if counts[question] == 1)


def _refers(question: str) -> bool:
    """Whether the question points at a text that whoever asks does not have before them."""
    return _POINTER.search(question) is not None


@lru_cache(maxsize=1)
def _colloquial() -> dict[str, list[str]]:
    words: dict[str, list[str]] = json.loads(_COLLOQUIAL.read_text(encoding="utf-8"))
    return dict(sorted(words.items(), key=lambda item: -len(item[0])))
