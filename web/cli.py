"""Command line of the web application: `python -m web password NAME`; the pages are started by `python app.py`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from index.console import SUCCESS, checked_settings, run
from web.staff.accounts import Accounts, hashed


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """管理网页应用;网页由 `python app.py` 启动。"""


@cli.command()
@click.argument("name", metavar="NAME")
def password(name: str) -> int:
    """为工作台的账号设置口令,显示要写进 .env 的一行。

    口令输入两次,不会显示;写出的是它的散列。已有的账号保留,同名的换成新口令。
    """
    accounts = Accounts.from_settings(checked_settings())
    secret = click.prompt("口令", hide_input=True, confirmation_prompt="再输入一次", err=True)
    click.echo(accounts.having(name, hashed(secret)).line)
    click.echo("把上面一行写进 .env 文件(替换原来的 POLICYQA_STAFF),然后重新启动。", err=True)
    return SUCCESS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; expected errors become one Chinese line on stderr."""
    return run(cli, arguments, program="python -m web")
