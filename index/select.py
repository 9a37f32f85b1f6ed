"""Find the one policy a person means by an id, a document number or part of a title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from index.models import PolicyFacts, PolicyId

_SHOWN = 10
_BRACKETS = str.maketrans("〔〕[]【】「」《》", "()()()()()")
_BLANKS = re.compile(r"\s+")


def select_policy(policies: Mapping[PolicyId, PolicyFacts], text: str) -> PolicyId:
    """The policy that `text` names: by id, else document number, else whole title, else part of a title.

    Brackets and blanks count alike in all their forms: 杭政函[2018]99号 finds 杭政函〔2018〕99号.

    Raises:
        ValueError: `text` is blank, or fits no policy or several; the message lists candidates.
    """
    wanted = _folded(text)
    if not wanted:
        raise ValueError("请给出政策的编号、文号或标题中的文字。")
    if text in policies:
        return text
    matchers: tuple[Callable[[PolicyFacts], bool], ...] = (
        lambda facts: wanted == _folded(facts.doc_number or ""),
        lambda facts: wanted == _folded(facts.title),
        lambda facts: wanted in _folded(facts.title),
    )
    for matches in matchers:
        found = {policy_id: facts for policy_id, facts in policies.items() if matches(facts)}
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise ValueError(f"“{text}”对应 {len(found)} 份政策,请用编号或文号指明一份:{_listed(found)}")
    if not policies:
        raise ValueError(f"没有找到政策“{text}”:索引中没有政策。")
    raise ValueError(f"没有找到政策“{text}”。索引中有:{_listed(policies)}")


def _folded(text: str) -> str:
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text).translate(_BRACKETS)).lower()


def _listed(policies: Mapping[PolicyId, PolicyFacts]) -> str:
    shown = [_named(policy_id, facts) for policy_id, facts in list(policies.items())[:_SHOWN]]
    more = f";等 {len(policies)} 份" if len(policies) > _SHOWN else ""
    return ";".join(shown) + more


def _named(policy_id: PolicyId, facts: PolicyFacts) -> str:
    number = f",{facts.doc_number}" if facts.doc_number else ""
    return f"{facts.title}(编号 {policy_id}{number})"
