"""Policies, editions and manifests as the JSON and the text that the command line prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from index.models import Benefit, Clause, Edition, Policy, PolicyFacts
from index.store.manifest import Manifest

_KIND_NAMES = {"original": "原件", "reprint": "转载", "digest": "摘编"}
_PREVIEW = 40


def edition_object(edition: Edition) -> dict[str, Any]:
    """What `parse --json` prints: dates ISO, absent values None, amounts in 元."""
    return {
        **_facts_object(edition.facts),
        "clauses": [_clause_object(clause) for clause in edition.clauses],
        "benefits": [_benefit_object(benefit) for benefit in edition.benefits],
        "warnings": list(edition.warnings),
    }


def policy_object(policy: Policy, as_of: date) -> dict[str, Any]:
    """One element of `list --json`; `status` is that of the day `as_of`."""
    return {
        "id": policy.id,
        **_facts_object(policy.facts),
        "status": policy.facts.status(as_of).value,
        "edition": policy.best.kind.value,
        "editions": [{"name": edition.name, "kind": edition.kind.value} for edition in policy.editions],
        "clauses": len(policy.best.clauses),
    }


def manifest_object(manifest: Manifest, *, generation: str, stale: bool) -> dict[str, Any]:
    """What `status --json` prints."""
    failed = [{"path": record.path, "error": record.error} for record in manifest.files if record.error]
    return {
        "generation": generation,
        "created_at": manifest.created_at,
        "corpus_version": manifest.corpus_version,
        "stale": stale,
        "counts": asdict(manifest.counts),
        "embedding_model": manifest.embedding_model,
        "embedding": dict(manifest.embedding),
        "parser_version": manifest.parser_version,
        "format_version": manifest.format_version,
        "sources": list(manifest.sources),
        "added": [record.path for record in manifest.files if record.added],
        "removed": [record.path for record in manifest.removed],
        "failed": failed,
    }


def _facts_object(facts: PolicyFacts) -> dict[str, Any]:
    return {
        "title": facts.title,
        "doc_number": facts.doc_number,
        "issuers": list(facts.issuers),
        "level": facts.level.value if facts.level is not None else None,
        "region": facts.region,
        "issued_on": _iso(facts.issued_on),
        "effective_on": _iso(facts.effective_on),
        "expires_on": _iso(facts.expires_on),
        "period": list(facts.period) if facts.period is not None else None,
    }


def _clause_object(clause: Clause) -> dict[str, Any]:
    return {
        "path": clause.path,
        "label": clause.label,
        # An article without a heading shows the chapter it stands in.
        "heading": clause.heading or " > ".join(clause.trail) or None,
        "text": clause.text,
        "source": asdict(clause.source),
    }


def _benefit_object(benefit: Benefit) -> dict[str, Any]:
    return {
        "path": benefit.path,
        "beneficiary": benefit.beneficiary,
        "condition": benefit.condition,
        "kind": benefit.kind,
        "amount": _number(benefit.amount),
        "rate": benefit.rate,
        "base": benefit.base,
        "cap": _number(benefit.cap),
        "threshold": dict(benefit.threshold) if benefit.threshold is not None else None,
        "period": benefit.period,
        "quote": benefit.quote,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _number(value: float | None) -> float | None:
    """Whole amounts as integers, so that 5000000.0 is printed as 5000000."""
    return int(value) if value is not None and value.is_integer() else value


def edition_lines(edition: Edition) -> Iterator[str]:
    """A parsed file for a person: its facts, then the clause tree, indented by depth."""
    facts = edition.facts
    yield facts.title
    described = {
        "文号": facts.doc_number,
        "发文机关": "、".join(facts.issuers),
        "印发日期": _iso(facts.issued_on),
        "施行日期": _iso(facts.effective_on),
        "有效期至": _iso(facts.expires_on),
        "规划期": f"{facts.period[0]}—{facts.period[1]}" if facts.period is not None else None,
        "版本": _KIND_NAMES[edition.kind.value],
        "条款": f"{len(edition.clauses)} 条",
    }
    yield from (f"  {name}:{value}" for name, value in described.items() if value)
    for clause in edition.clauses:
        preview = " ".join(clause.text.split())
        shortened = preview if len(preview) <= _PREVIEW else f"{preview[:_PREVIEW]}…"
        yield f"{'  ' * (clause.path.count('.') + 1)}[{clause.path}] {clause.label} {shortened}"


def policy_line(policy: Policy, as_of: date) -> str:
    """One policy on one line."""
    number = policy.facts.doc_number or "无文号"
    status = policy.facts.status(as_of).value
    kind = _KIND_NAMES[policy.best.kind.value]
    return f"{policy.id}  {policy.facts.title}({number}) {status} {kind} {len(policy.best.clauses)} 条"


def manifest_lines(manifest: Manifest, *, generation: str, stale: bool) -> Iterator[str]:
    """The state of the index for a person."""
    counts = manifest.counts
    yield f"索引:{generation}({manifest.created_at})"
    yield f"内容:{counts.policies} 份政策,{counts.editions} 个版本,{counts.clauses} 条,{counts.chunks} 个分块"
    yield f"嵌入模型:{manifest.embedding_model}({manifest.dimension} 维)"
    yield f"来源:{'、'.join(manifest.sources) or '无'}"
    yield from (f"另行添加:{record.path}" for record in manifest.files if record.added)
    yield from (f"已移除:{record.path}" for record in manifest.removed)
    yield from (f"未能收录:{record.path}:{record.error}" for record in manifest.files if record.error)
    yield "状态:来源有变化,运行 `python -m index build --if-stale` 更新" if stale else "状态:最新"
