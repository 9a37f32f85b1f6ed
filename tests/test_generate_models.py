"""Which model the settings name, and a local transformers model made here."""

from __future__ import annotations

import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import SecretStr, ValidationError

from index.errors import MissingExtraError, ModelError
from index.settings import Settings
from rag.generate import ChatGenerator, Code, GenerationFailed, Request
from rag.generate.local import TransformersChat, load_local
from rag.generate.model import load_chat_model, shown_name
from rag.generate.reply import Limits
from rag.prompts import Prompts

KEY = "sk-very-secret-1234567890"
TEMPLATE = (
    "{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
MESSAGES = [SystemMessage("规则"), HumanMessage("问题")]


def settings(model: str, **values: Any) -> Settings:
    return Settings(chat_model=model, chat_api_key=SecretStr(KEY), **values)


@pytest.mark.parametrize("model", ["", "  "])
def test_without_a_name_there_is_no_language_model(model: str) -> None:
    assert ChatGenerator.from_settings(settings(model)) is None


@pytest.mark.parametrize(("model", "name"), [("openai:qwen3:8b", "qwen3:8b"), ("qwen3-8b", "qwen3-8b")])
def test_a_name_with_a_base_url_is_one_of_an_openai_compatible_server(model: str, name: str) -> None:
    loaded = load_chat_model(settings(model, chat_base_url="http://127.0.0.1:9/v1"))
    assert loaded.model_name == name  # type: ignore[attr-defined]
    assert KEY not in repr(loaded)


@pytest.mark.parametrize("model", ["qwen3-8b", "openai:", ":x"])
def test_an_incomplete_name_is_explained(model: str) -> None:
    with pytest.raises(ModelError, match=r"不完整.*openai:"):
        load_chat_model(settings(model))


@pytest.mark.parametrize(
    ("model", "package"), [("ollama:qwen3", "langchain-ollama"), ("deepseek:chat", "langchain-deepseek")]
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(model: str, package: str) -> None:
    with pytest.raises(MissingExtraError, match=f"pip install {package}"):
        load_chat_model(settings(model))


def test_an_unknown_provider_is_named_and_the_key_is_not() -> None:
    with pytest.raises(ModelError, match="nobody:x") as caught:
        load_chat_model(settings("nobody:x"))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("chat_timeout", 0), ("chat_first_token_timeout", -1), ("chat_retries", 99), ("chat_temperature", 3),
     ("chat_base_url", "127.0.0.1:8000"), ("chat_extra_body", "{"), ("chat_extra_body", "[1]")],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_the_key_is_not_shown_with_the_settings() -> None:
    shown = settings("openai:m")
    assert KEY not in f"{shown!r} {shown} {shown.model_dump(mode='json')}"


def test_of_a_local_folder_only_its_own_name_is_shown() -> None:
    assert shown_name("transformers:/srv/models/qwen3?gguf=q4.gguf") == "transformers:qwen3?gguf=q4.gguf"
    assert shown_name("openai:qwen3:8b") == "openai:qwen3:8b"


# Local models


def save_tokenizer(folder: Path, template: str | None) -> int:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    characters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: at for at, token in enumerate(["<pad>", "<eos>", *characters])}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<eos>", pad_token="<pad>")
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return len(vocabulary)


def save_model(folder: Path, *, template: str | None = TEMPLATE, context: int = 256) -> Path:
    """A random model over bytes, two layers of 16."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    size = save_tokenizer(folder, template)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=size, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=context, pad_token_id=0, bos_token_id=None, eos_token_id=1,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("tiny"))


def test_a_local_model_streams_and_says_why_it_stopped(folder: Path) -> None:
    model = load_local(str(folder), max_tokens=40, temperature=0)
    chunks = list(model.stream(MESSAGES))
    assert [chunk.response_metadata for chunk in chunks if chunk.response_metadata] == [{"finish_reason": "length"}]
    assert "".join(str(chunk.text) for chunk in chunks) == str(model.invoke(MESSAGES).text) != ""


def test_a_local_model_is_used_through_the_same_name_as_any_other(folder: Path) -> None:
    made = ChatGenerator.from_settings(settings(f"transformers:{folder}", chat_timeout=30))
    assert made is not None
    assert made.name == f"transformers:{folder.name}"
    request = Request("问题", (), (), date(2026, 1, 1), (), "")
    with pytest.raises(GenerationFailed) as caught:
        made.generate(request, lambda sentence, asked: None)
    assert caught.value.code is Code.TOO_LONG  # the rules alone are longer than this model's context


def test_a_local_model_without_a_chat_template_gets_plain_text(tmp_path: Path) -> None:
    model = load_local(str(save_model(tmp_path, template=None)), max_tokens=5, temperature=0.7)
    ids = model._encode(MESSAGES)["input_ids"][0]
    assert model.tokenizer.decode(ids) == "规则\n\n问题\n\n回答:"
    assert model.invoke(MESSAGES).response_metadata["finish_reason"] in ("stop", "length")


def test_a_template_without_a_system_role_gets_the_rules_in_front_of_the_question(tmp_path: Path) -> None:
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + TEMPLATE
    model = load_local(str(save_model(tmp_path, template=refusing)), max_tokens=5, temperature=0)
    ids = model._encode(MESSAGES)["input_ids"][0]
    assert model.tokenizer.decode(ids) == "<user>规则\n\n问题<assistant>"


def test_a_prompt_that_fills_the_context_is_refused(folder: Path) -> None:
    model = load_local(str(folder), max_tokens=40, temperature=0)
    with pytest.raises(ContextOverflowError):
        model.invoke([HumanMessage("长" * 200)])


def test_an_error_of_the_model_reaches_the_reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_local(str(folder), max_tokens=40, temperature=0)

    def broken(**options: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(model.model, "generate", broken)
    with pytest.raises(RuntimeError, match="out of memory"):
        list(model.stream(MESSAGES))


def test_a_local_model_stops_when_the_reader_does(folder: Path) -> None:
    model = load_local(str(folder), max_tokens=100_000, temperature=0)
    model.model.config.max_position_embeddings = 1_000_000
    model.model.generation_config.eos_token_id = None
    generator = ChatGenerator(model, name="tiny", prompts=Prompts.from_folder(), limits=Limits(1.0, 20.0, 0))
    with pytest.raises(GenerationFailed):
        generator.generate(Request("问题", (), (), date(2026, 1, 1), (), ""), lambda sentence, asked: None)
    assert no_thread_named("transformers", within=20)


def no_thread_named(name: str, *, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not any(thread.name.startswith(name) for thread in threading.enumerate()):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("spelling", ["{folder}/missing", "{folder}?gguf=missing.gguf", "{folder}?quant=4"])
def test_a_local_model_that_cannot_be_loaded_is_explained(folder: Path, spelling: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_local(spelling.format(folder=folder), max_tokens=5, temperature=0)
    assert "config.json" in str(caught.value)
    assert str(folder.parent) not in str(caught.value)


def test_a_local_model_answers_with_a_transformers_type() -> None:
    assert TransformersChat(model=None, tokenizer=None, max_tokens=1)._llm_type == "transformers"
