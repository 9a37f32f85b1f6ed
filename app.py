"""Starts the web application: `python app.py`. Host and port come from the settings; port 0 takes a free one."""

from __future__ import annotations

import logging
import socket
import sys

import click
from pydantic import ValidationError

from index.offline import disable_telemetry
from index.settings import Settings, get_settings

FAILURE, CALLERS_MISTAKE = 1, 2
_ANY_HOST = ("0.0.0.0", "::")
_GRACE = 3
"""Seconds that answers under way have when the server is stopped."""


def main() -> int:
    """Serve the pages until interrupted; returns the exit code."""
    disable_telemetry()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        settings = get_settings()
    except ValidationError as error:
        names = "、".join(f"POLICYQA_{'_'.join(map(str, problem['loc']))}".upper() for problem in error.errors())
        return _fail(f"设置 {names} 的值不正确,请检查环境变量和 .env 文件。", CALLERS_MISTAKE)
    try:
        listening = _listen(settings)
    except OSError:
        problem = f"无法在 {settings.host} 的 {settings.port} 端口提供网页:端口可能已被占用,或地址不属于本机。"
        return _fail(f"{problem}请检查 POLICYQA_PORT 和 POLICYQA_HOST。", FAILURE)
    with listening:
        serve(settings, listening)
    click.echo("已停止。", err=True)
    return 0


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a bound socket until a signal comes."""
    import uvicorn

    from web.server import create_app

    app = create_app(settings)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE)
    server = uvicorn.Server(config)
    port = listening.getsockname()[1]
    host = "127.0.0.1" if settings.host in _ANY_HOST else settings.host
    # Connections wait in the socket's queue until the server takes them.
    listening.listen(128)
    click.echo(f"问答网页已打开:http://{f'[{host}]' if ':' in host else host}:{port}/(按 Ctrl+C 停止)", err=True)
    server.run(sockets=[listening])


def _listen(settings: Settings) -> socket.socket:
    """A socket bound to the configured address.

    Raises:
        OSError: the port is taken, or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
    except OSError:
        listening.close()
        raise
    return listening


def _fail(message: str, code: int) -> int:
    click.echo(f"错误:{message}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
