"""Document numbers (文号) as questions and clauses write them: X政发〔2024〕4号, with the words before it cut off."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

DOC_NUMBER = re.compile(r"([\u4e00-\u9fff]{2,12}?)[\[(]((?:19|20)\d{2})[\])]第?0*(\d{1,5})号")
"""Code of the issuer, year and count, in a text of one width; the code may have words of the sentence before it."""
_PLAIN = str.maketrans("〔〕【】「」", "[][][]")
_LEADING = frozenset(
    ("根据", "按照", "依据", "请问", "文件", "政策", "文号", "一下", *"请查看找问是有想叫讲说的了那这个老旧原")
)
"""What stands before a document number in a question or a clause, beside words that only link."""


def fold_number(doc_number: str) -> str:
    """A document number in one spelling: brackets in all forms count alike, blanks and leading zeros do not."""
    plain = unicodedata.normalize("NFKC", doc_number).translate(_PLAIN)
    plain = re.sub(r"\s+", "", plain).replace("(", "[").replace(")", "]")
    return re.sub(r"\]第?0*(\d)", r"]\1", plain)


def numbers_in(plain: str) -> tuple[str, ...]:
    """Document numbers in a text of one width, in order, each once."""
    return tuple(
        dict.fromkeys(f"{_issuer_code(who)}[{year}]{count}号" for who, year, count in DOC_NUMBER.findall(plain))
    )


@lru_cache(maxsize=256)
def _issuer_code(words: str) -> str:
    """The code of a document number without the words of the question before it: 以前那个某政办发 is 某政办发."""
    import rjieba

    start = at = 0
    for word, tag in rjieba.tag(words):
        at += len(word)
        linking = len(word) > 1 and tag[0] in "cdfprtuy"
        if at < len(words) - 1 and (linking or word in _LEADING):
            start = at
    return words[start:]


def cites(text: str, number: str) -> bool:
    """Whether a text names a document number, as `unresolved_numbers` gives it."""
    asked = fold_number(number)
    return any(same_number(asked, named) for named in numbers_in(fold_number(text)))


def same_number(asked: str, stored: str) -> bool:
    """Whether two folded numbers are the same, one of which may have a word too many before it."""
    # The words before the number are cut greedily from the question: 请问杭政办函[2022]69号.
    return asked.endswith(stored) or stored.endswith(asked)
