"""From the exceptions of chat model libraries to our codes: by LangChain's classes, else by HTTP status."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rag.generate.contract import Code

_SERVER_FAULT = 500


def code_of(error: BaseException) -> Code:
    """The kind of failure that an exception of a chat model is."""
    from langchain_core import exceptions as known

    classes: tuple[tuple[type[Exception], Code], ...] = (
        (known.ContextOverflowError, Code.TOO_LONG),
        (known.ModelAuthenticationError, Code.UNAUTHORIZED),
        (known.ModelPermissionDeniedError, Code.UNAUTHORIZED),
        (known.ModelNotFoundError, Code.NOT_FOUND),
        (known.ModelRateLimitError, Code.RATE_LIMITED),
        (known.ModelAPIError, Code.SERVER_ERROR),
        (known.ModelTimeoutError, Code.NO_RESPONSE),
        (known.ModelConnectionError, Code.UNREACHABLE),
    )
    for kind, code in classes:
        if isinstance(error, kind):
            return code
    return _code_of_status(status_of(error)) or _code_of_type(error)


def _code_of_status(status: int | None) -> Code | None:
    if status is None or status < 400:
        return None
    if status >= _SERVER_FAULT:
        return Code.SERVER_ERROR
    named = {401: Code.UNAUTHORIZED, 403: Code.UNAUTHORIZED, 404: Code.NOT_FOUND, 429: Code.RATE_LIMITED}
    named |= {408: Code.NO_RESPONSE, 413: Code.TOO_LONG}
    return named.get(status, Code.BAD_REQUEST)


def _code_of_type(error: BaseException) -> Code:
    if isinstance(error, TimeoutError):
        return Code.NO_RESPONSE
    return Code.UNREACHABLE if isinstance(error, ConnectionError) else Code.BAD_RESPONSE


def status_of(error: BaseException) -> int | None:
    """The HTTP status an exception carries, itself or on its response; None without one."""
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int):
            return status
    return None


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later: 429, 5xx, no connection."""
    return code_of(error) in (Code.RATE_LIMITED, Code.SERVER_ERROR, Code.UNREACHABLE)


def retry_after(error: BaseException | None) -> float | None:
    """Seconds that the server asks to wait (Retry-After, as seconds or as a date); None where it does not."""
    headers = getattr(getattr(error, "response", None), "headers", None)
    said = headers.get("retry-after") if headers is not None else None
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        seconds = _seconds_until(said)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _seconds_until(date: str) -> float:
    """Seconds until an HTTP date; not a number where it is none."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
