"""Noise changes how a policy is written down, not what parsing finds in it."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import opencc
import pytest
from documents.gold import flat, load_documents, plain_text, raw_document
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from noise import NOISES, apply, compatible

from index.models import Edition, RawDocument
from index.parse import parse

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
# These add or take characters inside a clause, so its span is longer than what is written.
_ADDING = {"glosses", "glosses_with_tones", "pages", "emphasis", "zero_width"}
_SPELLINGS = str.maketrans({"\ua3ac": ",", "\ua3ae": "。", "\ua3bb": ";", "\ua3ba": ":", "«": "《", "»": "》"})
_FACTS = ("title", "doc_number", "issuers", "level", "region", "issued_on", "effective_on", "expires_on", "period")


@dataclass(frozen=True, slots=True)
class Sample:
    """A clean plain text and the noises it cannot carry."""

    name: str
    text: str
    not_with: frozenset[str]


def _samples() -> list[Sample]:
    own = [
        Sample(d.name, plain_text(d.raw.text) if d.path.suffix == ".md" else d.raw.text, frozenset(d.facts["not_with"]))
        for d in load_documents()
    ]
    files = sorted(CORPUS.glob("*.md"))
    return own + [Sample(p.stem, plain_text(p.read_text(encoding="utf-8")), frozenset()) for p in files]


SAMPLES = {sample.name: sample for sample in _samples()}
CASES = [(noise, name) for noise in NOISES for name, sample in SAMPLES.items() if noise not in sample.not_with]
seeds = st.integers(min_value=0, max_value=2**32 - 1)


@cache
def _clean_edition(name: str) -> Edition:
    return parse(raw_document(SAMPLES[name].text))


def _noisy(sample: Sample, noises: set[str], seed: int) -> RawDocument:
    suffix = ".md" if "emphasis" in noises else ".txt"
    return raw_document(apply(sample.text, noises, random.Random(seed)), suffix=suffix)


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def _there_and_back(noises: set[str]) -> list[opencc.OpenCC]:
    """Converters that lose what conversion to traditional characters and back loses."""
    variant = {"traditional": "s2t", "traditional_tw": "s2tw"}
    names = [variant[noise] for noise in ("traditional", "traditional_tw") if noise in noises]
    return [_converter(name) for name in [*names, "t2s"]] if names else []


def _expected(value: object, converters: list[opencc.OpenCC]) -> object:
    if isinstance(value, str):
        for converter in converters:
            value = converter.convert(value)
        return flat(value)
    return tuple(_expected(v, converters) for v in value) if isinstance(value, tuple) else value


def _tree(edition: Edition, converters: list[opencc.OpenCC]) -> dict[str, object]:
    """Label and text of every clause by path; the key "paths" holds their order."""
    found: dict[str, object] = {"paths": [clause.path for clause in edition.clauses]}
    return found | {c.path: (flat(c.label), _expected(c.text, converters)) for c in edition.clauses}


def _facts(edition: Edition, converters: list[opencc.OpenCC]) -> dict[str, object]:
    return {name: _expected(getattr(edition.facts, name), converters) for name in _FACTS}


def _changed(noisy: dict[str, object], clean: dict[str, object], lossy: dict[str, object]) -> dict[str, object]:
    """What noise changed: expected and found by name. What the script itself loses (着, 著) may be lost."""
    names = clean.keys() | noisy.keys()
    return {n: (clean.get(n), noisy.get(n)) for n in names if noisy.get(n) not in (clean.get(n), lossy.get(n))}


def _spelled(text: str) -> str:
    """Characters as compared between span and clause: no blanks, wide and broken forms folded."""
    folded = unicodedata.normalize("NFKC", text.translate(_SPELLINGS)).translate(_SPELLINGS)
    return re.sub(r"[\s\u200b-\u200d\u2060\ufeff\u00ad]+", "", flat(folded))


def _is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(char in rest for char in part)


def _check_policy_is_unchanged(sample: Sample, noises: set[str], seed: int) -> None:
    clean, noisy = _clean_edition(sample.name), parse(_noisy(sample, noises, seed))
    converters = _there_and_back(noises)
    assert _changed(_facts(noisy, []), _facts(clean, []), _facts(clean, converters)) == {}
    assert _changed(_tree(noisy, []), _tree(clean, []), _tree(clean, converters)) == {}


def _check_spans(sample: Sample, noises: set[str], seed: int) -> None:
    raw = _noisy(sample, noises, seed)
    exact = not noises & _ADDING and "glosses" not in sample.not_with
    end = 0
    for clause in parse(raw).clauses:
        assert end <= clause.source.start < clause.source.end <= len(raw.text)
        end = clause.source.end
        assert len(clause.text) == len(clause.written)
        assert clause.heading is None or clause.text.startswith(clause.heading)
        span, written = _spelled(raw.text[clause.source.start : clause.source.end]), _spelled(clause.written)
        assert _is_subsequence(written, span)
        assert (span[0], span[-1]) == (written[0], written[-1])
        assert span == written or not exact


def test_samples_are_there() -> None:
    assert len(SAMPLES) >= 14
    if not list(CORPUS.glob("*.md")):
        pytest.skip("corpus/ holds no digests; only the documents of tests/ were used")


@pytest.mark.parametrize("name", SAMPLES)
def test_clean_text_has_clauses_with_exact_spans(name: str) -> None:
    assert len(_clean_edition(name).clauses) >= 3
    _check_spans(SAMPLES[name], set(), 0)


@pytest.mark.parametrize(("noise", "name"), CASES)
@given(seed=seeds)
@settings(max_examples=3, deadline=None, derandomize=True, phases=(Phase.generate,))
def test_one_noise_leaves_the_policy_unchanged(noise: str, name: str, seed: int) -> None:
    _check_policy_is_unchanged(SAMPLES[name], {noise}, seed)


@pytest.mark.parametrize("noise", NOISES)
@given(data=st.data(), seed=seeds)
@settings(max_examples=8, deadline=None, derandomize=True, phases=(Phase.generate,))
def test_spans_of_a_noisy_file_hold_their_clauses(noise: str, data: st.DataObject, seed: int) -> None:
    name = data.draw(st.sampled_from([name for case, name in CASES if case == noise]))
    _check_spans(SAMPLES[name], {noise}, seed)


@st.composite
def _combinations(draw: st.DrawFn, not_with: frozenset[str]) -> set[str]:
    """Two to six noises that occur together."""
    chosen: set[str] = set()
    for noise in draw(st.permutations(sorted(NOISES.keys() - not_with))):
        if compatible({*chosen, noise}):
            chosen.add(noise)
        if len(chosen) == 6:
            break
    return set(draw(st.lists(st.sampled_from(sorted(chosen)), min_size=2, max_size=6, unique=True)))


@pytest.mark.parametrize("name", SAMPLES)
@given(data=st.data(), seed=seeds)
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_noises_together_leave_the_policy_unchanged(name: str, data: st.DataObject, seed: int) -> None:
    noises = data.draw(_combinations(SAMPLES[name].not_with))
    _check_policy_is_unchanged(SAMPLES[name], noises, seed)
    _check_spans(SAMPLES[name], noises, seed)


def test_noise_is_a_pure_function_of_text_and_seed() -> None:
    text = SAMPLES["yuntai-subsidy"].text
    for noise in NOISES:
        assert apply(text, [noise], random.Random(5)) == apply(text, [noise], random.Random(5))


@pytest.mark.parametrize("noise", NOISES)
def test_every_noise_changes_a_text_it_fits(noise: str) -> None:
    fitting = [sample for sample in SAMPLES.values() if noise not in sample.not_with]
    assert any(apply(sample.text, [noise], random.Random(seed)) != sample.text for sample in fitting for seed in (1, 2))
