"""The goal that is asked about, out of a sentence that lists many: its own words, with the year they are for.

Plans put a dozen figures into one sentence. Who asks for one of them is told that one; the whole sentence stands in the
citation. Where no part stands out, or a part cannot be read without its neighbours, the sentence is told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.asked import figure_check
from rag.figures import figures
from rag.subject import Subject
from rag.understand import Question, Want
from rag.verify import Quote

_LONG = 80
"""Characters from which the parts of a sentence between semicolons are told alone."""
_PARTS = 2
_PIECES = 3
"""Figures between commas from which one of them is told alone."""
_HOW_MANY = re.compile(r"多少|几[个家项座条]|多大|分别|各")
_ONE = re.compile(r"多少|几[\u4e00-\u9fff]|多[大高长]")
_SEVERAL = re.compile(r"分别|各|哪些|还有|以及|[和与、及,][^,。?]{0,12}(?:多少|几)")
_STANDS_OUT = 0.2
"""How much more of the subject a part must name than any other."""
_NAMED = 0.5
"""Share of the subject that a piece between commas must name."""
_BY_YEAR = re.compile(
    r"^(?:力争|预计|争取)?到?20\d\d年(?:底|末)?前?[，,]|^(?:通过|经过)[\d一二三四五六七八九十—-]+年(?:的)?努力[，,]"
)
_YEAR = re.compile(r"20\d\d年")
_WITHIN = re.compile(r"^其中")
_LEANS = re.compile(r"^(?:分别|均|都|且|并|各|同比|比|占|较|累计|年均|达到|总|该|其|共)")
"""What a piece begins with that needs the one before it."""


def goal_meant(quotes: Sequence[Quote], question: Question, subject: Subject) -> str:
    """The part of a sentence of goals that is asked about, with its year; "" where no part stands out."""
    asked = question.focus or question.text
    listed = question.wants & {Want.LIST, Want.AMOUNT, Want.CONDITION}
    if Want.GOAL not in question.wants or listed or len(_HOW_MANY.findall(asked)) != 1 or len(quotes) != 1:
        return ""
    sentence = quotes[0].text.rstrip("。；")
    parts = [part.strip() for part in sentence.split("；") if part.strip()]
    if not parts:
        return ""
    found = _BY_YEAR.match(parts[0])
    year = found[0] if found is not None else ""
    parts[0] = parts[0].removeprefix(year)
    best = _best([part for part in parts if figures(part)], question, subject) if len(parts) >= _PARTS else ""
    if len(parts) >= _PARTS and (not best or len(sentence) < _LONG):
        return ""
    # The year in front holds for all parts that name none of their own.
    told = best or parts[0]
    piece = "" if _SEVERAL.search(asked) or len(_ONE.findall(asked)) != 1 else _piece(told, question, subject)
    if not piece and not best:
        return ""
    told = piece or told
    return f"{'' if _BY_YEAR.match(told) else year}{told}。"


def _piece(part: str, question: Question, subject: Subject) -> str:
    """What stands between commas on the goal alone; "" where it cannot stand alone."""
    pieces = re.split("[，,]", part)
    valued = [piece for piece in pieces if figures(_YEAR.sub("", piece))]
    best = _best(valued, question, subject) if len(valued) >= _PIECES else ""
    check = figure_check(question)
    if not best or _LEANS.match(best) or subject.familiar.cover(best) < _NAMED or (check and not check(best)):
        return ""
    at = pieces.index(best)
    if any(_YEAR.search(piece) for piece in pieces[:at]) and not _YEAR.search(best):
        return ""
    return f"{pieces[at - 1]}，{best}" if at and _WITHIN.match(best) else best


def _best(parts: Sequence[str], question: Question, subject: Subject) -> str:
    """The part that names most of the subject, by far; "" where none does."""
    fits = sorted(((_fit(part, question, subject), part) for part in parts), key=lambda fit: -fit[0])
    if not fits or (len(fits) > 1 and fits[0][0] - fits[1][0] < _STANDS_OUT):
        return ""
    return fits[0][1]


def _fit(part: str, question: Question, subject: Subject) -> float:
    named = any(year in part for year in question.years)
    return subject.familiar.cover(part) + (0.5 if named else 0.0)
