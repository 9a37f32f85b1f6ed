"""Synthetic policies in any number, with random vectors: for measuring the store, not the answers."""

from __future__ import annotations

import random
import re
from datetime import date

import numpy as np

from index.chunk import chunk_policy
from index.models import Clause, Edition, EditionKind, Policy, PolicyFacts, SourceSpan
from index.store.database import ParsedFile
from index.store.manifest import FileRecord
from index.store.writer import Contents

_CLAUSES_A_POLICY = 50
_WORDS = re.findall(
    r"\S+",
    "企业 技术 改造 研发 中心 平台 产业 园区 项目 设备 投资 奖励 补助 资助 贴息 首次 认定 国家级 省级 市级 "
    "制造业 数字 经济 创新 人才 引进 知识 产权 标准 质量 品牌 上市 并购 重组 节能 绿色 循环 供应链 首台套 "
    "专项 资金 财政 申报 审核 部门 条件 营业 收入 增长 比例 不超过 最高 给予 一次性 按照 符合 连续 年度 评审",
)


def synthetic_contents(chunks: int, *, dimension: int) -> Contents:
    """A corpus of `chunks` one-clause chunks of about 120 characters, the same for the same arguments."""
    chance = random.Random(11)
    policies = [
        _policy(number, min(_CLAUSES_A_POLICY, chunks - number * _CLAUSES_A_POLICY), chance)
        for number in range(-(-chunks // _CLAUSES_A_POLICY))
    ]
    pieces = [chunk for policy in policies for chunk in chunk_policy(policy)]
    vectors = np.random.default_rng(11).standard_normal((len(pieces), dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = [policy.best.name for policy in policies]
    return Contents(
        policies=policies,
        chunks=pieces,
        vectors=vectors,
        parsed=[ParsedFile(name, name, name, "synthetic", False, "{}") for name in names],
        files=[FileRecord(name, name) for name in names],
        removed=(),
        sources=(),
        parser_version="synthetic",
        embedding_model="synthetic",
        embedding={"name": "synthetic", "dimension": dimension, "revision": "1", "adapter": None},
    )


def _policy(number: int, clauses: int, chance: random.Random) -> Policy:
    facts = PolicyFacts(
        title=f"关于支持第{number}号产业园区发展的若干意见",
        doc_number=f"例政发〔2020〕{number}号",
        effective_on=date(2020, 1, 1),
    )
    built = tuple(_clause(ordinal, chance) for ordinal in range(1, clauses + 1))
    edition = Edition(f"{number}.txt", f"{number:064x}", EditionKind.ORIGINAL, facts, built)
    return Policy(f"synthetic-{number}", facts, (edition,))


def _clause(ordinal: int, chance: random.Random) -> Clause:
    # Long-tail word use: a few words everywhere, names that occur once.
    words = [_WORDS[int(len(_WORDS) * chance.random() ** 2)] for _ in range(50)]
    text = "".join(words) + f"奖励{chance.randrange(1, 5000)}万元，编号{chance.randrange(10**6)}。"
    return Clause(str(ordinal), f"第{ordinal}条", None, text, text, SourceSpan(0, len(text)))
