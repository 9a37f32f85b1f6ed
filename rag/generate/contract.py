"""What goes into the language model mode and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from index.errors import PolicyQAError
from index.models import Benefit, Clause, PolicyFacts, PolicyId

if TYPE_CHECKING:
    from rag.understand import Turn


@dataclass(frozen=True, slots=True)
class NumberedClause:
    """A clause the answer may rest on; `number` is what its marker says, counted from 1."""

    number: int
    policy_id: PolicyId
    facts: PolicyFacts
    clause: Clause
    benefits: tuple[Benefit, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Everything the model is told.

    Attributes:
        history: the conversation before, oldest first.
        clauses: what may be cited; numbers are unique.
        as_of: the day the answer holds for.
        calculations: results of the program, each one line ("2000万元 − 400万元 = 1600万元").
        draft: the composed answer; its markers are numbers of `clauses`. May be empty.
    """

    question: str
    history: tuple[Turn, ...]
    clauses: tuple[NumberedClause, ...]
    as_of: date
    calculations: tuple[str, ...]
    draft: str


Check = Callable[[str, Request], str | None]
"""From a sentence with its markers to the Chinese reason why it is not shown; None where it passes."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A checked sentence, to be appended to what is shown; a new `paragraph` number begins a new line."""

    text: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Generated:
    """A whole answer.

    Attributes:
        text: the checked sentences with their markers; paragraphs are parted by line ends.
        rejected: sentences that were withheld, each with the reason.
        model: as configured, `openai:qwen3-8b`.
        seconds: from the request to the last sentence.
        truncated: the model was cut off or stopped; what is shown may lack its end.
    """

    text: str
    rejected: tuple[tuple[str, str], ...]
    model: str
    seconds: float
    truncated: bool = False


class Code(StrEnum):
    """Why there is no answer by the language model."""

    NO_RESPONSE = "no_response"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    TOO_LONG = "too_long"
    BAD_RESPONSE = "bad_response"
    EMPTY = "empty"
    UNVERIFIED = "unverified"


_TEXTS = {
    Code.NO_RESPONSE: ("语言模型没有响应。", "请检查语言模型服务,或调大 POLICYQA_CHAT_FIRST_TOKEN_TIMEOUT。"),
    Code.TIMEOUT: ("语言模型回答超时。", "请换用更快的模型,或调大 POLICYQA_CHAT_TIMEOUT。"),
    Code.UNREACHABLE: ("连不上语言模型服务。", "请检查服务是否已启动,POLICYQA_CHAT_BASE_URL 是否正确。"),
    Code.RATE_LIMITED: ("语言模型服务限流,请求太多。", "请稍后再问。"),
    Code.SERVER_ERROR: ("语言模型服务出错。", "请查看语言模型服务的日志。"),
    Code.UNAUTHORIZED: ("语言模型服务拒绝了密钥。", "请检查 POLICYQA_CHAT_API_KEY。"),
    Code.NOT_FOUND: ("语言模型服务没有这个模型或地址。", "请检查 POLICYQA_CHAT_MODEL 和 POLICYQA_CHAT_BASE_URL。"),
    Code.BAD_REQUEST: ("语言模型服务不接受这个请求。", "请查看日志,检查模型名称和服务的参数。"),
    Code.TOO_LONG: ("内容超出语言模型能读的长度。", "请换用上下文更长的模型,或调大服务的上下文长度。"),
    Code.BAD_RESPONSE: ("语言模型返回的内容无法读取。", "请检查 POLICYQA_CHAT_BASE_URL 是不是 OpenAI 兼容的接口。"),
    Code.EMPTY: ("语言模型没有给出回答。", "如果用的是带思考的模型,请关掉思考。"),
    Code.UNVERIFIED: ("语言模型返回的内容与条款核对不上。", "没有显示它的回答。"),
}


class GenerationFailed(PolicyQAError):  # noqa: N818  the name is what happened, not what is wrong
    """There is no answer by the language model; the caller shows the composed answer.

    Attributes:
        code: the kind of failure.
        message: for the person who asked; `remedy` is for whoever runs the program.
        shown: sentences that a stream had yielded. Where it is not 0, what was shown must be replaced.
        rejected: sentences that were withheld, each with the reason.
    """

    def __init__(self, code: Code, *, shown: int = 0, rejected: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(*_TEXTS[code])
        self.code = code
        self.shown = shown
        self.rejected = rejected

    @property
    def message(self) -> str:
        """What happened, one Chinese sentence."""
        return self.problem
