"""Exceptions of the system. Messages are Chinese sentences for users: what is wrong, what to do."""

from __future__ import annotations


class PolicyQAError(Exception):
    """Base of all run-time failures that a user can act on.

    Args:
        problem: what is wrong, one Chinese sentence.
        remedy: what to do about it, one Chinese sentence or command.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}{remedy}")
        self.problem = problem
        self.remedy = remedy

    @property
    def details(self) -> tuple[str, ...]:
        """Further lines for the user, shown before the message."""
        return ()


class SourceFileError(PolicyQAError):
    """A source file cannot be read; names the file."""

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        super().__init__(f"文件“{name}”{problem}。", remedy)
        self.name = name


class MissingExtraError(PolicyQAError):
    """An optional dependency is not installed."""


class IndexMissingError(PolicyQAError):
    """No index has been built under the data folder."""


class IndexMismatchError(PolicyQAError):
    """The stored index does not fit the configured model or this program's format version."""


class ModelError(PolicyQAError):
    """An embedding model cannot be prepared or loaded."""
