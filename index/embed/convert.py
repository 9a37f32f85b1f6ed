"""Converts a sentence-transformers folder to an OpenVINO graph; run as a process of its own by `index.embed.graph`.

`python -m index.embed.convert MODEL_FOLDER EMPTY_FOLDER` fills the second folder. Exit code 3 means that this model
cannot be converted, 1 that the conversion failed; the last line of stderr says why.
"""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.embed import graph
from index.embed.base import unit_rows
from index.embed.graph import GraphInfo
from index.embed.openvino_engine import OpenVinoEncoder
from index.embed.tokenize import write_slim
from index.embed.torch_engine import load_sentence_transformer
from index.errors import ModelError, PolicyQAError
from index.offline import disable_telemetry

if TYPE_CHECKING:
    import openvino as ov
    from sentence_transformers import SentenceTransformer

LEAST_COSINE = 0.99999
"""Between the graph and sentence-transformers, on the sample texts."""

MOST_APART = 1e-3
"""Between the scores of the graph and those of sentence-transformers."""

_SAMPLES = (
    "首次上规的工业企业",
    "对新认定的国家级、省级企业技术中心,分别给予300万元、100万元的一次性资助(10～20万元的除外)。",
    " Ａ１２３ 企業 ",
    "query: 政策有效期至 2025 年 12 月 31 日",
    "",
    "第三条 本办法所称中小微企业,按照国家有关划型标准执行。" * 60,
)


class UnconvertibleError(Exception):
    """The model's architecture, pooling or tokenizer cannot go into a graph; says why."""


def convert(model: Path, folder: Path) -> None:
    """Write the graph of `model` into the empty `folder`, and check it against sentence-transformers.

    Raises:
        UnconvertibleError: there is no graph for this model.
        ModelError: the model cannot be loaded.
    """
    network = load_sentence_transformer(model, device="cpu")
    info = _describe(network)
    network.tokenizer.backend_tokenizer.save(str(folder / graph.TOKENIZER), pretty=False)
    write_slim(folder)
    converted = _trace(network, info)
    words = cut_word_table(converted, _word_table_shape(network))
    if words is not None:
        np.save(folder / graph.WORDS, words, allow_pickle=False)
    _save(converted, folder)
    info.save(folder)
    _check(network, folder)


def _describe(network: SentenceTransformer) -> GraphInfo:
    """What the engine must know, from a loaded SentenceTransformer."""
    tokenizer: Any = getattr(network, "tokenizer", None)
    if not hasattr(network[0], "auto_model") or getattr(tokenizer, "backend_tokenizer", None) is None:
        raise UnconvertibleError("该模型没有 tokenizers 格式的分词器")
    if not network.max_seq_length or network.max_seq_length > 1 << 20:
        raise UnconvertibleError("该模型没有说明最大长度")
    return GraphInfo(
        dimension=int(network.get_embedding_dimension()),
        max_tokens=int(network.max_seq_length),
        pad_id=int(tokenizer.pad_token_id or 0),
        pad_side=tokenizer.padding_side,
    )


def _trace(network: SentenceTransformer, info: GraphInfo) -> ov.Model:
    """The OpenVINO model of `network`; vectors are normalised to length 1, scores stay as they are."""
    import openvino as ov
    import torch

    class Pooled(torch.nn.Module):
        """Tokens and mask to unit sentence vectors, or to scores."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {graph.TOKENS_INPUT: input_ids, graph.MASK_INPUT: attention_mask}
            found = self.network(features)["sentence_embedding"]
            return found if info.gives_scores else torch.nn.functional.normalize(found, dim=1)

    # Padding in the example keeps the attention mask in the trace.
    example = torch.tensor([[5, 6, 7, 8, 9], [5, 6, 7, info.pad_id, info.pad_id]])
    if info.pad_side == "left":
        example = example.flip(1)
    inputs = {graph.TOKENS_INPUT: example, graph.MASK_INPUT: (example != info.pad_id).long()}
    try:
        with torch.no_grad():
            return ov.convert_model(Pooled(), example_input=inputs)
    # Tracing runs the model's own code, OpenVINO's frontend raises subclasses of RuntimeError.
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise UnconvertibleError(f"{type(error).__name__}: {error}") from error


def _word_table_shape(network: SentenceTransformer) -> tuple[int, int]:
    """Rows and columns of the word embedding table."""
    rows, columns = network[0].auto_model.get_input_embeddings().weight.shape
    return int(rows), int(columns)


def cut_word_table(model: ov.Model, shape: tuple[int, int]) -> npt.NDArray[np.floating[Any]] | None:
    """Take the word embedding look-up out of `model`; its rows become the input `WORDS_INPUT`.

    Returns the table, in float16 where that overflows nowhere (the checks on the graph include its rounding). None,
    with `model` as it was, where it has no single look-up in a table of `shape`.
    """
    import openvino as ov
    from openvino import opset13

    gathers = [node for node in model.get_ops() if node.get_type_name() == "Gather"]
    found = [node for node in gathers if _is_constant(node.input_value(0), shape)]
    if len(found) != 1:
        return None
    table: npt.NDArray[np.float32] = found[0].input_value(0).get_node().data
    rows = opset13.parameter(ov.PartialShape([-1, -1, shape[1]]), ov.Type.f32, name=graph.WORDS_INPUT)
    rows.output(0).set_names({graph.WORDS_INPUT})
    found[0].output(0).replace(rows.output(0))
    model.add_parameters([rows])
    model.validate_nodes_and_infer_types()
    with np.errstate(over="ignore"):
        half = table.astype(np.float16)
    return half if np.isfinite(half).all() else table.copy()


def _is_constant(output: ov.Output, shape: tuple[int, int]) -> bool:
    node = output.get_node()
    return node.get_type_name() == "Constant" and tuple(output.get_shape()) == shape


def _save(model: ov.Model, folder: Path) -> None:
    import openvino as ov

    # Float32: see index.embed.openvino_engine on memory.
    ov.save_model(model, folder / graph.GRAPH, compress_to_fp16=False)


def _check(network: SentenceTransformer, folder: Path) -> None:
    """Raise UnconvertibleError unless the files in `folder` give the vectors of `network`."""
    # One text a batch: otherwise all are padded to the length of the longest.
    expected = network.encode(list(_SAMPLES), prompt="", batch_size=1, show_progress_bar=False)
    try:
        found = OpenVinoEncoder.from_folder(folder).encode(_SAMPLES)
    except (ModelError, RuntimeError) as error:
        raise UnconvertibleError(f"转换后的模型无法运行:{error}") from error
    if found.shape != expected.shape:
        raise UnconvertibleError(f"转换后向量维度不同:{found.shape[1]} 与 {expected.shape[1]}")
    if GraphInfo.load(folder).gives_scores:
        if not np.allclose(found, expected, atol=MOST_APART):
            raise UnconvertibleError(f"转换后分数不同:相差 {np.abs(found - expected).max():.6f}")
        return
    cosine = float(np.einsum("nd,nd->n", unit_rows(found), unit_rows(expected)).min())
    if not cosine >= LEAST_COSINE:
        raise UnconvertibleError(f"转换后向量不同:余弦 {cosine:.6f}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def main(model: str, folder: str) -> int:
    """Exit code of the process; the reason of a failure goes to stderr."""
    disable_telemetry()
    # What transformers says while it is traced is of no use to the reader of a build log.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    try:
        convert(Path(model), Path(folder))
    except UnconvertibleError as error:
        sys.stderr.write(f"\n{_one_line(error)}\n")
        return graph.UNCONVERTIBLE_EXIT
    except PolicyQAError as error:
        sys.stderr.write(f"\n{_one_line(error)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
