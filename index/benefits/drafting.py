"""The beneficiary of a statement, and what the words around it add."""

from __future__ import annotations

import re

from index.benefits.drafts import Draft
from index.benefits.marked import MASK, Marked, Span, trimmed
from index.benefits.values import read_values
from index.benefits.vocabulary import DIRECTED, INDIVIDUAL, PAYER, PERIOD, STRONG

_EACH_BEFORE = re.compile(r"每[^,、¤#每]{1,6}(?:每[^,、¤#每]{1,3})?$")
_PART_OF_WHOM = re.compile(r"对?其(?!中).*|全年|年度|一次|单[个户家]")
_ENCOURAGED = re.compile(r"(?:加快|大力|积极)?(?:支持|鼓励|推动|引导)")
_ACTOR = re.compile(
    r"[^,]{0,6}(?:高新区|经开区|开发区|管委会?)|在[^,]{2,10}(?:基础|标准)(?:之?上)|(?:省|市|区|县|州)?(?:本级)?财政|市本级.{0,30}|由各地.*|.{0,24}(?:主管部门|人民政府|政府|部门)(?:应当)?|"
    r"由[^,]*(?:申请|审核|负责)|(?:风险)?(?:补偿|补助)?资金池"
)
_INTRODUCTION = re.compile(r"(?:实施|完善|推进|加强|建立|健全|优化|落实|深化|加快(?!推动)|加大)(?!.*的$)")
_ADVERBS = re.compile(
    r"(?:可以?(?:获得?|申请|申领|享受)|相应|[再另]加|给予|予以|分别|依次|各|由|最高|不超过|及时|累计|合计)+$"
)
_SELECTED = re.compile(r"(?:评选|遴选|择优|选树|选取|评定|培育|支持|资助)[^,]{0,4}(?:不超过|最多|不多于)#")
_EACH_AT_END = re.compile(r"(?<=[^,、])每[^,、每]{1,4}(?:每[^,、]{1,3})?$")
_VERB_AND_WHOM = re.compile(rf"(?:分别|依次|各|一次性|再|另)*(?:{STRONG})[^,、每按¤٪#]{{2,6}}")
_REMARK = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_NO_REMARK = re.compile(rf"[{MASK}]+|.{{0,20}}号")
_FIRST_WORDS = re.compile(
    r"(?:(?:金额|标准|额度|比例)?[为是]|(?:额度|金额|标准)?参照|不超过|不高于|最高|不低于|约|的|对|其(?!他)|每年|一次性|"
    r"分别|按照?|,)+"
)
_LAST_WORDS = re.compile(
    r"(?:不超过|不高于|最高|的|为|(?<!前款)(?<!前项)(?<!前述)(?<!上述)(?<!同等)标准|,|分别|一次性)+$"
)


class Drafter:
    """Starts the drafts of one sentence."""

    def __init__(self, marked: Marked, sentence: Span) -> None:
        self.marked = marked
        self.sentence = sentence

    def draft(self, unit: Span, pending: list[Span], cut: int, kind: str) -> Draft:
        """A draft whose beneficiary stands in `pending` and in `unit` up to `cut`."""
        draft = Draft(kind, self.sentence.start, self.sentence.end)
        fragment = trimmed(self.marked.flat, unit.start, max(unit.start, cut))
        text = PAYER.sub("", self.marked.flat[fragment.start : fragment.end])
        text = _ADVERBS.sub("", text)
        named = _EACH_AT_END.sub("", text)
        text = named if len(named) > 1 else text
        if pending and _VERB_AND_WHOM.fullmatch(text):  # 分别奖励企业20万元, behind what is paid for
            text = ""
        fragment = Span(fragment.start, fragment.start + len(text))
        single = [span for span in pending if INDIVIDUAL.fullmatch(self.marked.plain[span.start : span.end])]
        draft.conditions += [self.marked.text[span.start : span.end] for span in single]
        draft.who = self._recipients([span for span in pending if span not in single], fragment)
        for span in draft.who:
            if not _SELECTED.search(self.marked.flat, span.start, span.end):
                draft.thresholds += read_values(self.marked, span, False, None).thresholds
        whole = Span(draft.who[0].start if draft.who else unit.start, unit.end)
        period = PERIOD.search(self.marked.text[whole.start : whole.end])
        draft.period = period[0] if period else None
        draft.conditions += self._bracketed(whole)
        return draft

    def _recipients(self, pending: list[Span], fragment: Span) -> list[Span]:
        """The parts that name the beneficiary: from 对 on, or from 支持/鼓励 on, else all."""
        flat = self.marked.flat
        spans = [*pending, fragment] if fragment.end > fragment.start else list(pending)
        for at in range(len(spans) - 1, -1, -1):
            text = flat[spans[at].start : spans[at].end]
            if directed := DIRECTED.match(text):
                spans[at] = Span(spans[at].start + directed.start("to"), spans[at].end)
                kept = [span for span in spans[:at] if flat[span.end - 1] in "的后"]
                spans = [*kept, *spans[at:]]
                break
            if _ENCOURAGED.match(text) and at < len(spans) - 1:
                spans = spans[at:]
                break
        if len(spans) > 1:
            last = flat[spans[-1].start : spans[-1].end]
            if _EACH_BEFORE.fullmatch(last) or _PART_OF_WHOM.fullmatch(last):
                spans = spans[:-1]
        while len(spans) > 1 and _INTRODUCTION.match(flat[spans[0].start : spans[0].end]):
            spans = spans[1:]
        return [span for span in spans if not _ACTOR.fullmatch(flat[span.start : span.end])][-5:]

    def _bracketed(self, whole: Span) -> list[str]:
        """What stands in brackets and says something: （以集团汇总统计且…占比不低于50%）."""
        found = []
        for match in _REMARK.finditer(self.marked.plain[whole.start : whole.end]):
            inner = self.marked.text[whole.start + match.start(1) : whole.start + match.end(1)]
            if len(inner) >= 6 and not _NO_REMARK.fullmatch(match[1]):
                found.append(inner)
        return found

    def directed(self, pending: list[Span], unit: Span) -> bool:
        """Whether the text says 对 whom."""
        return any(DIRECTED.match(self.marked.flat, s.start, s.end) for s in (*pending, unit))

    def ends_in_de(self, draft: Draft) -> bool:
        """Whether the beneficiary is a relative clause: 获得认定的."""
        last = draft.who[-1]
        return self.marked.flat[last.start : last.end].endswith("的")

    def words(self, start: int, end: int) -> str | None:
        """The words of the range without 不超过, 的 and the like at its ends."""
        flat = self.marked.flat[start:end]
        lead = _FIRST_WORDS.match(flat)
        start += lead.end() if lead else 0
        tail = _LAST_WORDS.search(self.marked.flat[start:end])
        end -= len(tail[0]) if tail else 0
        return self.marked.text[start:end] or None
