"""Whether naming an article finds it, for a corpus whose titles are names of laws with article numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.beir import Document
from index.models import Clause, PolicyFacts, SourceSpan
from index.parse.numerals import CN_NUMERAL, to_int
from rag.references import find_references, policies_named, resolve
from rag.titles import family

SAMPLE = 500
"""Articles asked for."""
LEAST = 20
"""Articles that a corpus must have; one with fewer has no such titles."""

_TITLE = re.compile(rf"(.+?)(第((?:\d+|{CN_NUMERAL}))条(?:之({CN_NUMERAL}))?)")
_LONG_NAME = "中华人民共和国"
_QUESTIONS = (
    "{name}{article}",
    "{short}{article}是什么",
    "《{name}》{article}的内容",
    "请问{short}{article}怎么规定的?",
    "根据{short}{digits},公司要承担什么责任",
    "想了解一下{short}的{article}",
    "《{short}》{digits}说了什么",
)


@dataclass(frozen=True, slots=True)
class Laws:
    """Laws with their articles.

    Attributes:
        facts: by name without 中华人民共和国, of the law's title.
        clauses: articles by law.
    """

    facts: Mapping[str, PolicyFacts]
    clauses: Mapping[str, Sequence[Clause]]


@dataclass(frozen=True, slots=True)
class Naming:
    """How many of `asked` questions found their article in the first place, and those that did not."""

    asked: int
    found_first: int
    failed: tuple[str, ...]


def laws_of(documents: Sequence[Document]) -> Laws:
    """Laws among documents whose titles are like 电力法第五十九条."""
    facts: dict[str, PolicyFacts] = {}
    clauses: dict[str, dict[str, Clause]] = {}
    for document in documents:
        found = _TITLE.fullmatch(document.title.strip())
        number = to_int(found[3]) if found is not None else None
        if found is None or number is None:
            continue
        # Some corpora hold a law under both of its names.
        law = family(found[1])
        facts.setdefault(law, PolicyFacts(title=found[1]))
        path = f"{number}-{to_int(found[4])}" if found[4] else str(number)
        clause = Clause(path, found[2], None, document.text, document.text, SourceSpan(0, len(document.text)))
        clauses.setdefault(law, {}).setdefault(path, clause)
    return Laws(facts, {law: tuple(articles.values()) for law, articles in clauses.items()})


def measure_naming(documents: Sequence[Document], *, seed: int = 11) -> Naming | None:
    """Ask for articles by law and number; None for a corpus without such titles."""
    laws = laws_of(documents)
    articles = [(law, clause) for law, clauses in laws.clauses.items() for clause in clauses]
    if len(articles) < LEAST:
        return None
    chance = random.Random(seed)
    chosen = chance.sample(articles, min(SAMPLE, len(articles)))
    asked = [(law, clause, question_for(laws.facts[law].title, clause, chance)) for law, clause in chosen]
    failed = [question for law, clause, question in asked if first_found(question, laws) != (law, clause.path)]
    return Naming(len(asked), len(asked) - len(failed), tuple(failed))


def question_for(title: str, clause: Clause, chance: random.Random) -> str:
    """A question that names an article, in one of several wordings."""
    number, _, inserted = clause.path.partition("-")
    digits = f"第{number}条" + (clause.label[clause.label.index("条") + 1 :] if inserted else "")
    short = title.removeprefix(_LONG_NAME)
    return chance.choice(_QUESTIONS).format(name=title, short=short, article=clause.label, digits=digits)


def first_found(question: str, laws: Laws) -> tuple[str, str] | None:
    """Law and path of the first article that a question names, as the retrieval reads it."""
    references = find_references(question)
    named = policies_named(references, laws.facts)
    for reference in references.clauses:
        for law in named.scope(reference) or ():
            for hit in resolve(reference, laws.clauses[law]):
                return law, hit.clause.path
    return None
