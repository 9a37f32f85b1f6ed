"""Starts the chat page: `python app.py`. Host and port come from the settings; port 0 takes a free one."""

from __future__ import annotations

import logging
import socket
import sys
import threading

import click
from pydantic import ValidationError

from index.offline import disable_telemetry
from index.settings import Settings, get_settings

FAILURE, CALLERS_MISTAKE = 1, 2
_ANY_HOST = ("0.0.0.0", "::")


def main() -> int:
    """Serve the page until interrupted; returns the exit code."""
    disable_telemetry()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        settings = get_settings()
    except ValidationError as error:
        names = "、".join(f"POLICYQA_{'_'.join(map(str, problem['loc']))}".upper() for problem in error.errors())
        return _fail(f"设置 {names} 的值不正确,请检查环境变量和 .env 文件。", CALLERS_MISTAKE)
    try:
        address = serve(settings)
    except OSError:
        problem = f"无法在 {settings.host} 的 {settings.port} 端口提供网页:端口可能已被占用,或地址不属于本机。"
        return _fail(f"{problem}请检查 POLICYQA_PORT 和 POLICYQA_HOST。", FAILURE)
    click.echo(f"问答网页已打开:{address}(按 Ctrl+C 停止)", err=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("已停止。", err=True)
    return 0


def serve(settings: Settings) -> str:
    """Start the server in the background and return the page's address.

    Raises:
        OSError: the port is taken, or the host is not this machine's.
    """
    from web.chat import build_page
    from web.service import AnswerService
    from web.theme import launch_options

    port = settings.port or _free_port(settings.host)
    service = AnswerService(settings)
    page = build_page(service)
    page.launch(server_name=settings.host, server_port=port, prevent_thread_lock=True, **launch_options())
    # After the launch: loading the model would hold the page up.
    service.warm_up()
    host = "127.0.0.1" if settings.host in _ANY_HOST else settings.host
    return f"http://{host}:{port}/"


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        return int(probe.getsockname()[1])


def _fail(message: str, code: int) -> int:
    click.echo(f"错误:{message}", err=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
