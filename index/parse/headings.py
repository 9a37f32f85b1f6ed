"""Where a clause's heading ends."""

from __future__ import annotations

import re

from index.parse.markers import Kind

_MAX_HEADING = 40
_MAX_RUN_IN = 32
_TITLE_IN_BRACKETS = re.compile(r"\[[^\[\]\n]{1,20}\]|\([^()\n。;,]{2,12}\)(?=\n|[^\n。;,:]{4})")
_STOP = re.compile(r"[。;:!?]")
# How sentences of policies open. In a text without line ends the heading 构建体系,增强动能 runs straight
# into 围绕主导产业,…; such a word behind a plausible heading is where the sentence begins.
_OPENER = re.compile(
    r"(?:坚持|围绕|紧扣|紧紧围绕|紧盯|聚焦|按照|根据|依据|为|为了|以(?![上下内外及来前后])|通过|全面|深入|高举|到\d{4}年|力争|本|对|在|自|由|支持|鼓励|加快|进一步|各|凡|主动|充分|牢固)"
)


def heading_end(shape: str, kind: Kind | None, *, parent: bool, wrapped: bool = False) -> int:
    """Length of the heading at the start of a clause's text, 0 where it has none.

    Args:
        shape: the clause's text behind its ordinal, see `CleanText.shape`.
        kind: family of its ordinal.
        wrapped: whether line ends may be left over from a hard wrap; an article then has no heading line.
        parent: whether the text is the lead of a clause that has items below it.

    A heading is a line of its own without a closing stop, a bracketed title of an article (第一条 [目的]), or the
    short first sentence of a numbered paragraph that goes on after it.
    """
    line, newline, _ = shape.partition("\n")
    if kind is Kind.ARTICLE:
        return _article_heading(shape, line, has_more=bool(newline) and not wrapped)
    if len(line) <= _MAX_HEADING and not _STOP.search(line) and (newline or parent):
        return len(line)
    if kind is None:
        return 0
    match = re.search("[。;:!?]", line[: _MAX_RUN_IN + 1])
    if match and match.group() == "。" and _goes_on(shape[match.end() :]) and not _is_rule(line[: match.start()]):
        return match.start()
    return _glued_heading(line) if kind <= Kind.CN else 0


def _article_heading(shape: str, line: str, *, has_more: bool) -> int:
    match = _TITLE_IN_BRACKETS.match(shape)
    if match:
        return match.end()
    return len(line) if has_more and len(line) <= 20 and not re.search("[。;:,、]", line) else 0


def _goes_on(rest: str) -> bool:
    """Whether a sentence follows, not only a remark in brackets (责任单位:…)."""
    return re.fullmatch(r"\s*(?:[(\[][^\n]*[)\]])?[。\s]*", rest) is None


def _is_rule(sentence: str) -> bool:
    """Whether a short first sentence states a rule (给予100万元奖励) or a condition (没有欠税), and names no clause."""
    dated = r"\d[月日天]|每(?:年|季度|半年)"
    ruled = rf"给予|不得|应当|不予|可以|没有|{dated}|未(?!来)|(?<!无)不(?![断动同良])"
    stated = rf"{ruled}|^(?:已|须)|只有|才能|方可|必须|除外"
    return re.search(rf"\d[^\d。]{{0,4}}[元%％家个项年倍亩吨米里人名台套件]|{stated}", sentence) is not None


def _glued_heading(line: str) -> int:
    """End of a heading that runs into its paragraph without a stop, 0 when no place is convincing."""
    first_stop = _STOP.search(line)
    limit = min(_MAX_HEADING, first_stop.start() if first_stop else len(line))
    commas = [i for i in range(limit) if line[i] == ","]
    for match in _OPENER.finditer(line, 4, limit):
        end = match.start()
        inside = [comma for comma in commas if comma < end]
        if line[end - 1] in ",、的与和及":
            continue
        if not inside and end <= 16 and not (commas and commas[0] - end < 3):
            return end
        if len(inside) == 1 and abs((end - inside[0] - 1) - inside[0]) <= 2:
            return end
    return 0
