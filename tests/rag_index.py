"""Builds an index for tests, with the bundled model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from index.build import build
from index.settings import Settings, get_settings
from rag.answer import AnswerEngine

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


def engine_over(texts: Mapping[str, str], folder: Path) -> AnswerEngine:
    """An engine without a language model over policies, name to text, written to `folder` and indexed below it."""
    sources = []
    for name, text in texts.items():
        sources.append(folder / f"{name}.md")
        sources[-1].write_text(text, encoding="utf-8")
    return AnswerEngine.from_settings(built(folder / "data", sources))
