"""Words and character bigrams of Chinese text, as BM25 counts them.

Words alone miss what the dictionary does not know (隐形冠军, names of programmes); bigrams alone lose
the weight of whole terms. Both in one index measured best (docs/decisions.md).
"""

from __future__ import annotations

import re
import unicodedata

TOKENIZER_VERSION = "words+bigrams/1"
"""Goes into the manifest: an index is only searched with the tokens it was built with."""

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_WORD_CHARACTER = re.compile(r"\w")


def tokenize(text: str) -> list[str]:
    """Words and Han bigrams of `text`, in lower case and full-width folded; punctuation gives nothing.

    A two-character word counts twice, as a word and as a bigram.
    """
    import rjieba

    folded = unicodedata.normalize("NFKC", text).lower()
    words = [word for word in rjieba.cut(folded) if _WORD_CHARACTER.search(word)]
    bigrams = [run[at : at + 2] for run in _HAN_RUN.findall(folded) for at in range(len(run) - 1)]
    return words + bigrams
