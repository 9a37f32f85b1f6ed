"""Names of titles, kinds of enterprise and facts: their level and grade, and whether what is held is what is asked.

The comparison is careful: a name that only resembles the one asked settles nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_LEVELS = {"国际": 5, "世界": 5, "国家": 4, "国内": 4, "全国": 4, "省部": 3, "省": 3, "市": 2, "区": 1, "县": 1}
_LEVEL = re.compile(
    r"(?P<of>国际|世界|国家|省部|省|市|区县|区|县)级|(?P<within>国内|省内|市内|国际(?=首)|国内(?=首))"
    r"|^(?P<bare>国家|省|市)(?=[\u4e00-\u9fff“\"])(?!内|外|场|政府|财政)"
)
_GRADE = re.compile(
    r"[A-E]{1,5}[级类档等]|[甲乙丙丁特][级等]|[一二三四五六七八九十特]等奖?|[一二三四五1-5]星级?|[1-5]A级?|[一二三四1-4][类档级期]|"
    r"[ⅠⅡⅢⅣI]+期|优秀|良好|合格|领军|标杆"
)
_QUOTED = re.compile(r"[“\"「『]([^”\"」』]{2,12})[”\"」』]")
_MARKS = re.compile(r"[“”\"'‘’《》<>「」『』()\[\]、,;:。·•\s]")
_LEADING = re.compile(
    r"^(?:对|经|凡|已|已经|新|首次|当年|企业|公司|我们?|我司|是|为|有|被|属于|持有|拥有|具有|具备|取得|获得|获评|获批|获|通过|入选|"
    r"列入|纳入|成为|认定为?|评定为|评为|认定的|评定的|认证为|(?:国家|省|市|区)?(?:认定|评定)的?|完成|实施|开展|从事)+(?=..)"
)
_TRAILING = re.compile(
    r"(?:的|了|企业|单位|公司|称号|资质|资格|认定|认证|证书|荣誉|示范企业|投资项目|建设项目|项目|类项目|类别|类|产业领域|领域)+$"
)
_FALSE_HEADS = re.compile(r"拟|申报|申请|培育|准|待|候选|未|不|非|入库|储备|争创|创建|备选|预备|曾|原|摘牌|撤销|正在")
_TIME = re.compile(r"(?:20\d\d年度?|当年|今年|去年|上年度?|首次|新|已|企业)*")
_NEGATION = re.compile(r"未曾|没有|未|无(?!形|线|人|偿|锡)|不是|不属于|不存在|并非|不在|不(?=涉及|列入|拖欠|搬迁|迁出)")


class Likeness(StrEnum):
    """How what is held lies to what is asked."""

    SAME = "same"
    LOWER = "lower"
    HIGHER = "higher"
    OTHER_GRADE = "other grade"
    LEVEL_UNSAID = "level unsaid"
    NEAR = "near"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    Attributes:
        core: without level, grade, marks, and the words that lead in and out.
        level: as said (国家级, 国内), None where none is.
        rank: of the level; two ranks compare within one `family` only (国家级 is not 国内).
        grade: A类, 优秀; None where none is said.
        proper: the parts in quotation marks, by which a title is known (“小巨人”).
    """

    core: str
    level: str | None
    rank: int
    family: str
    grade: str | None
    proper: tuple[str, ...]


@lru_cache(maxsize=8192)
def name_of(text: str) -> Name:
    """`text` taken apart."""
    plain = unicodedata.normalize("NFKC", text)
    grade = _GRADE.search(plain)
    if grade:
        plain = plain[: grade.start()] + plain[grade.end() :]
    level, rank, family, plain = _level_of(plain)
    proper = tuple(_MARKS.sub("", quoted) for quoted in _QUOTED.findall(plain))
    core = _MARKS.sub("", plain)
    core = _LEADING.sub("", core)
    core = _TRAILING.sub("", core) or core
    return Name(core, level, rank, family, grade[0] if grade else None, proper)


def _level_of(text: str) -> tuple[str | None, int, str, str]:
    match = _LEVEL.search(text)
    if match is None:
        stripped = _LEADING.sub("", text)
        match = _LEVEL.match(stripped)
        text = stripped if match else text
    if match is None:
        return None, 0, "", text
    word = match["of"] or match["within"] or match["bare"]
    family = "within" if match["within"] else "of"
    rank = _LEVELS.get(word, _LEVELS.get(word[0], 0))
    level = match[0] if match["of"] or match["within"] else f"{word}级"
    return level, rank, family, text[: match.start()] + text[match.end() :]


def levels_of(text: str) -> tuple[str, ...]:
    """Levels named in `text`, in order."""
    return tuple(match[0] for match in _LEVEL.finditer(text))


def compare(asked: str, held: str, *, at_least: bool = False, known: str = "") -> Likeness:
    """How `held` lies to `asked`.

    Args:
        at_least: a higher level is enough too (省级以上).
        known: what else the enterprise is (its industries): words of `asked` that stand there need not be said again.
    """
    this, that = name_of(asked), name_of(held)
    likeness = _core_likeness(this, that, known)
    if likeness is not Likeness.SAME:
        return likeness
    if this.grade and that.grade != this.grade:
        return Likeness.OTHER_GRADE if that.grade else Likeness.NEAR
    if not this.level:
        return Likeness.SAME
    if not that.level:
        return Likeness.LEVEL_UNSAID
    if this.family != that.family:
        return Likeness.NEAR
    if this.rank == that.rank or (at_least and that.rank > this.rank):
        return Likeness.SAME
    return Likeness.LOWER if that.rank < this.rank else Likeness.HIGHER


def _core_likeness(asked: Name, held: Name, known: str) -> Likeness:
    if not asked.core or not held.core:
        return Likeness.NONE
    if asked.core == held.core:
        return Likeness.SAME
    if held.core.endswith(asked.core):
        return Likeness.NEAR if _changes(held.core[: -len(asked.core)], asked.core) else Likeness.SAME
    if any(proper in held.core and held.core in asked.core for proper in asked.proper):
        return Likeness.SAME
    rest = asked.core.replace(held.core, "") if held.core in asked.core else ""
    if rest and known and all(part in known for part in (rest,)):
        return Likeness.SAME
    if abbreviates(held.core, asked.core) or abbreviates(asked.core, held.core):
        return Likeness.SAME
    # 制造业 in front of 制造业创新中心 is no title of that kind; 绿色工厂 behind 星级绿色工厂 is.
    near = asked.core.endswith(held.core) or asked.core in held.core or held.core in asked.proper
    return Likeness.NEAR if near and min(len(held.core), len(asked.core)) > 1 else Likeness.NONE


@lru_cache(maxsize=4096)
def _changes(front: str, core: str) -> bool:
    """Whether words in front make another thing of `core`: 培育 before a title, 参加境外 before 展会."""
    if _FALSE_HEADS.search(front):
        return True
    if len(core) <= 2:
        return not _TIME.fullmatch(front)
    import rjieba

    first = rjieba.tag(front)[0]
    return bool(first[1].startswith("v") and len(first[0]) > 1) or front.endswith("的")


@lru_cache(maxsize=4096)
def abbreviates(short: str, long: str) -> bool:
    """Whether `short` is made of the first characters of the words of `long`: 技改 of 技术改造, 专精 of 专业精细."""
    if not 2 <= len(short) < len(long) or len(long) > 3 * len(short):
        return False
    halves = [long[i : i + 2] for i in range(0, len(long), 2)]
    return len(long) == 2 * len(short) and [half[0] for half in halves] == list(short)


@lru_cache(maxsize=8192)
def polarity(text: str) -> tuple[str, bool]:
    """A statement without its negation, and whether it had one: 没有列入失信名单 is (列入失信名单, True)."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKC", text))
    match = _NEGATION.search(plain)
    if match is None:
        return plain, False
    return plain[: match.start()] + plain[match.end() :], True
