"""Cheap stand-ins for the steps before the store, and a child process that builds again and again.

A source file is a title, a line `文号:…` where wanted, and lines `第N条 …`. A file with the word 损坏 cannot be read.
"""

from __future__ import annotations

import hashlib
import re
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from index.errors import SourceFileError
from index.models import Clause, Edition, EditionKind, Policy, PolicyFacts, RawDocument, SourceSpan
from index.parts import Parts
from index.settings import Settings

DIMENSION = 32


@dataclass(frozen=True, slots=True)
class FakeIdentity:
    name: str = "fake"
    dimension: int = DIMENSION
    revision: str = "1"
    adapter: str | None = None


@dataclass
class FakeEmbedder(Embeddings):
    """Bags of hashed character pairs; equal texts have cosine 1."""

    identity: FakeIdentity = field(default_factory=FakeIdentity)
    embedded: list[str] = field(default_factory=list)

    def embed_passages(self, texts, progress=None):
        self.embedded.extend(texts)
        if progress is not None:
            progress(len(texts))
        return np.stack([self._vector(text) for text in texts])

    def embed_documents(self, texts):
        return [self._vector(text).tolist() for text in texts]

    def embed_query(self, text):
        return self._vector(text).tolist()

    def _vector(self, text: str):
        vector = np.full(self.identity.dimension, 1e-3, dtype=np.float32)
        for at in range(len(text) - 1):
            vector[zlib.crc32(text[at : at + 2].encode()) % self.identity.dimension] += 1
        return vector / np.linalg.norm(vector)


@dataclass
class CountingSteps:
    """The fake steps, remembering what they were asked to do."""

    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    read_names: list[str] = field(default_factory=list)
    loads: int = 0

    def parts(self, parser_version: str = "fake/1") -> Parts:
        return Parts(
            discover=discover,
            read=self._read,
            parse=parse,
            merge=merge,
            load_embeddings=self._load,
            parser_version=parser_version,
        )

    def _read(self, path: Path) -> RawDocument:
        self.read_names.append(path.name)
        data = path.read_bytes()
        text = data.decode()
        if "损坏" in text:
            raise SourceFileError(path.name, "已损坏", "请换一个文件。")
        return RawDocument(path.name, "txt", text, hashlib.sha256(data).hexdigest())

    def _load(self, settings: Settings) -> FakeEmbedder:
        self.loads += 1
        return self.embedder


def discover(sources: Sequence[Path]) -> list[Path]:
    found = []
    for source in sources:
        if not source.exists():
            raise ValueError(f"来源“{source}”不存在。")
        found.extend(sorted(source.glob("*.txt")) if source.is_dir() else [source])
    return sorted(set(found))


def parse(raw: RawDocument) -> Edition:
    title = raw.text.partition("\n")[0]
    number = re.search(r"^文号:(.+)$", raw.text, re.M)
    clauses = tuple(
        Clause(
            path=match[1],
            label=f"第{match[1]}条",
            heading=None,
            text=match[2],
            written=match[2],
            source=SourceSpan(match.start(2), match.end(2)),
            trail=("第一章 总则",),
        )
        for match in re.finditer(r"^第(\d+)条 (.+)$", raw.text, re.M)
    )
    kind = EditionKind.DIGEST if "digest" in raw.name else EditionKind.ORIGINAL
    facts = PolicyFacts(title=title.strip(), doc_number=number[1] if number else None)
    return Edition(raw.name, raw.sha256, kind, facts, clauses, warnings=("没有日期。",))


def merge(editions: Sequence[Edition]) -> list[Policy]:
    groups: dict[str, list[Edition]] = {}
    for edition in editions:
        group = groups.setdefault(edition.facts.title, [])
        if edition.sha256 not in {other.sha256 for other in group}:
            group.append(edition)
    policies = []
    for title, group in groups.items():
        ordered = tuple(sorted(group, key=lambda edition: edition.kind.rank))
        digest = hashlib.sha256(title.encode()).hexdigest()[:8]
        policies.append(Policy(f"p-{digest}", ordered[0].facts, ordered))
    return policies


def write_policy(folder: Path, name: str, title: str, clauses: Sequence[str], number: str | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [title, *([f"文号:{number}"] if number else [])]
    lines += [f"第{ordinal}条 {text}" for ordinal, text in enumerate(clauses, start=1)]
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def build_for_ever(data_dir: Path, folder: Path, first: int) -> None:
    """Build version after version until killed; every clause of a version names it."""
    from index.build import Options, build

    settings = Settings(data_dir=data_dir)
    version = first
    while True:
        for policy in range(3):
            clauses = [f"第 {version} 版的规定之 {clause},奖励{clause}万元。" for clause in range(40)]
            write_policy(folder, f"{policy}.txt", f"办法{policy}", clauses)
        build([folder], settings=settings, options=Options(parts=CountingSteps().parts()))
        sys.stdout.write(f"{version}\n")
        sys.stdout.flush()
        version += 1


if __name__ == "__main__":
    build_for_ever(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
