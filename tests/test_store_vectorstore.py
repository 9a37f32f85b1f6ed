"""The index behind LangChain's `VectorStore`: what a caller of any vector store may count on."""

from __future__ import annotations

import asyncio

import pytest
from index_fakes import CountingSteps, write_policy
from langchain_core.documents import Document
from langchain_core.vectorstores import VectorStore

from index.build import Options, build
from index.settings import Settings
from index.store import IndexReader
from index.store.vectorstore import ClauseVectorStore


@pytest.fixture
def store(tmp_path):
    amounts = [
        f"{subject}奖励{amount}万元。" for amount, subject in enumerate(("设备", "软件", "人才", "用地", "用能"))
    ]
    write_policy(tmp_path / "s", "a.txt", "支持工业发展的意见", amounts, "杭政函〔2018〕99号")
    write_policy(tmp_path / "s", "b.txt", "支持科技创新的办法", ["研发中心资助200万元。"])
    steps = CountingSteps()
    settings = Settings(data_dir=tmp_path / "data")
    build([tmp_path / "s"], settings=settings, options=Options(parts=steps.parts()))
    return ClauseVectorStore(IndexReader.open(settings), steps.embedder)


QUESTION = "支持科技创新的办法 研发中心资助200万元。"


def test_it_is_a_langchain_store_with_its_embeddings(store):
    assert isinstance(store, VectorStore)
    assert store.embeddings.embed_query("企业")


def test_documents_carry_id_text_and_metadata(store):
    (document,) = store.similarity_search(QUESTION, k=1)
    assert document.page_content.endswith("研发中心资助200万元。")
    assert document.id == f"{document.metadata['policy_id']}#1#0"
    assert document.metadata | {"policy_id": ""} == {
        "policy_id": "",
        "path": "1",
        "label": "第1条",
        "title": "支持科技创新的办法",
        "doc_number": None,
        "start": 0,
        "end": 12,
    }


def test_scores_are_cosines_best_first(store):
    found = store.similarity_search_with_score(QUESTION, k=6)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1.0001 for score in scores)
    assert [document for document, _ in found] == store.similarity_search(QUESTION, k=6)
    vector = store.embeddings.embed_query(QUESTION)
    assert [document for document, _ in found] == store.similarity_search_by_vector(vector, k=6)


def test_more_than_there_is_gives_all_there_is(store):
    assert len(store.similarity_search(QUESTION, k=100)) == 6


def test_a_filter_still_fills_k(store):
    def industrial(document: Document) -> bool:
        return document.metadata["doc_number"] == "杭政函〔2018〕99号"

    found = store.similarity_search(QUESTION, k=3, filter=industrial)
    assert len(found) == 3
    assert all(industrial(document) for document in found)
    assert store.similarity_search(QUESTION, k=3, filter=lambda document: False) == []


def test_ids_are_looked_up_and_unknown_ones_left_out(store):
    known = [str(document.id) for document in store.similarity_search(QUESTION, k=2)]
    assert {document.id for document in store.get_by_ids([*known, "nobody"])} == set(known)
    assert store.get_by_ids([]) == []


def test_retrievers_work_in_every_search_type(store):
    plain = store.as_retriever(search_kwargs={"k": 2}).invoke(QUESTION)
    varied = store.as_retriever(search_type="mmr", search_kwargs={"k": 2, "fetch_k": 6}).invoke(QUESTION)
    near = store.as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"k": 6, "score_threshold": 0.99}
    ).invoke(plain[0].page_content)
    assert len(plain) == len(varied) == 2
    assert plain[0] == varied[0] == near[0]
    assert len(near) < 6


def test_searching_asynchronously_finds_the_same(store):
    assert asyncio.run(store.asimilarity_search(QUESTION, k=3)) == store.similarity_search(QUESTION, k=3)


def test_writing_is_refused_with_the_command_that_does_it(store):
    for attempt in (
        lambda: store.add_texts(["企业"]),
        lambda: store.add_documents([Document("企业")]),
        lambda: store.delete(["1"]),
        lambda: ClauseVectorStore.from_texts(["企业"], store.embeddings),
    ):
        with pytest.raises(NotImplementedError, match="python -m index"):
            attempt()
