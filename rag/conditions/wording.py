"""Words of answers about eligibility: what is to be known, what a benefit requires and pays, and its quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.quantities import format_amount
from rag.benefit_at import BenefitAt
from rag.conditions.ask import bound_words
from rag.conditions.assess import Assessed, evidence_of, quote_in, quote_of
from rag.conditions.metrics import metric_of
from rag.conditions.model import Condition, ConditionKind, Finding, Test, Truth
from rag.sentences import split_sentences
from rag.verify import Quote, Statement

if TYPE_CHECKING:
    from rag.understand import Question

QUESTIONS = 3
"""Most facts that are named and asked for."""
RULES = 4
"""Most rules that are quoted beside a verdict."""
REQUIRED = 4
"""Most further requirements that are named beside a verdict."""
_COUNTS_AS = re.compile(r"算不算|(?<![打核计预结决])算(?![多少下])")
_NOUN = re.compile(
    r"^(?!.*(?:[升认评列获入成属纳设取引][为选入评得于立进]|定为|属于|落户|新建|投产))[^，,。；;]{2,16}(?:企业|单位|机构|平台|园区|项目|人员|人才|产品)$"
)
"""A name of a kind of enterprise or project, without a verb: 落地企业 is no answer to 是否, 是否属于落地企业 is."""
_FITS = re.compile(r"符合|满足")
_MAY = re.compile(r"能|可以|可不可以|行不行|有(?:份|没)|给不给|补不补|[给补领拿发奖][^,。?]{0,6}(?:吗|么|幺|嘛|不|没)")


@dataclass(frozen=True, slots=True)
class Words:
    """How a question puts it: 能不能, 够不够, 算不算; the verdict takes its verb."""

    asked: str

    def yes(self, condition: Condition | None) -> str:
        """可以, 够, 算 or 符合."""
        return self._pick("够", "算", "符合", "可以", condition)

    def no(self, condition: Condition | None) -> str:
        """不能, 不够, 不算 or 不符合."""
        return self._pick("不够", "不算", "不符合", "不能", condition)

    def _pick(self, enough: str, counts: str, fits: str, may: str, condition: Condition | None) -> str:
        if "够" in self.asked:
            return enough
        if _COUNTS_AS.search(self.asked):
            return counts
        if _FITS.search(self.asked):
            return fits
        if _MAY.search(self.asked):
            return may
        return enough if condition is not None and condition.test is not None else fits


def words_of(question: Question) -> Words:
    """The words of a verdict on `question`."""
    return Words(question.focus or question.text)


def fact_names(checks: Sequence[tuple[Condition, Finding]]) -> str:
    """Facts to know, joined: 项目实际投入（设备和软件）、项目类别."""
    return "、".join(dict.fromkeys(fact_words(condition) for condition, _ in checks[:QUESTIONS]))


def metric_words(test: Test) -> str:
    """项目实际投入（设备和软件） of 技术改造投资项目实际投入（设备和软件）."""
    return re.sub(r"^.*?(?:投资)?(?=项目.)", "", test.metric) or "数额"


def fact_key(condition: Condition) -> str:
    """Facts with one key are asked once."""
    if condition.test is not None and condition.kind is not ConditionKind.FIRST_TIME:
        metric = metric_of(condition.test.metric, share=condition.kind is ConditionKind.SHARE)
        return f"{condition.kind}{metric.concept or condition.test.metric}"
    return fact_words(condition)


def fact_words(condition: Condition) -> str:
    """What is to be known, as a noun: 项目实际投入, 项目类别."""
    if condition.kind is ConditionKind.FIRST_TIME:
        return "是不是首次"
    if condition.test is not None:
        counted = metric_words(condition.test)
        return f"{counted}的数量" if _NOUN.search(counted) else counted
    if condition.options and condition.kind is ConditionKind.INDUSTRY:
        return "项目类别" if _is_category(condition) else f"是否属于{condition.name}"
    if condition.options and condition.options[0].test is not None:
        return condition.options[0].test.metric
    if condition.kind in (ConditionKind.TITLE, ConditionKind.LEVEL):
        return f"是不是{condition.name}"
    return f"是否{'属于' if _NOUN.search(condition.name) else ''}{condition.name}"


def _is_category(condition: Condition) -> bool:
    return condition.name.endswith(("类别", "类型", "类"))


def met_reasons(one: Assessed) -> list[str]:
    """Reasons of the conditions that are met; figures first, the kind of project only where nothing else is known."""
    met = [(c, f) for c, f in one.checks if f.truth is Truth.MEETS and f.applies]
    met.sort(key=lambda check: check[0].test is None)
    told = [f.reason for c, f in met if not c.name.endswith("项目")]
    return told or ([f.reason for _, f in met] if one.truth is Truth.MEETS else [])


def quotes_of(one: Assessed) -> tuple[Quote, ...]:
    """The benefit itself, and the words of its conditions that stand elsewhere."""
    own = quote_in(one.at.benefit.quote, one.at.clause, one.at.policy_id)
    others = [quote_of(condition, one.at) for condition, _ in one.checks if condition.path != one.at.clause.path]
    beside = [quote_of(c, one.at) for c, _ in one.checks if c.path == one.at.clause.path and c.text not in own.text]
    return tuple(dict.fromkeys((own, *beside, *others)))


def general_name(one: Assessed) -> str:
    """Whoever belongs to no named category: 一般项目."""
    return "一般项目" if "项目" in one.at.benefit.beneficiary else "一般情形"


def once(checks: Sequence[tuple[Condition, Finding]]) -> list[tuple[Condition, Finding]]:
    """Each fact to know once, whatever the tier that asks for it."""
    kept: dict[str, tuple[Condition, Finding]] = {}
    for condition, finding in checks:
        key = fact_key(condition)
        before = kept.get(key)
        fuller = before is not None and len(fact_words(condition)) > len(fact_words(before[0]))
        if before is None or fuller:
            kept[key] = (condition, finding)
    # A figure settles more than a yes: it is asked first.
    return sorted(kept.values(), key=lambda check: check[0].test is None or check[0].kind is ConditionKind.FIRST_TIME)


def line_of(one: Assessed) -> Statement:
    """战略性新兴产业等类别:实际投入达到2000万元即可,3000万元够."""
    return Statement(f"{_who(one)}{requirement_words(one)}{paid_words(one)}。", quotes_of(one))


def _who(one: Assessed) -> str:
    """The label with a colon; a label that only repeats what is measured is left out."""
    size = one.size
    if one.category is not None:
        return f"{category_words(one)}:"
    if size is not None and size[0].test is not None:
        return f"{general_name(one)}:" if "项目" in one.label else ""
    return f"{one.label}:"


def paid_words(one: Assessed) -> str:
    """What is paid, where that is a fixed sum."""
    benefit = one.at.benefit
    if benefit.amount is None:
        return ""
    return f"({benefit.kind}{format_amount(benefit.amount)}{f',{benefit.base}' if benefit.base else ''})"


def category_words(one: Assessed) -> str:
    """属于战略性新兴产业等类别的; the label where the benefit names no category."""
    return f"属于{one.category[0].name}的" if one.category is not None else one.label


def requirement_words(one: Assessed) -> str:
    """What is required, and whether the figure that was said is enough."""
    size = one.size
    if size is None or size[0].test is None:
        return {Truth.MEETS: "符合", Truth.FAILS: "不符合", Truth.UNKNOWN: "是否符合还不清楚"}[one.truth]
    test = size[0].test
    bound = f"{metric_words(test)}{bound_words(test)}"
    if size[1].truth is Truth.UNKNOWN:
        return f"要求{bound}"
    said = size[1].reason.split(",")[0]
    return f"要求{bound},{said},{'够' if size[1].truth is Truth.MEETS else '不够'}"


def one_size(group: Sequence[Assessed]) -> bool:
    """Whether no bound on a size tells the benefits apart."""
    return len({one.size[0].name if one.size is not None else "" for one in group}) == 1 and not any(
        one.category for one in group
    )


def rule_lines(group: Sequence[Assessed]) -> tuple[Statement, ...]:
    """Each rule as the clause words it: 达到二级的，按照实际投入的25%补助."""
    return rule_lines_of([one.at for one in group])


def _rule_quote(at: BenefitAt) -> Quote:
    """The sentence of the clause that the rule stands in."""
    return evidence_in(at.benefit.quote, at)


def evidence_in(words: str, at: BenefitAt) -> Quote:
    """The whole sentence of the benefit's clause that has `words`."""
    quote = quote_in(words, at.clause, at.policy_id)
    for sentence in split_sentences(at.clause):
        if sentence.start <= quote.start and quote.end <= sentence.end:
            return Quote(at.policy_id, at.clause, sentence.start, sentence.end)
    return quote


def also_required(conditions: Sequence[Condition], at: BenefitAt) -> tuple[Statement, ...]:
    """Requirements that the question says nothing of, in the clauses' words, one statement each: 还要求:…;…."""
    kept: dict[Quote, None] = {}
    for condition in conditions:
        quote = evidence_of(condition, at)
        if not any(q.clause is quote.clause and q.start <= quote.start and quote.end <= q.end for q in kept):
            kept[quote] = None
    quotes = list(kept)[:REQUIRED]
    words = [quote.text.replace("\n", "").strip("；;，,。 ").removesuffix("的") for quote in quotes]
    ends = [";"] * (len(quotes) - 1) + ["。"]
    return tuple(
        Statement(f"{'还要求:' if number == 0 else ''}{text}{end}", (quote,))
        for number, (text, end, quote) in enumerate(zip(words, ends, quotes, strict=False))
    )


def rule_lines_of(rules: Sequence[BenefitAt]) -> tuple[Statement, ...]:
    """Each rule as its clause words it, the whole sentence."""
    return whole_lines([_rule_quote(at) for at in rules])


def whole_lines(quotes: Sequence[Quote]) -> tuple[Statement, ...]:
    """Quotes as statements of their own, each once."""
    kept = list(dict.fromkeys(quotes))[:RULES]
    return tuple(Statement(f"{quote.text.strip().rstrip('；;，,。')}。", (quote,)) for quote in kept)
