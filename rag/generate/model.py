"""The chat model that the settings name: any `init_chat_model` name, or a local transformers model."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import MissingExtraError, ModelError
from index.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

MAX_TOKENS = 2_048
"""Longest output of a model, thinking included."""
LOCAL = "transformers"
_SPELLING = "写法如 openai:qwen3-8b、transformers:/models/qwen3,见 docs/language-models.md。"


def load_chat_model(settings: Settings) -> BaseChatModel:
    """The model of POLICYQA_CHAT_MODEL; a server is not contacted, a local model is loaded.

    Raises:
        ModelError: the name is wrong, or a local model cannot be loaded.
        MissingExtraError: the provider's package is not installed.
    """
    provider, name = _split(settings)
    if provider == LOCAL:
        from rag.generate.local import load_local

        return load_local(name, max_tokens=MAX_TOKENS, temperature=settings.chat_temperature)
    return _remote(provider, name, settings)


def shown_name(model: str) -> str:
    """The configured name as it may be shown and recorded: of a local folder only its own name."""
    provider, separator, name = model.strip().partition(":")
    if provider != LOCAL or not separator:
        return model.strip()
    folder, mark, query = name.partition("?")
    return f"{LOCAL}:{Path(folder).name}{mark}{query}"


def _split(settings: Settings) -> tuple[str, str]:
    """Provider and model name; a bare name with a base URL is one of an OpenAI-compatible server."""
    provider, separator, name = settings.chat_model.strip().partition(":")
    if not separator and settings.chat_base_url:
        return "openai", provider
    if not provider or not name:
        raise ModelError(f"语言模型的名称“{settings.chat_model}”不完整。", _SPELLING)
    return provider, name


def _remote(provider: str, name: str, settings: Settings) -> BaseChatModel:
    # LangChain would take the deprecated class of another package for this one.
    if provider == "ollama" and importlib.util.find_spec("langchain_ollama") is None:
        raise _missing(provider, "langchain-ollama")
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **_options(provider, settings))
    except ImportError as error:
        package = re.search(r"pip install ([\w.-]+)", str(error))
        raise _missing(provider, package[1] if package else f"langchain-{provider}") from error
    except ValueError as error:
        # The library's message may repeat the arguments, the key among them.
        raise ModelError(f"语言模型“{provider}:{name}”无法使用。", f"请检查名称、地址和密钥。{_SPELLING}") from error
    return model


def _missing(provider: str, package: str) -> MissingExtraError:
    remedy = f"请执行 .venv/bin/pip install {package},或改用 openai: 加服务地址。"
    return MissingExtraError(f"使用 {provider} 的语言模型需要 {package}。", remedy)


def _options(provider: str, settings: Settings) -> dict[str, Any]:
    """Arguments of the model's class. Retries are ours: a library's own would not know the total time."""
    options: dict[str, Any] = {"temperature": settings.chat_temperature, "max_retries": 0}
    if settings.chat_base_url:
        options["base_url"] = settings.chat_base_url
    if settings.chat_api_key.get_secret_value():
        options["api_key"] = settings.chat_api_key
    if provider == "ollama":
        return options | {"num_predict": MAX_TOKENS, "client_kwargs": {"timeout": settings.chat_timeout}}
    options |= {"max_tokens": MAX_TOKENS, "timeout": settings.chat_timeout}
    return _compatible(options, settings) if provider == "openai" else options


def _compatible(options: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """`options` for a server that speaks the OpenAI API."""
    body: dict[str, Any] = json.loads(settings.chat_extra_body or "{}")
    if settings.chat_base_url:
        # LangChain sends max_completion_tokens, which not every compatible server knows.
        body = {"max_tokens": options.pop("max_tokens")} | body
        # Without a key of its own the server must not get the one of OPENAI_API_KEY.
        options.setdefault("api_key", "none")
    return options | {"extra_body": body, "stream_chunk_timeout": None}
