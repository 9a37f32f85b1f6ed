"""Policies on a shelf in place of an index, for pages that need no model; and a policy text that means harm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from rag_index import CORPUS, INVENTED, built

from index.errors import IndexMissingError
from index.merge import merge
from index.models import Clause, Policy, PolicyFacts
from index.parse import parse
from index.read import read_file
from index.settings import Settings
from web.service import AnswerService

HOSTILE = """临江市<script>window.hacked=1</script>扶持办法
临政发〔2025〕99号
第一条 为了<img src=x onerror="window.hacked=1">产业发展，制定本办法。
第二条 对获评省级"><script>window.hacked=2</script>样板工厂的企业，给予50万元奖励。
第三条 对=HYPERLINK("http://evil.example","点")项目，见[说明](javascript:window.hacked=3)，给予10万元补助。
第四条 本办法自2025年1月1日起施行，有效期至2029年12月31日。
"""


def built_with_hostile(folder: Path, *stems: str) -> Settings:
    """Settings of an index over the digests, the invented documents that begin with `stems`, and the hostile one."""
    bad = folder / "hostile.txt"
    bad.write_text(HOSTILE, encoding="utf-8")
    chosen = [path for path in INVENTED if path.stem.startswith(stems)]
    return built(folder / "data", [*CORPUS, *chosen, bad])


class Shelf:
    """Policies with what the pages need of an index reader."""

    manifest = SimpleNamespace(corpus_version="20260101-abcdef")

    def __init__(self, policies: Sequence[Policy]) -> None:
        self._policies = {policy.id: policy for policy in policies}

    def facts(self) -> dict[str, PolicyFacts]:
        return {key: policy.facts for key, policy in self._policies.items()}

    def policies(self) -> list[Policy]:
        return list(self._policies.values())

    def policy(self, policy_id: str) -> Policy:
        return self._policies[policy_id]

    def clauses(self, policy_id: str) -> tuple[Clause, ...]:
        return self._policies[policy_id].best.clauses

    def titled(self, words: str) -> Policy:
        """The only policy with `words` in its title."""
        (found,) = [policy for policy in self.policies() if words in policy.facts.title]
        return found


class ShelfService(AnswerService):
    """A service whose index is a shelf; without one, no index has been built."""

    def __init__(self, shelf: Shelf | None) -> None:
        self.shelf = shelf

    def reader(self):
        if self.shelf is None:
            raise IndexMissingError("还没有索引。", "请运行 python -m index build。")
        return self.shelf


@cache
def shelf() -> Shelf:
    """The shipped corpus and the invented documents."""
    return Shelf(merge([parse(read_file(path)) for path in (*CORPUS, *INVENTED)]))


def hostile(folder: Path) -> Shelf:
    """A shelf with the policy that means harm."""
    path = folder / "hostile.txt"
    path.write_text(HOSTILE, encoding="utf-8")
    return Shelf(merge([parse(read_file(path))]))


def client(routes: APIRouter) -> TestClient:
    """A client of an application with these routes alone."""
    app = FastAPI()
    app.include_router(routes)
    return TestClient(app)
