"""What a question set is checked against and proposed from: policies with their clauses, by title fragment."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.rows import title_matches
from index.errors import PolicyQAError
from index.models import Clause, ClausePath, Policy, PolicyFacts
from index.parts import Parts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownPolicy:
    """A policy as a set's rows name it.

    Attributes:
        facts: title and dates.
        clauses: of the edition that is quoted, in order.
    """

    facts: PolicyFacts
    clauses: tuple[Clause, ...]

    @property
    def paths(self) -> tuple[ClausePath, ...]:
        """Paths of the clauses, in order."""
        return tuple(clause.path for clause in self.clauses)

    def clause(self, path: ClausePath) -> Clause | None:
        """The clause at `path`; None where there is none."""
        return next((clause for clause in self.clauses if clause.path == path), None)


def known_policies(policies: Iterable[Policy]) -> tuple[KnownPolicy, ...]:
    """The policies of an index, or those that `read_policies` gives."""
    return tuple(KnownPolicy(policy.facts, policy.best.clauses) for policy in policies)


def read_policies(sources: Sequence[Path]) -> tuple[Policy, ...]:
    """Policies read from files and folders, without an index.

    As in a build, what cannot be read in a folder is left out; the log names it.

    Raises:
        ValueError: a source does not exist.
        PolicyQAError: a file that is named itself cannot be read.
    """
    steps = Parts.installed()
    editions = []
    for path in steps.discover(sources):
        try:
            editions.append(steps.parse(steps.read(path)))
        except PolicyQAError as error:
            if path in sources:
                raise
            logger.warning("left out %s: %s", path, error)
    return tuple(steps.merge(editions))


def named_by(fragment: str, known: Sequence[KnownPolicy]) -> tuple[KnownPolicy, ...]:
    """Policies whose title contains `fragment`; a title that is the fragment wins over longer ones."""
    found = [policy for policy in known if title_matches(fragment, policy.facts.title)]
    exact = [policy for policy in found if title_matches(policy.facts.title, fragment)]
    return tuple(exact or found)
