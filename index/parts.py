"""The steps of the write path as one value, so that a pipeline can be run with other ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt

from index.models import Edition, Policy, RawDocument
from index.settings import Settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class PassageEmbedder(Protocol):
    """What the pipeline needs of an embedding model."""

    @property
    def identity(self) -> DataclassInstance:
        """Dataclass with at least `dimension`; equal identities give equal vectors."""

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """Unit vectors (n, d); `progress` is told the number of texts done since the last call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The steps before the store.

    Attributes:
        discover: files under folders and files; raises ValueError for a path that does not exist.
        read, parse: one file to its text, its text to an edition; raise PolicyQAError for a bad file.
        merge: editions of the same policy become one policy.
        load_embeddings: called only where there is text to embed.
        parser_version: changes whenever `read` or `parse` may give another result for the same file.
        load: gives the edition of a file in the place of `read` and `parse`, with the same result and errors.
    """

    discover: Callable[[Sequence[Path]], list[Path]]
    read: Callable[[Path], RawDocument]
    parse: Callable[[RawDocument], Edition]
    merge: Callable[[Sequence[Edition]], list[Policy]]
    load_embeddings: Callable[[Settings], PassageEmbedder]
    parser_version: str
    load: Callable[[Path], Edition] | None = None

    def edition(self, path: Path) -> Edition:
        """One file, read and parsed.

        Raises:
            PolicyQAError: it cannot be read.
        """
        return self.load(path) if self.load is not None else self.parse(self.read(path))

    @classmethod
    def installed(cls) -> Self:
        """The steps of this project; their libraries are loaded when a step first needs them."""
        from index.merge import merge
        from index.parse import PARSER_VERSION, parse
        from index.read import discover, read_file

        return cls(
            discover=discover,
            read=read_file,
            parse=parse,
            merge=merge,
            load_embeddings=_load_embeddings,
            parser_version=PARSER_VERSION,
        )


def _load_embeddings(settings: Settings) -> PassageEmbedder:
    # Parsing and checking for staleness must not load what only embedding needs.
    from index.embed import load_embeddings

    return load_embeddings(settings)
