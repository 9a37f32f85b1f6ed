"""One question with its answer, and what of the expected stands in it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from eval.metrics.text import says
from eval.rows import Row, title_matches
from eval.runs import Cited, ClauseKey, Given, Record, Run
from index.clean.characters import simplify
from rag.validity import states_validity

ANSWERED, PARTIAL, REFUSED, FAILED = "answered", "partial", "refused", "failed"

Expected = tuple[str, str]
"""Policy title fragment and clause path."""

ClausePlace = tuple[str, str | None, str]
"""Policy title, document number and clause path."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row, what came back, and the comparison of the two.

    Attributes:
        titles: policy titles of the index by policy id.
        texts: clauses as the index has them, by title, document number and path; see `text_of`.
        latency_ms: None where it is not known.
    """

    row: Row
    record: Record
    titles: Mapping[str, str]
    texts: Mapping[ClausePlace, str]
    latency_ms: float | None = None

    @property
    def given(self) -> Given | None:
        """The answer, None where the question failed."""
        return self.record.answer

    @property
    def status(self) -> str:
        """Status of the answer, "failed" without one."""
        return self.given.status if self.given is not None else FAILED

    @property
    def asserted(self) -> str:
        """What the answer says: its text and its calculations."""
        if self.given is None:
            return ""
        lines = [f"{made.formula}\n{made.result}" for made in self.given.calculations]
        return "\n".join([self.given.answer, *lines])

    @property
    def shown(self) -> str:
        """Everything the person reads: what is asserted, the warnings and the questions back."""
        if self.given is None:
            return ""
        warnings = [warned.message for warned in self.given.warnings]
        return "\n".join([self.asserted, *warnings, *self.given.ask_back])

    @property
    def facts(self) -> tuple[tuple[str, bool], ...]:
        """Every expected fact, by its first spelling, and whether the person reads it."""
        shown = self.shown
        return tuple((group[0], any(says(shown, spelling) for spelling in group)) for group in self.row.facts)

    @property
    def forbidden(self) -> tuple[str, ...]:
        """What must not be asserted and is."""
        asserted = self.asserted
        return tuple(words for words in self.row.forbid if says(asserted, words))

    @property
    def missing_warnings(self) -> tuple[str, ...]:
        """Warning codes that are expected and not given."""
        codes = {warned.code for warned in self.given.warnings} if self.given is not None else set()
        return tuple(code for code in self.row.warn if code not in codes)

    @property
    def citations(self) -> tuple[Cited, ...]:
        """Citations of the answer."""
        return self.given.citations if self.given is not None else ()

    def cited(self, expected: Expected) -> bool:
        """Whether the answer cites the clause."""
        return any(fits(expected, cited.policy.title, cited.path) for cited in self.citations)

    def text_of(self, cited: Cited) -> str:
        """The clause that a citation names, as the index has it; empty where it has none."""
        return self.texts.get((cited.policy.title, cited.policy.doc_number, cited.path), "")

    def rank(self, expected: Expected) -> int | None:
        """Position of the clause in the retrieval, from 1; None where it was not retrieved."""
        return next((at for at, key in enumerate(self.record.ranking, start=1) if self._fits_key(expected, key)), None)

    @property
    def missing_clauses(self) -> tuple[Expected, ...]:
        """Clauses that had to be cited and are not; of a partial answer's nearest clauses one is enough."""
        missing = tuple(expected for expected in self.row.clauses if not self.cited(expected))
        if self.row.status == PARTIAL and len(missing) < len(self.row.clauses):
            return ()
        return missing

    @property
    def required(self) -> tuple[Expected, ...]:
        """Clauses that retrieval had to find; of a partial answer's nearest clauses the one ranked best."""
        if self.row.status != PARTIAL or not self.row.clauses:
            return self.row.clauses
        worst = len(self.record.ranking) + 1
        return (min(self.row.clauses, key=lambda expected: self.rank(expected) or worst),)

    @property
    def matched_ranking(self) -> tuple[Hashable, ...]:
        """The retrieved clauses, an expected one as it is named in the row, each once."""
        named = (
            next((expected for expected in self.row.clauses if self._fits_key(expected, key)), key)
            for key in self.record.ranking
        )
        return tuple(dict.fromkeys(named))

    @property
    def weighed_citations(self) -> tuple[tuple[Cited, bool], ...]:
        """Citations and whether they are expected.

        Left out are the statement of validity that every answer adds for a policy it rightly quotes, and the words that
        introduce an expected item (按照下列标准给予资助:), unless the row expects them: they are neither wrong nor what
        was asked.
        """
        weighed = []
        for cited in self.citations:
            wanted = any(fits(expected, cited.policy.title, cited.path) for expected in self.row.clauses)
            right_policy = any(title_matches(fragment, cited.policy.title) for fragment, _ in self.row.clauses)
            beside = states_validity(simplify(cited.quote)) or self._introduces(cited)
            if wanted or not (right_policy and beside):
                weighed.append((cited, wanted))
        return tuple(weighed)

    def _introduces(self, cited: Cited) -> bool:
        """Whether a citation is the lead of an item that is expected."""
        lead = cited.quote.rstrip().endswith(("：", ":"))
        return lead and any(
            title_matches(fragment, cited.policy.title) and path.startswith(f"{cited.path}.")
            for fragment, path in self.row.clauses
        )

    @property
    def correct(self) -> bool:
        """Whether nothing is wrong: status, every fact, no forbidden statement, citations and warnings."""
        return (
            self.status == self.row.status
            and all(found for _, found in self.facts)
            and not self.forbidden
            and not self.missing_clauses
            and not self.missing_warnings
        )

    def _fits_key(self, expected: Expected, key: ClauseKey) -> bool:
        return fits(expected, self.titles.get(key[0], ""), key[1])


def fits(expected: Expected, title: str, path: str) -> bool:
    """Whether a clause is the expected one."""
    fragment, wanted = expected
    return path == wanted and title_matches(fragment, title)


def outcomes(run: Run) -> tuple[Outcome, ...]:
    """Outcomes of the questions asked so far, in the order of the rows."""
    titles = {str(policy["id"]): str(policy["title"]) for policy in run.info.get("policies", [])}
    texts = {(clause.title, clause.doc_number, clause.path): clause.text for clause in run.clauses}
    return tuple(
        Outcome(row, run.records[row.id], titles, texts, run.times.get(row.id))
        for row in run.rows
        if row.id in run.records
    )
