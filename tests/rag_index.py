"""Builds an index for tests, with the bundled model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.build import build
from index.settings import Settings, get_settings

ROOT = Path(__file__).resolve().parents[1]
CORPUS = sorted((ROOT / "corpus").glob("*.md"))
INVENTED = sorted(path for path in (ROOT / "tests" / "documents").iterdir() if path.suffix in (".txt", ".md"))


def settings(data_dir: Path) -> Settings:
    """Settings of a data folder of its own; the unpacked model is shared by the session."""
    return Settings(data_dir=data_dir, model_cache=get_settings().models_dir)


def built(data_dir: Path, sources: Sequence[Path]) -> Settings:
    """Settings of a data folder with an index over `sources`."""
    chosen = settings(data_dir)
    build(list(sources), settings=chosen)
    return chosen
