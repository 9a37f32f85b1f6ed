"""The bundled reranker: unpacked from its file, converted, and fed with pairs as it was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from index.embed import scorer
from index.embed.adapter import read_adapter
from index.embed.openvino_engine import OpenVinoEncoder
from index.embed.unpack import ensure_bundled
from index.errors import ModelError
from index.settings import Settings
from rag.rerank import BundledReranker, Reranking
from training.loss import joined
from training.pack import mean_change, pack, read_scorer, read_weights, write_adapter
from training.tune import scoring

QUESTION = "老板一直不发工资怎么办"
RIGHT = (
    "劳动合同法第八十五条\n用人单位有下列情形之一的,由劳动行政部门责令限期支付劳动报酬、加班费或者经济补偿;逾期不支付的,"
    "责令用人单位按应付金额百分之五十以上百分之一百以下的标准向劳动者加付赔偿金。"
)
WRONG = "海商法第二条\n本法所称海上运输,是指海上货物运输和海上旅客运输,包括海江之间、江海之间的直达运输。"

shipped = pytest.mark.skipif(not scorer.SHIPPED.is_file(), reason="没有随附的重排模型")


@pytest.fixture(scope="module")
def models() -> Path:
    return Settings().models_dir


@pytest.fixture(scope="module")
def encoder(models: Path) -> OpenVinoEncoder:
    return scorer.load_scorer(models)


@shipped
def test_scores_are_those_of_the_passages_wherever_they_stand(models: Path) -> None:
    reranker = BundledReranker(models)
    scores, turned = reranker.scores(QUESTION, [WRONG, RIGHT, WRONG]), reranker.scores(QUESTION, [RIGHT, WRONG])
    assert scores.shape == (3,)
    assert turned == pytest.approx(scores[1:], abs=0.05)
    assert scores[1] - scores[0] > 1
    assert scores[0] == pytest.approx(scores[2], abs=0.05)


@shipped
def test_no_passage_needs_no_model(tmp_path: Path) -> None:
    assert BundledReranker(tmp_path).scores(QUESTION, []).shape == (0,)
    assert not list(tmp_path.iterdir())


@shipped
def test_a_long_story_leaves_room_for_the_passage(models: Path) -> None:
    story = "我在一家公司上班" * 100
    scores = BundledReranker(models).scores(story, [RIGHT, WRONG])
    assert abs(float(scores[0] - scores[1])) > 0.01


@shipped
def test_the_graph_gives_the_scores_of_sentence_transformers(models: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = scorer.pair_texts(QUESTION, [RIGHT, WRONG])
    folder = scorer.ensure_scorer(models)
    plain = SentenceTransformer(str(folder), device="cpu").encode(texts, prompt="", batch_size=1)
    exact = OpenVinoEncoder.from_folder(scorer.ensure_graph(folder, folder)).encode(texts)
    assert exact == pytest.approx(np.asarray(plain), abs=1e-3)


@shipped
def test_pairs_have_the_tokens_that_training_gave_them(encoder: OpenVinoEncoder) -> None:
    tokenizer = encoder._tokenizer
    question, passage = tokenizer.encode([scorer.QUESTION + QUESTION, scorer.PASSAGE + RIGHT])
    pair = tokenizer.encode(scorer.pair_texts(QUESTION, [RIGHT]))[0]
    trained = joined(torch.tensor(question), torch.tensor(passage), 96)
    assert pair.tolist() == trained.tolist()


def test_a_pair_is_cut_at_the_passage_and_ends_with_its_mark() -> None:
    question, passage = torch.arange(100, 130), torch.arange(200, 260)
    whole = joined(question, passage, 200)
    assert whole.tolist() == [*range(100, 129), 129, 129, *range(201, 260)]
    cut = joined(question, passage, 50)
    assert len(cut) == 50
    assert cut[-1] == 129
    assert cut[:19].tolist() == list(range(100, 119))


def test_where_it_cannot_be_loaded_the_log_says_so_once_and_the_order_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no model")
    reranking = Reranking(BundledReranker(tmp_path, broken), share=0.1)
    for _ in range(2):
        assert reranking.order(QUESTION, [WRONG, RIGHT, WRONG], [0.5, 0.9, 0.7]) == [1, 2, 0]
    assert caplog.text.count("重排模型不可用") == 1


@shipped
def test_an_adapter_is_no_reranker_and_a_reranker_no_adapter(tmp_path: Path) -> None:
    from index.embed.adapter import SHIPPED as ADAPTER

    with pytest.raises(ModelError, match="不是"):
        scorer.ensure_scorer(tmp_path, ADAPTER)
    with pytest.raises(ModelError, match="不是"):
        read_adapter(scorer.SHIPPED, base="any")


@shipped
def test_a_damaged_file_is_a_clear_error_and_leaves_no_folder(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(scorer.SHIPPED.read_bytes()[:1000])
    with pytest.raises(ModelError, match="无法读取"):
        scorer.ensure_scorer(tmp_path, broken)
    assert [path.name for path in tmp_path.iterdir()] == ["broken.safetensors"]


@shipped
def test_a_reranker_for_another_model_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    metadata = {"format": scorer.FORMAT, "name": "other", "base": "0" * 12, "layers": "4", "tokens": "96"}
    save_file(load_file(scorer.SHIPPED), other, metadata=metadata)
    with pytest.raises(ModelError, match="另一版"):
        scorer.ensure_scorer(tmp_path, other)


def test_a_packed_reranker_scores_as_the_one_that_was_trained(tmp_path: Path, models: Path) -> None:
    from sentence_transformers import SentenceTransformer

    bundled = ensure_bundled(models)
    torch.manual_seed(3)
    trained = scoring(SentenceTransformer(str(bundled.folder), device="cpu"), layers=1)
    with torch.no_grad():
        trained[2].linear.weight.add_(0.05 * torch.randn_like(trained[2].linear.weight))
        trained[3].linear.weight.mul_(30)
        trained[0].auto_model.encoder.layer[0].output.dense.bias.add_(0.3)
    trained.save(str(tmp_path / "trained"))
    weights, head = read_weights(tmp_path / "trained"), read_scorer(tmp_path / "trained", tokens=96)
    plain = {name: weight for name, weight in read_weights(bundled.folder).items() if name in weights}
    packed = pack(mean_change(plain, [weights]))
    file = tmp_path / "own.safetensors"
    write_adapter(packed, file, name="own", base=bundled.revision, card={}, scorer=head)

    texts = scorer.pair_texts(QUESTION, [RIGHT, WRONG])
    unpacked = SentenceTransformer(str(scorer.ensure_scorer(tmp_path / "models", file)), device="cpu")
    assert unpacked.max_seq_length == 96
    assert len(unpacked[0].auto_model.encoder.layer) == 1
    expected = trained.encode(texts, prompt="", batch_size=1)
    assert unpacked.encode(texts, prompt="", batch_size=1) == pytest.approx(expected, abs=0.02)
    assert abs(float(expected[0, 0] - expected[1, 0])) > 0.1
