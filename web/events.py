"""Server-sent events: one event an item, errors as a last event, what a user can act on as the last one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from index.errors import PolicyQAError

Event = tuple[str, Any]
"""Name and JSON value."""

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event_stream(events: Iterator[Event]) -> StreamingResponse:
    """A response that sends `events` as they come.

    What a user can act on becomes the event `error` with `{"message"}`, in Chinese. After any other error the stream
    breaks off without a last event, which a client takes for a lost connection.
    """
    return StreamingResponse(_encoded(events), media_type="text/event-stream", headers=_HEADERS)


def _encoded(events: Iterator[Event]) -> Iterator[bytes]:
    try:
        for name, value in events:
            yield _event(name, value)
    except (PolicyQAError, ValueError) as error:
        yield _event("error", {"message": str(error)})


def _event(name: str, value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    return format_sse_event(event=name, data_str=json.dumps(value, ensure_ascii=False))
