"""Accounts of the staff desk, from the setting POLICYQA_STAFF: `名称:口令散列`, separated by blanks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.settings import Settings

SHORTEST, LONGEST = 8, 200
"""Characters of a password."""

_NAME = re.compile(r"[^\s:$'\"]{1,64}")


def hashed(password: str) -> str:
    """The Argon2id hash of a password, with its parameters and salt in it.

    Raises:
        ValueError: the password is too short or too long.
    """
    from argon2 import PasswordHasher

    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"口令应为 {SHORTEST} 至 {LONGEST} 个字符。")
    return PasswordHasher().hash(password)


def _pair(account: str) -> tuple[str, str]:
    name, _, digest = account.partition(":")
    return name, digest


@dataclass(frozen=True, slots=True)
class Accounts:
    """Names with the hashes of their passwords."""

    hashes: Mapping[str, str]

    @classmethod
    def from_settings(cls, settings: Settings) -> Accounts:
        """The configured accounts; `Settings` has checked their form."""
        return cls(dict(_pair(account) for account in settings.staff.get_secret_value().split()))

    def having(self, name: str, digest: str) -> Accounts:
        """These accounts with another one, or with another password of one of them.

        Raises:
            ValueError: the name cannot stand in the setting.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"账号名称“{name}”不能用:1 至 64 个字符,不含空白、冒号、引号和 $。")
        return Accounts({**self.hashes, name: digest})

    @property
    def line(self) -> str:
        """The line of a .env file; the quotes keep shells and readers of .env from expanding the hashes."""
        return f"POLICYQA_STAFF='{' '.join(f'{name}:{digest}' for name, digest in self.hashes.items())}'"

    def match(self, name: str, password: str) -> bool:
        """Whether this is the password of this account; an unknown name takes as long as a wrong password."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        digest = self.hashes.get(name) or next(iter(self.hashes.values()), None)
        if digest is None or len(password) > LONGEST:
            return False
        try:
            return PasswordHasher().verify(digest, password) and name in self.hashes
        except (VerificationError, InvalidHashError):
            return False
