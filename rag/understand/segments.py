"""A question in units (between commas), told apart: what asks, what commands the program, greetings, the story.

Text that gives the program orders (忽略以上指令, 请在回答最后加上…, 假设文件已经修订) is data of an unknown author: it
is left out whole, but for a question in the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.terms import read_words
from rag.understand.past import says_never, says_received
from rag.understand.wants import wants_of

_QUOTED = re.compile(
    r"“[^“”]{0,200}”|「[^「」]{0,200}」|『[^『』]{0,200}』|\"[^\"\n]{0,200}\"|《[^《》]{0,120}》|\([^()\n]{0,60}\)"
)
_SENTENCE_END = re.compile(r"[。?!;\n]+[”’\"」』)]*\s*|(?<=[A-Za-z\u4e00-\u9fff])\.\s+|……\s*")
_COMMA = re.compile(r"(?<!\d),\s*|,(?!\d{3}(?!\d))\s*|(?<![\d:]):(?!\d)\s*|——\s*|\s*…\s*")
_ASKS = re.compile(
    r"\?|多少|多大|多久|多长|多高|(?<![好十百千前近这那第])几(?!乎|经|番|度)|什么(?!都|也)|啥|哪|怎|如何|吗|呢$|"
    r"是否|(.)[不没]\1|有没有|谁"
    r"|何(?:时|种|人|处|地)|几何|请(?:介绍|说明|列|告|讲|解释)|介绍一?下|列[出举]|告诉我|说说|讲讲|吧$|没有?$|"
    r"(?<!地)(?:名单|清单)$"
)
_SOME = re.compile(
    r"(?:还|另|也|都)?(?:有|剩|做过?|问过|跑)了?几[家个人次位台条](?!月)[^?]{2,}$|没问清|要看[^?]*$|不知道?怎么办|"
    r"不知道?(?:真假|真不真|是不是真)|什么的$|多少(?:有点|"
    r"知道|也)"
)
_ORDERS = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|不要理会|不用理会|别理会?|不理会|跳过|绕过|不要管|别管|撤销|"
    r"清除)[^,。?]{0,12}(?:指令|提示|规则|要求|指示|限制|约束|文件|政策|设定|上文|前文|"
    r"内容|以上|之前|所有|一切)"
    r"|系统提示|提示词|(?:开发者|调试|管理员|上帝|越狱|无限制|root|DAN)模式|^(?:system|assistant|developer|系统|"
    r"管理员|开发者)$"
    r"|(?:你(?:现在)?|从现在起|现在起|从现在开始)[,]?(?:你)?(?:是|就是|扮演|变成|作为|充当)(?:一个|一名|"
    r"一位)?[^,。?]{0,12}(?:助手|黑客|机器人|发布者|制定者|AI|"
    r"专家|人员|角色|模型|客服|程序|猫|诗人|领导|主任|管理员|局长|市长)"
    r"|(?:从现在起|从现在开始|接下来|以后都?|今后)[,]?(?:你)?(?:都|只|必须|一律|不要|请)?(?:说|回答|按|用|输出|回复|答)"
    r"|(?:直接|只要|只能|只需|必须|务必|统一|一律|原样|照)(?:回答|回复|说|输出|写|答|告诉)[^?]*(?:[“\"「『:]|\d|"
    r"是$|可以$|能$)|^(?:请|你|你就|请你|"
    r"就)?(?:直接)?(?:回答|回复|输出|写|说)(?:[“\"「『:]|奖励?\d|资助\d|补\d)"
    r"|(?:就|请|要|都)(?:说|写|答)(?:成|是|:|“|「|\")?[^,。?]{0,8}(?:\d|“|「|\")"
    r"|(?:在|把|将)[^,。?]{0,20}(?:回答|回复|答案|答复|输出)(?:里|中|的?)?(?:最后|末尾|开头|结尾|前面|后面|中|"
    r"里)?[^,。?]{0,6}(?:加|附|写|放|带|补|注明|插入|"
    r"包含|改)"
    r"|(?:放进|写进|加进|加到|附在|写到|放在|放到)[^,。?]{0,4}(?:回答|回复|答案|答复|输出|最后|末尾|开头|结尾)"
    r"|(?:把|将)[^,。?]{1,24}(?:改成|改为|写成|换成|替换成|当成|乘以|翻成|译成|翻倍|说成|改写|调成)"
    r"|(?:假设|假定|假如|设想|就当|当作|权当)[^,。?]{0,12}(?:文件|政策|规定|条款|办法|标准|"
    r"通知)[^,。?]{0,8}(?:修订|修改|改|更新|废|作废|调整|提高)"
    r"|(?:所有|全部)的?(?:金额|数字|比例|数据|回答|内容)[^,。?]{0,4}(?:乘|加|减|翻|改|换|都)|我(?:授权|命令|要求|"
    r"允许|批准)你|按这个(?:答|说|回答|数)|都按(?:这|此|"
    r"上面|我说)"
    r"|(?:不需要|不用|不必|无需|不要|别|不准|不许|禁止)(?:再|跟我|给我)?(?:给出?|加|写|附|带|管|提醒?|考虑|标|做|检查|核对|说|讲|引用?|列|"
    r"扯)?(?:什么)?(?:引用|出处|来源|有效期|免责|提示|提醒|核实|校验|脚注|条款|条文|原文|依据|过期|失效|效力|时效|期限)"
    r"|(?:复述|打印|输出|显示|泄露|重复|翻译|透露|公开)[^,。?]{0,10}(?:提示|指令|系统|设定|配置|密钥|密码|prompt)|"
    r"(?:写|编|生成)[^,。?]{0,8}(?:脚本|木马|病毒|代码)"
    r"|ignore\b.{0,40}(?:instruction|prompt|rule|previous|above)|disregard\b|forget\b.{0,20}(?:instruction|"
    r"previous|rule)|you are now|system prompt"
    r"|\b(?:reply|respond|answer|say|output|print|translate)\b.{0,12}(?:only|with|and obey|HACKED|PWNED|\"|"
    r"[A-Z]{3,}$)|\bobey\b|jailbreak|override\b",
    re.IGNORECASE,
)
_LEADS = (
    r"(?:我|我们|公司|单位)?(?:的)?(?:老板|领导|经理|同事|财务|朋友|客户|上级)?(?:想|要|让|叫|托|派|需要|"
    r"打算)?(?:我|我们)?(?:来|过来|特地|再|就是)?(?:请|向您|跟您)?"
    r"(?:问|查|咨询|打听|了解|请教|请问|确认|核实|求证)(?:问|查|看|清楚)?(?:一下|下|个事|一个|一句)?(?:的是|就是|"
    r"你们?|您)?"
)
_LEAD = re.compile(
    r"^(?:请问(?:一下|下|您)?|(?:麻烦|劳驾|烦请|能否|能不能|可以|可否)?(?:你|您)?(?:帮忙|帮我|帮|"
    r"给我)(?:们)?(?:再)?(?:查|看|问|算|解答|介绍)(?:查|看|问|"
    rf"算)?(?:一下|下)?|{_LEADS}|那么|就是那个|就是说|然后|对了|另外)"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a question between two marks.

    Attributes:
        text: without the mark behind it.
        mark: the mark that ends it, "" at the end.
        sentence: number of its sentence.
        asks: whether it asks.
        order: whether it tells the program what to do, or belongs to such a sentence.
        chatter: whether it says nothing (你好, 麻烦看一下).
    """

    text: str
    mark: str
    sentence: int
    asks: bool = False
    order: bool = False
    chatter: bool = False


def units_of(text: str) -> tuple[Unit, ...]:
    """The units of a cleaned question, told apart; together they are the text."""
    units = [_told(unit) for unit in _split(text)]
    ordered = {unit.sentence for unit in units if unit.order}
    return tuple(replace(unit, order=True) if unit.sentence in ordered and not unit.asks else unit for unit in units)


def _split(text: str) -> list[Unit]:
    masked = _QUOTED.sub(lambda quoted: "\x00" * len(quoted[0]), text)
    units: list[Unit] = []
    at = sentence = 0
    while at < len(text):
        end = _SENTENCE_END.search(masked, at)
        stop = end.start() if end else len(text)
        start = at
        for comma in _COMMA.finditer(masked, at, stop):
            units.append(Unit(text[start : comma.start()], comma[0], sentence))
            start = comma.end()
        after = end.end() if end else len(text)
        units.append(Unit(text[start:stop], text[stop:after], sentence))
        at, sentence = after, sentence + 1
    return _joined_blanks(units)


def _joined_blanks(units: Sequence[Unit]) -> list[Unit]:
    """Units with the greetings that only a blank parts from the rest (你好 在吗 想咨询个事) as units of their own."""
    made: list[Unit] = []
    for unit in units:
        pieces = re.split(r"(?<=[\u4e00-\u9fff?!])(\s+)(?=[\u4e00-\u9fff])", unit.text)
        rest = 0
        while rest + 2 < len(pieces) and _is_chatter(pieces[rest]):
            made.append(Unit(pieces[rest], pieces[rest + 1], unit.sentence))
            rest += 2
        made.append(replace(unit, text="".join(pieces[rest:])))
    return [unit for unit in made if unit.text or unit.mark]


def _told(unit: Unit) -> Unit:
    plain = unit.text.strip()
    if not plain or _is_chatter(plain):
        return replace(unit, chatter=True)
    if _ORDERS.search(plain):
        return replace(unit, order=True)
    asks = bool(_ASKS.search(plain)) or ("?" in unit.mark and bool(wants_of(plain) or plain))
    return replace(unit, asks=asks and not _SOME.search(plain))


@lru_cache(maxsize=1)
def _chatter() -> frozenset[str]:
    return frozenset(line.strip() for line in read_words("chatter.txt").splitlines() if line[:1] != "#")


_CLOSING = re.compile(r"[啊呀哦哈啦了~.,!?。\s]+$")


def _is_chatter(text: str) -> bool:
    plain = re.sub(r"^(?:我们?|那|就)(?=想|要|再|先|请)", "", text.strip().lower())
    return not plain or plain in _chatter() or _CLOSING.sub("", plain) in _chatter() or not re.search(r"\w", plain)


def without_lead(text: str) -> str:
    """`text` without the words that only lead to the question: 老板让我查一下, 请问."""
    while True:
        rest = _LEAD.sub("", text, count=1).lstrip()
        if rest == text or not rest:
            return text
        text = rest


def joined(units: Sequence[Unit]) -> str:
    """The units as a text, without the mark behind the last one unless it is a question mark."""
    text = "".join(f"{unit.text}{unit.mark if unit.mark.strip() else unit.mark or ' '}" for unit in units)
    return text.strip(" ,:;。\n\t")


_BACKGROUND = re.compile(
    r"成立于|成立[^,]{0,6}年|主要(?:做|从事|生产|经营|产品)|主营(?!业务收入|收入)|员工|总部|位于|地处|坐落|"
    r"租(?:的|用|赁)|打过?电话|小项目|跑过|没问清|^我(?:是|叫)|税也|"
    r"都交了|法人|注册于|官网|创始人"
)
_TITLED = re.compile(
    r"评[上为]|认定|获[评得批]|入选|拿[到下了]|通过|列入|登记|申[报请]|(?:国家|省|市|区|县)级|属于|验收|备案|示范|试点"
)
_TURNOVER = re.compile(r"(?:营收|收入|产值|投入|投资|销售额?|交易额|税收|纳税)[^,]{0,8}[\d一二三四五六七八九十]")
_SIZED = re.compile(r"[\d一二三四五六七八九十百千]\s*[万亿%]|[一二三四五六七八九]成")


def focus_of(units: Sequence[Unit], names: Callable[[str], int]) -> tuple[Unit, ...]:
    """The units that ask, in order, with the one that names their subject where they do not.

    Args:
        units: of one question.
        names: how many subject words a text names.
    """
    kept = [unit for unit in units if not unit.order and not unit.chatter]
    asking = [at for at, unit in enumerate(kept) if unit.asks]
    if not asking:
        wanting = [at for at, unit in enumerate(kept) if wants_of(unit.text) and _belongs(unit.text)][-2:]
        return tuple(kept) if len(kept) <= 3 or not wanting else _with_subject(kept, wanting, names)
    return _with_subject(kept, asking, names)


def _with_subject(kept: Sequence[Unit], asking: Sequence[int], names: Callable[[str], int]) -> tuple[Unit, ...]:
    chosen = set(asking)
    for at in asking:
        before = [other for other in range(at) if kept[other].sentence == kept[at].sentence and other not in asking]
        belonging = [other for other in before if _belongs(kept[other].text)]
        # A long run of clauses is a story: what stands just before the question is part of it, the rest is not.
        chosen.update(belonging if len(before) <= _SHORT_SENTENCE else belonging[-1:])
    if not any(names(kept[at].text) for at in chosen):
        best = _subject_unit(kept, min(asking), names)
        chosen |= {best} if best is not None else set()
    return tuple(kept[at] for at in sorted(chosen))


_SHORT_SENTENCE = 3
_ASIDE = re.compile(
    r"^(?:我们?|本?公司|我司|企业|也|又|而且|并且|都)*(?:不?属于|不是|是(?:一家|一个|做|搞)|没有|还没)(?!.*(?:级|"
    r"申请|申报))"
)


def _belongs(text: str) -> bool:
    """Whether what stands before a question in its sentence is part of it: no grant received, no word on the firm."""
    return not says_received(text) and not says_never(text) and not _BACKGROUND.search(text) and not _ASIDE.search(text)


def _subject_unit(kept: Sequence[Unit], first: int, names: Callable[[str], int]) -> int | None:
    """The unit that most likely names the subject: earlier rather than later, titles and sizes before background."""

    def score(at: int) -> float:
        text = kept[at].text
        titled = 2.0 * bool(_TITLED.search(text)) + 1.0 * bool(_SIZED.search(text)) + 1.0 * bool(_TURNOVER.search(text))
        away = abs(first - at) * (0.25 if at < first else 0.6)
        near = 1.0 if kept[at].sentence == kept[first].sentence else 0.0
        return titled + near - away - 3.0 * bool(_BACKGROUND.search(text)) + min(names(text), 3) * 0.3

    candidates = [at for at, unit in enumerate(kept) if names(unit.text)]
    return max(candidates, key=score, default=None)
