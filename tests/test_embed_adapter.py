"""The adapter: added to the weights once, named by the index, refused where it does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from index.build import build, is_stale
from index.embed import load_embeddings, unpack
from index.embed.adapter import FORMAT, SHIPPED, Adapter, configured_adapter, read_adapter
from index.embed.source import find_model
from index.errors import IndexMismatchError, ModelError
from index.settings import Settings
from index.store import IndexReader
from training.pack import Packed, mean_change, pack, write_adapter

BASE = "0123456789ab"


def saved(path: Path, tensors: dict[str, np.ndarray], **metadata: str) -> Path:
    save_file(tensors, path, metadata={"format": FORMAT, "base": BASE, "name": "own", **metadata})
    return path


def test_a_product_of_factors_and_a_whole_change_are_added() -> None:
    adapter = Adapter(
        "own", BASE, {"a.up": np.ones((3, 1)), "a.down": np.full((1, 2), 0.5), "b.delta": np.array([1.0, -1.0])}
    )
    weights = [("a", np.zeros((3, 2), np.float16)), ("b", np.ones(2, np.float32)), ("c", np.ones(1, np.float16))]
    merged = dict(adapter.merged(weights))
    assert merged["a"].tolist() == [[0.5, 0.5]] * 3
    assert merged["b"].tolist() == [2.0, 0.0]
    assert merged["c"] is weights[2][1]
    assert [merged[name].dtype for name in "abc"] == [np.float16, np.float32, np.float16]


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({"a.delta": np.ones(3)}, "形状"),
        ({"z.delta": np.ones(2)}, "z.delta"),
        ({"a.up": np.ones((2, 2)), "a.down": np.ones((3, 1))}, "因子"),
        ({"a.up": np.ones((2, 2))}, "a.up"),
    ],
)
def test_an_adapter_that_does_not_fit_the_weights_is_refused(tensors: dict[str, np.ndarray], told: str) -> None:
    with pytest.raises(ModelError, match=f"{told}.*POLICYQA_ADAPTER"):
        dict(Adapter("own", BASE, tensors).merged([("a", np.ones((2, 1), np.float32))]))


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_a_change_of_low_rank_is_packed_without_loss(seed: int, rank: int) -> None:
    chance = np.random.default_rng(seed)
    change = (chance.normal(size=(24, rank)) @ chance.normal(size=(rank, 16))).astype(np.float32)
    packed = pack({"w": change, "b": np.ones(4, np.float32)}, limit=2 * (24 + 16) * rank + 8)
    assert packed.explained == pytest.approx(1, abs=1e-4)
    merged = dict(
        Adapter("own", BASE, packed.tensors).merged([("w", np.zeros((24, 16), np.float32)), ("b", np.ones(4))])
    )
    assert merged["w"] == pytest.approx(change, abs=0.02 * float(np.abs(change).max()))
    assert merged["b"].tolist() == [2.0] * 4


@given(st.integers(100, 3000))
def test_an_adapter_keeps_to_its_size(limit: int) -> None:
    change = np.random.default_rng(limit).normal(size=(24, 16)).astype(np.float32)
    packed = pack({"w": change}, limit=limit)
    assert sum(tensor.nbytes for tensor in packed.tensors.values()) <= limit
    assert 0 <= packed.explained <= 1.0001


def test_the_change_is_the_mean_over_the_models_and_leaves_out_what_stayed() -> None:
    base = {"w": np.zeros((2, 2), np.float16), "same": np.ones(2, np.float32)}
    tuned = [{"w": np.full((2, 2), value, np.float32), "same": np.ones(2, np.float32)} for value in (1, 3)]
    changes = mean_change(base, tuned)
    assert list(changes) == ["w"]
    assert changes["w"].tolist() == [[2, 2], [2, 2]]
    with pytest.raises(ValueError, match="没有改变"):
        mean_change(base, [base])
    with pytest.raises(ValueError, match="权重不同"):
        mean_change(base, [{"w": np.zeros((3, 2))}])


def test_an_adapter_is_named_by_its_content(tmp_path: Path) -> None:
    one = read_adapter(saved(tmp_path / "a.safetensors", {"w.delta": np.ones(2)}), base=BASE)
    again = read_adapter(saved(tmp_path / "b.safetensors", {"w.delta": np.ones(2)}), base=BASE)
    other = read_adapter(saved(tmp_path / "c.safetensors", {"w.delta": np.zeros(2)}), base=BASE)
    assert one.name == again.name != other.name
    assert one.name.startswith("own-")


def test_an_adapter_for_another_model_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", {"w.delta": np.ones(2)}, base="other")
    with pytest.raises(ModelError, match="另一版随附模型"):
        read_adapter(path, base=BASE)


@pytest.mark.parametrize("content", [b"", b"not an adapter", b"\x10" * 400])
def test_a_file_that_is_no_adapter_is_a_chinese_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"broken\.safetensors.*POLICYQA_ADAPTER"):
        read_adapter(path, base=BASE)


def test_a_safetensors_file_of_something_else_is_refused(tmp_path: Path) -> None:
    save_file({"w": np.ones(2)}, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match="不是本程序的适配器"):
        read_adapter(tmp_path / "model.safetensors", base=BASE)


def test_the_setting_names_the_shipped_one_none_or_a_file(tmp_path: Path) -> None:
    own = saved(tmp_path / "own.safetensors", {"w.delta": np.ones(2)})
    assert configured_adapter("") == SHIPPED
    assert configured_adapter(" None ") is None
    assert configured_adapter(str(own)) == own
    with pytest.raises(ModelError, match=r"找不到适配器文件.*none"):
        configured_adapter(str(tmp_path / "missing.safetensors"))


def test_the_shipped_adapter_fits_the_bundled_model_and_is_small_enough() -> None:
    assert SHIPPED.stat().st_size <= 10_000_000
    without, with_it = (find_model(Settings(adapter=setting)) for setting in ("none", ""))
    assert without.adapter is None
    assert with_it.adapter
    assert with_it.revision == without.revision
    assert with_it.folder != without.folder


def test_the_shipped_adapter_changes_the_vectors_and_none_leaves_them() -> None:
    text = "首次上规的工业企业能拿多少奖励"
    one, other = (load_embeddings(Settings(adapter=setting)) for setting in ("none", ""))
    assert one.identity.adapter is None
    assert other.identity.adapter
    assert 0.2 < float(one.embed_question(text) @ other.embed_question(text)) < 0.999


def test_an_adapter_that_changes_nothing_gives_the_same_weights(tmp_path: Path) -> None:
    plain = find_model(Settings(adapter="none"))
    own = tmp_path / "zero.safetensors"
    zero = Packed({"encoder.layer.0.output.dense.bias.delta": np.zeros(384, np.float16)}, {}, 1.0)
    write_adapter(zero, own, name="zero", base=plain.revision, card={})
    found = unpack.ensure_bundled(tmp_path / "models", own)
    before, after = (load_file(folder / "model.safetensors") for folder in (plain.folder, found.folder))
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_an_adapter_beside_another_model_is_refused() -> None:
    with pytest.raises(ModelError, match=r"只能用于随附模型.*POLICYQA_ADAPTER"):
        find_model(Settings(embedding_model="BAAI/bge-m3", adapter="own.safetensors"))


def test_an_index_of_another_adapter_is_stale_and_refused(tmp_path: Path) -> None:
    source = tmp_path / "办法.md"
    source.write_text("# 东湖市办法\n\n第一条 对首次上规的企业，给予20万元奖励。\n", encoding="utf-8")
    with_it = Settings(data_dir=tmp_path / "data")
    without = with_it.model_copy(update={"adapter": "none"})
    build([source], settings=with_it)
    assert not is_stale(with_it, [source])
    assert is_stale(without, [source])
    with pytest.raises(
        IndexMismatchError, match=r"adapter=policy.*adapter=无.*python -m index build.*POLICYQA_ADAPTER"
    ):
        IndexReader.open(without, load_embeddings(without).identity)
    build([source], settings=without)
    assert len(IndexReader.open(without, load_embeddings(without).identity)) == 1
