"""The check that every answer passes: sentence by sentence against the clauses its markers stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from index.models import Benefit, PolicyFacts, PolicyId
from index.quantities import Kind
from rag.figures import PLAIN, Figure, figures
from rag.verify.evidence import Allowed, Evidence, allow, prepare
from rag.verify.models import FigureError, Problem, ProblemKind, Quote, Said, Source, Statement, Verdict
from rag.verify.pairing import fault_of_figure, same_figure
from rag.verify.plain import fold_said, letters
from rag.verify.readings import Reading, Role, read
from rag.verify.split import split_answer
from rag.verify.wording import (
    RELATED,
    RELEVANT,
    SILENT,
    foreign_part,
    support,
    terms_of,
    without_silence,
    wording_faults,
)
from rag.verify.words import marks

_ASKS = re.compile(r"[?？]\s*$|^请问|多少|是否|哪|什么|怎么|如何|几[家个年]")
_INTRODUCES = re.compile(r"[:：]$")
_ADVICE = re.compile(
    r"^(?:具体|详情|其余|建议|请|可以?(?:问|向)|如需|欢迎|您|你|抱歉|对不起|谢谢|以下|下面|前提|计算|注意|说明)"
)
_STATES = re.compile(
    r"可以(?!问|告诉|咨询|补充|再)|责令|罚|奖|补(?!充)|资助|给予|支持|享受|贴息|返还|减免|应当|必须|不得|可以申|有效|失效|施行|废止|负责|牵头|认定|条件|目标|达到|国家级|省级|市级|区级"
)


def check_sentence(
    sentence: str,
    sources: Sequence[Source],
    *,
    question: str = "",
    derived: Sequence[str] = (),
    titles: Sequence[str] = (),
    as_of: date | None = None,
) -> tuple[Problem, ...]:
    """Problems of one sentence, none where it may be shown.

    Args:
        sentence: with or without markers; markers are not looked at.
        sources: what it cites; empty for a sentence without markers.
        question: what was asked: its figures may be repeated as facts of the enterprise.
        derived: shown calculations (formula or formula=result) whose figures may be used.
        titles: titles of policies that may be named beside those of the sources.
        as_of: the day of the answer, which may be named.
    """
    (said, *others) = split_answer(sentence) or (Said(sentence, sentence, (), 0, len(sentence)),)
    text = "".join([said.text, *(other.text for other in others)])
    evidences = [prepare(source) for source in sources]
    return tuple(_problems(text, sentence, evidences, allow(question, derived, as_of), titles))


def check_text(
    text: str,
    sources: Sequence[Source],
    *,
    question: str = "",
    calculations: Sequence[str] = (),
    titles: Sequence[str] = (),
    as_of: date | None = None,
) -> Verdict:
    """Check an answer with markers [n], sentence by sentence.

    Args:
        text: the answer; Markdown lists and bold type are understood.
        sources: what the markers may stand for; several may share a number.
        calculations: formulas and results of shown calculations.

    Returns:
        The sentences that may be shown, the problems of the others, and the answer without those.
    """
    allowed = allow(question, calculations, as_of)
    prepared: dict[int, list[Evidence]] = {}
    for source in sources:
        prepared.setdefault(source.marker, []).append(prepare(source))
    kept: list[Said] = []
    problems: list[Problem] = []
    for said in split_answer(text):
        found = _problems_of_said(said, prepared, allowed, titles)
        problems += found
        if not found:
            kept.append(said)
    return Verdict(tuple(kept), tuple(problems), _joined(text, kept, problems))


def _problems_of_said(
    said: Said, prepared: Mapping[int, Sequence[Evidence]], allowed: Allowed, titles: Sequence[str]
) -> list[Problem]:
    invented = [number for number in said.markers if number not in prepared]
    if invented:
        written = "".join(f"[{number}]" for number in invented)
        return [Problem(ProblemKind.MARKER, f"标注 {written} 没有对应的条款。", said.written)]
    by_marker = [prepared[number] for number in said.markers]
    evidences = [evidence for group in by_marker for evidence in group]
    everything = [evidence for group in prepared.values() for evidence in group]
    known = [*titles, *(evidence.source.facts.title for evidence in everything if not evidences)]
    found = list(_problems(said.text, said.written, evidences, allowed, known))
    if not found and len(by_marker) > 1:
        found += _idle_markers(said, by_marker)
    return found


def _idle_markers(said: Said, by_marker: Sequence[Sequence[Evidence]]) -> list[Problem]:
    """Markers whose clause adds nothing to the sentence."""
    plain = fold_said(said.text)
    readings = read(plain)
    problems = []
    for number, group in zip(said.markers, by_marker, strict=True):
        if not any(_shares(plain, readings, evidence) for evidence in group):
            problems.append(Problem(ProblemKind.RELEVANCE, f"标注 [{number}] 的条款与这句话无关。", said.written))
    return problems


def _shares(plain: str, readings: Sequence[Reading], evidence: Evidence) -> bool:
    if any(same_figure(said.quantity, one.quantity) for said in readings for one in evidence.readings):
        return True
    return support(plain, evidence.context) >= RELATED


def _problems(
    text: str, written: str, evidences: Sequence[Evidence], allowed: Allowed, titles: Sequence[str]
) -> Iterator[Problem]:
    whole = fold_said(text)
    if any(_verbatim(whole, evidence) for evidence in evidences):
        return
    plain = _without_quotation(whole, evidences)
    readings = read(without_silence(plain))
    faults: list[tuple[ProblemKind, str]] = []
    if not evidences and _needs_marker(plain, readings, allowed):
        faults.append((ProblemKind.UNCITED, "这句话陈述了事实,却没有标注依据的条款"))
    if evidences:
        found = [fault_of_figure(one, evidences, allowed) for one in readings]
        faults += [fault for fault in found if fault is not None]
    faults += wording_faults(plain, evidences, allowed, titles)
    if evidences and not faults and plain == whole:
        faults += _relevance(plain, readings, evidences, allowed)
    for kind, message in dict.fromkeys(faults):
        yield Problem(kind, f"{message}:{text}", written)


def _verbatim(plain: str, evidence: Evidence, *, whole: bool = False) -> bool:
    """Whether a sentence is a run of whole parts of the clause, word for word, its figures in the quoted range.

    With `whole` it must begin where a sentence of the clause begins.
    """
    wanted, stated = letters(plain), evidence.letters
    at = stated.text.find(wanted) if wanted else -1
    while at >= 0:
        start, end = stated.offsets[at], stated.offsets[at + len(wanted) - 1] + 1
        before, after = evidence.plain[:start][-1:], evidence.plain[end : end + 1]
        begins = not before or before in "。;:!?" or start == evidence.body if whole else not _is_word(before)
        if begins and not _is_word(after):
            inside = {one.at for one in evidence.others if start <= one.at < end}
            return inside <= {one.at for one in evidence.readings}
        at = stated.text.find(wanted, at + 1)
    return False


def _is_word(char: str) -> bool:
    return bool(char) and (char.isalnum() or char in "%‰")


def _without_quotation(plain: str, evidences: Sequence[Evidence]) -> str:
    """The sentence without whole sentences of a clause behind an introduction that names no subject."""
    for match in re.finditer(":", plain):
        head, tail = plain[: match.end()], plain[match.end() :]
        if marks(head) or not (SILENT.search(head) or all(weight < 1 for _, weight in terms_of(head))):
            return plain
        if any(_verbatim(tail, evidence, whole=True) for evidence in evidences):
            return head
    return plain


def _needs_marker(plain: str, readings: Sequence[Reading], allowed: Allowed) -> bool:
    """Whether a sentence states what only a clause can support."""
    free = [*allowed.results, *allowed.operands]
    for one in readings:
        asked = any(same_figure(one.quantity, other) or same_figure(other, one.quantity) for other in allowed.question)
        calculated = any(same_figure(one.quantity, other) for other in free)
        counted = one.quantity.kind is Kind.COUNT and _COUNTS_ANSWERS.search(plain)
        if not calculated and not counted and not (asked and one.role is not Role.PAID):
            return True
    if readings and free:
        return False
    if SILENT.search(plain) or _ASKS.search(plain) or _INTRODUCES.search(plain) or _ADVICE.match(plain):
        return False
    strong = [term for term, weight in terms_of(plain) if weight == 1.0]
    return bool(_STATES.search(plain)) and len(strong) >= 1


_COUNTS_ANSWERS = re.compile(
    r"(?:共|以下|下面|收录了?|分为?|有)[^,;。]{0,6}[\d一二两三四五六七八九十]+(?:类|份|种|项|条|点|方面|个方面|部分)"
)


def _relevance(
    plain: str, readings: Sequence[Reading], evidences: Sequence[Evidence], allowed: Allowed
) -> Iterator[tuple[ProblemKind, str]]:
    """A marked sentence has its words from the clause; a part of it that has none was added."""
    context = "".join(evidence.context for evidence in evidences)
    found = [*(one.quantity for evidence in evidences for one in evidence.readings), *allowed.results]
    shared = sum(
        any(same_figure(one.quantity, other) for other in found)
        for one in readings
        if one.quantity.kind is not Kind.DATE or one.quantity.unit == "日"
    )
    silent = bool(SILENT.search(plain)) and not readings
    specific = any(weight == 1.0 for _, weight in terms_of(plain))
    if specific and not silent and support(plain, context, shared) < RELEVANT:
        yield (ProblemKind.RELEVANCE, "引用的条款没有说这些内容")
        return
    part = foreign_part(plain, f"{context},{allowed.text}")
    if part is not None and not SILENT.search(part) and not _ADVICE.match(part):
        yield (ProblemKind.RELEVANCE, f"“{part}”在引用的条款里没有依据")


def _joined(text: str, kept: Sequence[Said], problems: Sequence[Problem]) -> str:
    """The answer without the sentences that have problems; as it is where there are none."""
    if not problems:
        return text
    lines: dict[int, str] = {}
    for said in kept:
        line = text.count("\n", 0, said.start)
        lines[line] = f"{lines.get(line, '')}{said.written.strip()}"
    return "\n".join(lines[line] for line in sorted(lines))


def unsupported_figures(text: str, sources: Sequence[str]) -> tuple[Figure, ...]:
    """Figures of `text` whose value none of `sources` has; pairing and bounds are not looked at."""
    known = {figure.key for source in sources for figure in figures(source)}
    values = {value for value, _ in known}
    return tuple(
        figure
        for figure in figures(text)
        if figure.key not in known and not (figure.unit == PLAIN and figure.key[0] in values)
    )


def check(
    statement: Statement,
    allowed: Sequence[str] = (),
    *,
    facts: Mapping[PolicyId, PolicyFacts] | None = None,
    benefits: Mapping[PolicyId, Sequence[Benefit]] | None = None,
    as_of: date | None = None,
) -> None:
    """Make sure that a composed statement says what its quotes say.

    Args:
        allowed: the question and policy titles.
        facts, benefits: of the quoted policies, by id, where they are known.

    Raises:
        FigureError: it does not; the message is for the user.
    """
    sources = [_source(quote, at, facts or {}, benefits or {}) for at, quote in enumerate(statement.quotes, start=1)]
    evidences = [prepare(source) for source in sources]
    free = allow("\n".join(allowed), statement.derived, as_of)
    for said in split_answer(statement.text):
        for problem in _problems(said.text, said.written, evidences, free, allowed):
            # An introduction rests on nothing; a figure never does.
            if problem.kind is not ProblemKind.UNCITED or evidences or read(fold_said(said.text)):
                raise FigureError(problem.message)


def _source(
    quote: Quote, at: int, facts: Mapping[PolicyId, PolicyFacts], benefits: Mapping[PolicyId, Sequence[Benefit]]
) -> Source:
    about = facts.get(quote.policy_id) or PolicyFacts(title="")
    own = tuple(one for one in benefits.get(quote.policy_id, ()) if one.path == quote.clause.path)
    return Source(at, quote.clause, about, own, quote.start, quote.end)


def verified(
    statements: Sequence[Statement],
    allowed: Sequence[str] = (),
    *,
    facts: Mapping[PolicyId, PolicyFacts] | None = None,
    benefits: Mapping[PolicyId, Sequence[Benefit]] | None = None,
    as_of: date | None = None,
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """The statements that pass `check`, and the reasons why the others do not."""
    kept: list[Statement] = []
    reasons: list[str] = []
    for statement in statements:
        try:
            check(statement, allowed, facts=facts, benefits=benefits, as_of=as_of)
        except FigureError as error:
            reasons.append(str(error))
        else:
            kept.append(statement)
    return tuple(kept), tuple(reasons)
