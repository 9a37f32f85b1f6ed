"""What the sentence is about: beneficiaries that later statements leave out."""

from __future__ import annotations

import re

from index.benefits.drafts import Draft, Lead, Run
from index.benefits.marked import MASK, Marked, Span
from index.benefits.recipients import tidy
from index.benefits.values import read_values
from index.benefits.vocabulary import LEVEL

_NEEDED = re.compile(
    r"^(?:首次|再|另|次年|其中)?(?:达到|达|突破|超过|超|满|不足|低于|高于|以上|[#¤٪])|"
    rf"^(?:{LEVEL})(?:认定|评定)?的?$|^对其|^每|^在此基础上|^(?:第.|前.{{1,2}}|次|当)年度?$"
)
_LEVEL_ALONE = re.compile(rf"(?P<level>{LEVEL})(?:认定|评定)?的?")
_ONE_LEVEL = re.compile(LEVEL)
_EACH_ONLY = re.compile(r"(?:每[^,，每]{1,4}){1,3}")
_MODIFIED = re.compile(r"^(?:对于?)?(.*的)([^的,，¤٪#]{2,20})$")
_ACTED = re.compile(
    rf"(?:(?:新建|改建|扩建|改造|自建|租赁|租用|购置|购买|新购|更新|新增|引进){MASK}*(?:或者?|和|及|、)?)+(?=[^,、]{{2}})"
)
_BOUND_TAIL = re.compile(r"(?:首次)?(?:达到|达|突破|超过|超|不少于|不低于|满)+$")
_LONGEST_NAME = 14
_LONGEST_CLAUSE = 12  # 通过省级审定的 lacks its noun; a longer clause names its subject itself


class Topics:
    """Completes the beneficiaries of one clause, statement by statement."""

    def __init__(self, marked: Marked) -> None:
        self._marked = marked
        self._topic = ""
        self._shared: list[Span] = []
        self._own = ""
        self._noun = ""
        self._modified: tuple[Span, int] | None = None

    def reset(self) -> None:
        """Forget what the sentence was about."""
        self._topic, self._noun, self._shared = "", "", []

    def complete(self, draft: Draft, unit: Span, lead: Lead) -> None:
        """Give `draft` what its beneficiary lacks: 省级的, 超过20000平方米的, 再奖励3万元."""
        flat = self._marked.flat
        own = "，".join(flat[span.start : span.end] for span in draft.who)
        needy = not own or bool(_NEEDED.search(own)) or self._beside_earlier(draft, own, unit)
        noun, found = self._noun, _MODIFIED.search(own)
        self._noun = found[2] if found else ""
        if _EACH_ONLY.fullmatch(own) and lead.topic:
            draft.who = []
        if lead.topic:
            draft.topic = lead.topic
        elif self._topic and needy:
            draft.topic = self._relevelled(own)
            draft.who = draft.who if draft.topic == self._topic else []
            draft.thresholds = draft.thresholds or self._bounds(draft)
        elif noun and self._lacks_noun(draft, own):
            draft.head, self._noun = noun, noun
        else:
            self._share_modifier(draft, own)
        self._remember(draft, unit, needy)

    def _beside_earlier(self, draft: Draft, own: str, unit: Span) -> bool:
        """Whether a condition in front of an earlier statement of the sentence holds for this one as well.

        面积300亩以上的,种植水稻每亩补助200元,种植蔬菜每亩补助350元: a bare name stands beside the earlier one.
        """
        bare = len(draft.who) == 1 and not own.endswith("的") and not own.startswith(("对", "其中"))
        if not bare or not self._shared or len(own) > _LONGEST_NAME:
            return False
        last = self._shared[-1]
        named = self._marked.flat[last.start : last.end]
        listed = self._marked.flat[unit.start - 1 : unit.start] == "、"
        alike = "的" in named and (own[:2] == self._own[:2] or own[-2:] == self._own[-2:])
        return (named.endswith("的") or listed or alike) and self._shared[0].start >= draft.start

    def _bounds(self, draft: Draft) -> list[Run]:
        """The bounds within the shared condition."""
        runs = [read_values(self._marked, span, False, None).thresholds for span in self._shared]
        return [run for found in runs for run in found if len(run) == 1]

    def _lacks_noun(self, draft: Draft, own: str) -> bool:
        short = own.endswith("的") and len(own) <= _LONGEST_CLAUSE and len(draft.who) == 1
        return short and self._marked.flat[draft.who[0].start] != "对"

    def _remember(self, draft: Draft, unit: Span, needy: bool) -> None:
        """Keep what stands in front of the statement's own part, else its beneficiary."""
        before = [span for span in draft.who if span.start < unit.start]
        listed = self._marked.flat[unit.end : unit.end + 1] == "、"
        if before and (len(before) < len(draft.who) or (listed and draft.level)):
            self._shared = before
            self._own = self._marked.flat[draft.who[-1].start : draft.who[-1].end]
            self._topic = tidy("，".join(self._marked.text[span.start : span.end] for span in before))
        elif draft.who and not needy:
            self._topic, self._shared = self._stem(draft), []

    def _relevelled(self, own: str) -> str:
        """评为AAA级的物流企业奖励20万元,AAAA级50万元: the topic with its own level in place of the earlier one."""
        topic, level = self._topic, _LEVEL_ALONE.fullmatch(own)
        earlier = [m for m in _ONE_LEVEL.finditer(topic) if level and m[0][-1:] == level["level"][-1:]]
        if level is None or len(earlier) != 1:
            return topic
        return f"{topic[: earlier[0].start()]}{level['level']}{topic[earlier[0].end() :]}"

    def _share_modifier(self, draft: Draft, own: str) -> None:
        """2024年首次升规的批发企业奖励12万元,零售企业奖励8万元: the second is 首次升规 too."""
        earlier, self._modified = self._modified, None
        single = draft.who[0] if len(draft.who) == 1 else None
        if single is None:
            return
        if "的" in own or _ACTED.match(own):
            self._modified = (single, draft.start)
        elif earlier is not None and earlier[1] == draft.start:
            start = earlier[0].start
            before = self._marked.flat[start : earlier[0].end]
            lent = _lent(before, own)
            if lent and not re.search(r"[¤٪#]", before):
                draft.prefix = self._marked.text[start + lent[0] : start + lent[1]]
                self._modified = earlier

    def _stem(self, draft: Draft) -> str:
        """The first beneficiary without its own bound: what the later ones of the sentence are about."""
        text = "，".join(self._marked.text[span.start : span.end] for span in draft.who)
        if draft.thresholds:
            span, first = draft.who[-1], draft.thresholds[0][0]
            if span.start <= first.start < span.end:
                head = self._marked.text[span.start : first.start]
                return tidy(_BOUND_TAIL.sub("", head))
        return tidy(text)


def _lent(before: str, own: str) -> tuple[int, int] | None:
    """The part of `before` that `own` leaves out: 首次升规的 of 首次升规的批发企业, 新建 of 新建护理型床位."""
    if (modified := _MODIFIED.match(before)) and modified[2][-2:] == own[-2:]:
        return modified.span(1)
    acted = _ACTED.match(before)
    rest = before[acted.end() :] if acted else own
    return acted.span() if acted and rest != own and rest[-2:] == own[-2:] else None
