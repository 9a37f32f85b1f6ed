"""Server-sent events: one event an item, errors as a last event, so that a client always hears how it ended."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from index.errors import PolicyQAError

logger = logging.getLogger(__name__)

Event = tuple[str, Any]
"""Name and JSON value."""

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_FAILED = "服务器出了问题,这个问题没有回答完。请稍后再试。"


def event_stream(events: Iterator[Event]) -> StreamingResponse:
    """A response that sends `events` as they come.

    An error becomes the event `error` with `{"message"}`, in Chinese; what is not meant for users is logged.
    """
    return StreamingResponse(_encoded(events), media_type="text/event-stream", headers=_HEADERS)


def _encoded(events: Iterator[Event]) -> Iterator[bytes]:
    try:
        for name, value in events:
            yield _event(name, value)
    except (PolicyQAError, ValueError) as error:
        yield _event("error", {"message": str(error)})
    except Exception:
        # The headers are sent: the only place left to tell the client is the stream itself.
        logger.exception("a stream failed")
        yield _event("error", {"message": _FAILED})


def _event(name: str, value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return format_sse_event(event=name, data_str=json.dumps(value, ensure_ascii=False))
