"""A local model of the transformers library as a LangChain chat model, a folder or a GGUF file in one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.exceptions import ContextOverflowError
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from index.errors import ModelError

if TYPE_CHECKING:
    from torch import BoolTensor, FloatTensor, LongTensor
    from transformers import BatchEncoding, TextStreamer

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_UNUSABLE = (
    "请检查文件夹里有没有 config.json、分词器和权重;"
    "GGUF 写成 transformers:文件夹?gguf=文件名,并安装 gguf 和 accelerate。"
)


class TransformersChat(BaseChatModel):
    """Streams from `AutoModelForCausalLM.generate`.

    Attributes:
        model, tokenizer: as transformers loads them.
        max_tokens: longest output; less where the model's context is shorter.
        temperature: 0 is greedy.
    """

    model: Any
    tokenizer: Any
    max_tokens: int
    temperature: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "transformers"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> Iterator[ChatGenerationChunk]:
        """Pieces of text; the last chunk says why the model stopped. Closing the iterator stops the model.

        Raises:
            ContextOverflowError: the prompt leaves no room for an answer.
        """
        from transformers import TextIteratorStreamer

        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        writing = self._start(messages, streamer)
        # An error in the thread would leave the streamer waiting for ever.
        writing.made.add_done_callback(lambda _: streamer.text_queue.put(streamer.stop_signal))
        try:
            for text in streamer:
                chunk = _chunk(text)
                if run_manager is not None:
                    run_manager.on_llm_new_token(text, chunk=chunk)
                yield chunk
            yield writing.last_chunk()
        finally:
            writing.meter.stop.set()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """As `_stream`; a cancelled reader stops the model at the next token."""
        from transformers import AsyncTextIteratorStreamer

        streamer = AsyncTextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        loop = asyncio.get_running_loop()
        writing = await loop.run_in_executor(None, self._start, messages, streamer)
        end = partial(loop.call_soon_threadsafe, streamer.text_queue.put_nowait, streamer.stop_signal)
        writing.made.add_done_callback(lambda _: end())
        try:
            async for text in streamer:
                chunk = _chunk(text)
                if run_manager is not None:
                    await run_manager.on_llm_new_token(text, chunk=chunk)
                yield chunk
            yield writing.last_chunk()
        finally:
            writing.meter.stop.set()

    def _start(self, messages: Sequence[BaseMessage], streamer: TextStreamer) -> _Writing:
        """Let the model write in a thread of its own, into `streamer`."""
        inputs = self._encode(messages)
        room = self._room(inputs["input_ids"].shape[1])
        meter = _Meter()
        pool = ThreadPoolExecutor(1, thread_name_prefix="transformers")
        made = pool.submit(self._write, inputs, streamer, meter, room)
        pool.shutdown(wait=False)
        return _Writing(made, meter, room)

    def _encode(self, messages: Sequence[BaseMessage]) -> BatchEncoding:
        """Token ids of the messages, shape (1, n), on the model's device."""
        turns = [{"role": _ROLES.get(message.type, "user"), "content": str(message.text)} for message in messages]
        if self.tokenizer.chat_template is None:
            plain = "\n\n".join(turn["content"] for turn in turns) + "\n\n回答:"
            encoded: BatchEncoding = self.tokenizer(plain, return_tensors="pt")
            return encoded.to(self.model.device)
        from jinja2 import TemplateError

        try:
            return self._apply(turns)
        except TemplateError:  # a template without a system role
            merged = "\n\n".join(turn["content"] for turn in turns)
            return self._apply([{"role": "user", "content": merged}])

    def _apply(self, turns: list[dict[str, str]]) -> BatchEncoding:
        inputs: BatchEncoding = self.tokenizer.apply_chat_template(
            turns,
            add_generation_prompt=True,
            enable_thinking=False,  # read by templates of models that can think, ignored by the others
            return_dict=True,
            return_tensors="pt",
        )
        return inputs.to(self.model.device)

    def _room(self, used: int) -> int:
        """Tokens that may be written behind a prompt of `used` tokens."""
        context = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        room = self.max_tokens if context is None else min(self.max_tokens, context - used)
        if room < 1:
            raise ContextOverflowError(f"the prompt has {used} tokens, the model's context {context}")
        return room

    def _write(self, inputs: BatchEncoding, streamer: TextStreamer, meter: _Meter, room: int) -> None:
        from transformers import StoppingCriteriaList

        sampling = {"do_sample": True, "temperature": self.temperature} if self.temperature else {"do_sample": False}
        padding = self.tokenizer.pad_token_id
        if padding is None:
            padding = self.tokenizer.eos_token_id
        self.model.generate(
            **inputs,
            **sampling,
            max_new_tokens=room,
            streamer=streamer,
            stopping_criteria=StoppingCriteriaList([meter]),
            pad_token_id=padding,
        )


class _Meter:
    """Counts the tokens of one answer and stops the model when asked; a transformers stopping criterion."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.tokens = 0

    def __call__(self, input_ids: LongTensor, scores: FloatTensor, **kwargs: object) -> BoolTensor:
        import torch

        self.tokens += 1
        stopped = torch.full((input_ids.shape[0],), self.stop.is_set(), dtype=torch.bool, device=input_ids.device)
        return cast("BoolTensor", stopped)


@dataclass(frozen=True, slots=True)
class _Writing:
    """A model at work: its result, its meter, and how many tokens it may write."""

    made: Future[None]
    meter: _Meter
    room: int

    def last_chunk(self) -> ChatGenerationChunk:
        """An empty chunk with the reason to stop; raises what the model's thread raised."""
        self.made.result()
        return _chunk("", finish_reason="length" if self.meter.tokens >= self.room else "stop")


def _chunk(text: str, **metadata: str) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, response_metadata=metadata))


def load_local(name: str, *, max_tokens: int, temperature: float) -> TransformersChat:
    """The model of a folder or a hub name (`FOLDER?gguf=FILE` for a GGUF file), on a GPU where there is one.

    Raises:
        ModelError: it is not there, or cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, _, query = name.partition("?")
    options = dict(parse_qsl(query))
    unknown = sorted(options.keys() - {"gguf"})
    if unknown:
        raise ModelError(f"语言模型名称里的 {'、'.join(unknown)} 不认识。", _UNUSABLE)
    source = {"gguf_file": options["gguf"]} if "gguf" in options else {}
    graphics = torch.cuda.is_available()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **source)
        # Half precision is slower than single on processors without instructions for it.
        model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto" if graphics else torch.float32, **source)
    except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
        shown = Path(folder).name
        raise ModelError(f"无法加载语言模型“{shown}”({type(error).__name__})。", _UNUSABLE) from error
    model.eval()
    return TransformersChat(
        model=model.to("cuda") if graphics else model,
        tokenizer=tokenizer,
        max_tokens=max_tokens,
        temperature=temperature,
    )
