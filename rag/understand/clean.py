"""A question as typed to plain simplified text: width, markup, wrappers, blanks inside words, spoken words."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache

from index.clean.characters import simplify
from rag.terms import read_pairs

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
# 隐 形 冠 军: single characters, each apart from the next.
_SPREAD = re.compile(rf"(?<![{_HAN}])[{_HAN}](?:[ \t]+[{_HAN}](?![{_HAN}])){{2,}}")
_BESIDE_DIGITS = re.compile(rf"(?<=[{_HAN}])[ \t]+(?=\d)|(?<=[\d%])[ \t]+(?=[{_HAN}%])")
_MARKS = re.compile(r"\*{1,3}|`+|~{2,}|_{2,}|^[ \t]*(?:#{1,6}|>+|[-*+])[ \t]+", re.MULTILINE)
_SYMBOLS = frozenset(("So", "Sk", "Cs", "Co", "Cf"))  # emoji, their modifiers and joiners
_COMMAND_TAGS = "instructions?|system|prompt|developer|command|rules?|指令|系统|命令"
_COMMAND = re.compile(rf"<({_COMMAND_TAGS})\b[^<>]*>.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_INLINE_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|font|mark|a)\b[^<>\n]{0,80}>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z\u4e00-\u9fff!|][^<>\n]{0,60}>|\[/?(?:INST|SYS)\]|<<\s*/?SYS\s*>>")
_ASKED_KEYS = ("content", "question", "query", "text", "prompt", "input", "message", "问题", "内容")
_OTHER_ROLES = frozenset(("system", "assistant", "developer", "tool", "function"))
_SPOKEN_NUMBERS = (
    (re.compile(r"(?<=[\d零一二两三四五六七八九十百千])个(?=亿)"), ""),  # 15个亿
    (re.compile(r"(?<=[十百千万亿])来(?=[万亿]?[元人家个号名台亩吨])"), "余"),  # 三百来人
    (re.compile(r"(?<=[\d十百千万亿])(?:号|个)人(?![员才工口民均社股所自])"), "人"),  # 8个人, 三十号人
    (re.compile(r"(?<=[\d十百千万亿两])块(?:钱)?(?=[钱,。?!的吗呢啊呀吧嘛 ]|$)"), "元"),
    (re.compile(r"(?<=[\d百千万亿])大洋"), "元"),
    (re.compile(r"(?<=\d)[wW](?![A-Za-z\d])"), "万"),
    (
        re.compile(r"(?<=[\d零一二两三四五六七八九十百千万])平(?:米|方(?![公千米])|(?![方米台均衡安民板价行等级]))"),
        "平方米",
    ),
    (re.compile(r"(?<=[\d百千万])方(?=的?[气冷库仓水土混渣木]|[,。?!]|$)"), "立方米"),
    (re.compile(r"(?<=\d)个(?=千瓦|兆瓦|平方|立方|亩|公里|吨)"), ""),  # 88.2个千瓦
    (re.compile(r"(?<=[\d.]) ?[mM][wW][hH](?![A-Za-z])"), "兆瓦时"),
    (re.compile(r"(?<=[\d.]) ?[kK][wW][hH](?![A-Za-z])"), "千瓦时"),
    (re.compile(r"(?<=[\d.]) ?[mM][wW](?:[pP])?(?![A-Za-z])"), "兆瓦"),
    (re.compile(r"(?<=[\d.]) ?[kK][wW](?:[pP])?(?![A-Za-z])"), "千瓦"),
    (re.compile(r"(?<=[\d千百万亿])(?:美金|美刀|刀(?![具片架柜剪工]))"), "美元"),
    (re.compile(r"几个?[wW](?![A-Za-z\d])"), "多少万"),
    (re.compile(r"(?<=\d)个点(?![位子])"), "个百分点"),
    (re.compile(r"(?<=[要得用不会])退(?=[吗么不没呢?。,]|$)"), "退回"),
    (re.compile(r"(?<![有相机海攻把过难闯\u4e00-\u9fff])关了(?![一个])"), "关闭了"),
)
_PERIOD = re.compile(r"(?<![\d.])(\d{2})年(?=[要能会可应底末申前后以之度])")


def clean(asked: str) -> str:
    """`asked` in simplified characters and half-width letters, without markup; "" where only markup was typed."""
    # Half a surrogate pair, as a broken client sends it, has no UTF-8 form.
    whole = asked.encode("utf-8", "replace").decode()
    text = simplify(unicodedata.normalize("NFKC", whole))
    text = _TAG.sub(" ", _INLINE_TAG.sub("", _COMMAND.sub(" ", _without_objects(text))))
    text = "".join(" " if unicodedata.category(char) in _SYMBOLS else char for char in _MARKS.sub("", text))
    text = _SPREAD.sub(lambda run: re.sub(r"\s+", "", run[0]), text)
    text = _BESIDE_DIGITS.sub("", text)
    text = re.sub(r"([?!。,~])\1+", r"\1", re.sub(r"[ \t\r\f\v]+", " ", text))
    return _spoken(text).strip()


def _without_objects(text: str) -> str:
    """`text` with JSON objects replaced by what a user says in them; those of other roles give nothing."""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            made, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            at = text.find("{", at + 1)
            continue
        said = _said_in(made)
        text = f"{text[:at]} {said} {text[end:]}"
        at = text.find("{", at + len(said) + 2)
    return text


def _said_in(made: object) -> str:
    if not isinstance(made, dict) or str(made.get("role", "user")).lower() in _OTHER_ROLES:
        return ""
    return " ".join(str(made[key]) for key in _ASKED_KEYS if isinstance(made.get(key), str))


@lru_cache(maxsize=1)
def _colloquial() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs = dict(read_pairs("colloquial.txt"))
    return re.compile("|".join(sorted(map(re.escape, pairs), key=len, reverse=True))), pairs


def _spoken(text: str) -> str:
    """`text` with spoken words and numbers in their written form."""
    pattern, pairs = _colloquial()
    text = pattern.sub(lambda match: pairs[match[0]], text)
    for number, written in _SPOKEN_NUMBERS:
        text = number.sub(written, text)
    return _PERIOD.sub(r"20\1年", text)
