"""Policies told by their place and the kind of document they are: 溪陵细则, 某市2024年版的办法, 某区的试行办法."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from index.models import PolicyFacts, PolicyId
from rag.places import region_names
from rag.titles import KINDS, PLACE_SUFFIX, family, fold, title_years, years_in

_KIND = re.compile(rf"{KINDS}")
_BETWEEN = re.compile(
    r"(?:的|那个|这个|这份|那份|本|关于|政府|若干|实施|管理|(?:19|20)\d\d年?(?:度|版|修订)?|新|老|旧|原|现行|试行|暂行|[()])*"
)
_TRIAL = re.compile(r"试行|暂行")
_NEW = re.compile(r"(?<!创)新(?:版|办法|政策|规定|细则|方案|意见|措施|的)|现行|最新")
_OLD = re.compile(r"(?:老|旧|原)(?:版|办法|政策|规定|细则|方案|意见|措施|的|来的)|以前的|之前的")

_YEARS_AWAY = {"今年": 0, "去年": -1, "上一年": -1, "前年": -2}
_OF_YEAR = re.compile(
    rf"(?P<year>今年|去年|上一年|前年)(?:的(?=[^,。?!]{{0,12}}(?:{KINDS}))|[^,。?!]{{0,8}}?(?:那个|这个|那版|这版|那份|那批|那会儿?的))"
)


def by_place_and_kind(words: str, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[PolicyId, ...]:
    """The policies that a name stands for which is no more than a place and a kind of document; () for any other."""
    plain = fold(words).strip("《》")
    found: list[PolicyId] = []
    for policy_id, about in facts.items():
        names = sorted(region_names(fold(about.region)) if about.region else (), key=len, reverse=True)
        name = next((one for one in names if plain.startswith(one)), "")
        rest = plain[len(name) :]
        suffix = PLACE_SUFFIX.match(rest)
        rest = rest[suffix.end() :] if suffix is not None else rest
        kind = _KIND.search(rest)
        between = _BETWEEN.match(rest)
        if name and kind is not None and between is not None and between.end() >= kind.start():
            found.append(policy_id)
    return told(plain, {key: facts[key] for key in found}) if found else ()


def told(words: str, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[PolicyId, ...]:
    """Of the policies of a place, those of the years and the kind that `words` name, and of the edition they mean."""
    years, kinds = set(years_in(words)), {found[0] for found in _KIND.finditer(words)}
    of_kind = [key for key, about in facts.items() if any(kind in about.title for kind in kinds)]
    dated = [key for key in of_kind or facts if years & set(title_years(facts[key]))]
    return edition_meant(words, {key: facts[key] for key in dated or of_kind})


def edition_meant(words: str, facts: Mapping[PolicyId, PolicyFacts]) -> tuple[PolicyId, ...]:
    """Of editions of one policy the one on trial, the newest or the oldest, where `words` say so; else all."""
    if len(facts) < 2 or len({family(about.title) for about in facts.values()}) > 1:
        return tuple(facts)
    trial = [key for key, about in facts.items() if _TRIAL.search(about.title)]
    if _TRIAL.search(words) and trial:
        return tuple(trial)
    if _NEW.search(words):
        return (_ordered(facts)[-1],)
    return (_ordered(facts)[0],) if _OLD.search(words) else tuple(facts)


def years_meant(words: str, facts: Mapping[PolicyId, PolicyFacts], today: date) -> tuple[int, ...]:
    """Years that tell apart the editions which `words` mean without a year: 老办法, 新版, 去年那个, 试行的时候.

    Args:
        facts: of the policies that may be meant.
        today: what 去年 counts from.
    """
    families: dict[str, dict[PolicyId, PolicyFacts]] = {}
    for key, about in facts.items():
        families.setdefault(family(about.title), {})[key] = about
    editions = [members for members in families.values() if len(members) > 1]
    years: list[int] = []
    for members in editions:
        known = {key: set(title_years(about)) for key, about in members.items()}
        meant = edition_meant(words, members)
        if len(meant) == 1:
            years += sorted(known[meant[0]] - set().union(*(own for key, own in known.items() if key != meant[0])))
        years += [year for year in _relative(words, today) if any(year in own for own in known.values())]
    return tuple(dict.fromkeys(years))


def _relative(words: str, today: date) -> list[int]:
    """Years of 去年那个政策, 今年的办法, 前年那版: not those in which something happened."""
    return [today.year + _YEARS_AWAY[found["year"]] for found in _OF_YEAR.finditer(words)]


def beside(policies: Iterable[PolicyId], facts: Mapping[PolicyId, PolicyFacts]) -> dict[PolicyId, PolicyFacts]:
    """The policies with the other editions of theirs."""
    families = {family(facts[key].title) for key in policies}
    return {key: about for key, about in facts.items() if family(about.title) in families}


def _ordered(facts: Mapping[PolicyId, PolicyFacts]) -> list[PolicyId]:
    return sorted(facts, key=lambda key: facts[key].effective_on or facts[key].issued_on or date.min)
