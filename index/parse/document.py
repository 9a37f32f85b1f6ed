"""One source file, parsed: the steps of this package in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from index.clean import CleanText, clean
from index.clean.boilerplate import distribution_start, footer_start
from index.corrections import checked_facts, with_facts
from index.errors import SourceFileError
from index.models import Clause, Edition, EditionKind, Level, PolicyFacts, RawDocument
from index.parse.clauses import ClauseWriter
from index.parse.dates import arabic_dates, dates_in, make_date, read_validity
from index.parse.front import Front, parse_front
from index.parse.markers import Kind, find_markers
from index.parse.regions import issuers_of_title, place_of, signature_before, signature_in, split_bodies
from index.parse.tree import Node, TreeBuilder

PARSER_VERSION = "13"
"""Raised whenever the same file would give other clauses or facts; stored with every parsed edition."""

_BODIES = r"(?P<bodies>(?:[\u4e00-\u9fff、 ]{2,40}\n){0,8}?[\u4e00-\u9fff、 ]{2,120}?\n?)"
_DAY_OF_SIGNATURE = (
    r"(?P<date>\d{4}年\d{1,2}月\d{1,2}日"
    r"|[零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)"
)
_SIGNATURE = re.compile(rf"(?:(?<=[。\n)\]:])|^){_BODIES}{_DAY_OF_SIGNATURE}\s*(?:\([^()\n]{{2,40}}\)\s*){{0,2}}$")
_MIN_TEXT = 20  # characters beside the title
# A decree is signed by the head of government: 市长 林某 2024年11月20日.
_HEAD_OF_GOVERNMENT = re.compile(r"(?:省长|市长|州长|县长|区长|主席|部长|主任)[\u4e00-\u9fff]{2,4}$")
_PERIOD = re.compile(r"((?:19|20)\d{2})年?[-~至到]{1,2}((?:19|20)\d{2})年?")
_DRAFT = re.compile(r"征求意见稿|公开征求|草案|送审稿|讨论稿")
_REPEAL = re.compile(
    r"《([^《》]{4,100})》(?:\(([^()]*号)[^()]*\))?[^。《》]{0,40}?(?:同时|即行|予以|自行|一并)?(?:废止|停止执行|失效)"
)
_IS_DRAFT, _NO_TEXT = "这是征求意见稿或草案,不是正式施行的文件。", "没有读到正文。"
_READ_WHERE_EMPTY = ("issuers", "level", "period", "edition")
_REPEALED_MARK = re.compile(r"(?:已|现已|全文)(?:废止|失效)|\[(?:废止|失效)\]|【(?:废止|失效)】")


def parse(raw: RawDocument) -> Edition:
    """Read title, numbers, dates, validity and the clause tree from one file's text.

    Front matter of Markdown files takes precedence over what the text says, and corrections over both. Facts the
    document does not state are None.

    Raises:
        SourceFileError: front matter has a value that is not of the form its fact has.
    """
    text = clean(raw)
    markers = find_markers(text)
    builder = TreeBuilder(text.shape, markers)
    root = builder.build()
    first = next((n.marker.start for n in builder.accepted if n.marker), len(text))
    main_end = _main_end(root, len(text))
    last = max((n.marker.end for n in builder.accepted if n.marker and n.marker.end <= main_end), default=0)
    end, cut = _body_end(text, last, main_end)
    front = parse_front(text.text, text.shape, first if builder.accepted else end)
    signature = _signature(text.shape[last:end])
    body_end = last + signature.start() if signature else end
    preface = front.preface
    if not builder.accepted:
        preface = _whole_text(text, front, body_end)
    ends = {main_end: body_end}
    if main_end < len(text):
        last_of_all = max(n.marker.end for n in builder.accepted if n.marker)
        ends[len(text)], _ = _body_end(text, last_of_all, len(text))
    writer = ClauseWriter(text, root, ends=ends, page_starts=raw.page_starts)
    clauses = tuple(writer.clauses(preface))
    facts = _facts(text, front, clauses, signature, cut)
    kind = _edition_kind(text, front, cut)
    for stated in (_front_matter_facts(raw), raw.corrections):
        facts, kind = with_facts(facts, kind, stated)
    # Imported here: reading benefits uses this package's numerals, so a module-level import would be a cycle.
    from index.benefits.extract import extract

    benefits = extract(clauses, facts)
    return Edition(raw.name, raw.sha256, kind, facts, clauses, benefits, _warnings(raw, builder, facts, clauses))


def corrected(edition: Edition, corrections: Mapping[str, Any], *, sha256: str) -> Edition:
    """An edition that was parsed without corrections (`index.corrections.checked_facts`), as if with them.

    `sha256` is the digest of the file together with its corrections.
    """
    from index.benefits.extract import extract

    facts, kind = with_facts(edition.facts, edition.kind, corrections)
    warnings = [warning for warning in edition.warnings if warning not in (_IS_DRAFT, _NO_TEXT)]
    warnings += [_IS_DRAFT] * facts.draft + [_NO_TEXT] * (not edition.clauses)
    benefits = extract(edition.clauses, facts)
    return replace(edition, sha256=sha256, kind=kind, facts=facts, benefits=benefits, warnings=tuple(warnings))


def _whole_text(text: CleanText, front: Front, body_end: int) -> tuple[int, int] | None:
    """The range of an unnumbered document's only clause; a title alone is none."""
    if front.preface is not None:
        return front.preface[0], min(front.preface[1], body_end)
    return (0, body_end) if len(text.text[:body_end].strip()) > len(front.title) + _MIN_TEXT else None


def _main_end(root: Node, length: int) -> int:
    """Where the main body ends: at the first attachment."""
    return next((n.marker.start for n in root.children if n.kind is Kind.ATTACHMENT and n.marker), length)


def _body_end(text: CleanText, last: int, limit: int) -> tuple[int, str]:
    """End of the text proper between its last ordinal and `limit`, and what follows it (footers, 抄送)."""
    rest = text.shape[last:limit]
    end = last + min(footer_start(rest), distribution_start(rest))
    return end, text.shape[end:limit]


def _signature(rest: str) -> re.Match[str] | None:
    match = _SIGNATURE.search(rest)
    return match if match and split_bodies(match.group("bodies")) else None


def _facts(
    text: CleanText, front: Front, clauses: tuple[Clause, ...], signature: re.Match[str] | None, cut: str
) -> PolicyFacts:
    head = arabic_dates(front.head)
    issued_on, signers = _issue(head, tuple(map(arabic_dates, front.head_lines)), signature, cut)
    issued_on = issued_on or _metadata_day(front, "成文日期", "发文日期")
    issuers = (
        signers or issuers_of_title(front.notice or front.title) or issuers_of_title(front.title) or _law_issuers(head)
    )
    decreed = re.match(r"(.{2,24})令第\d+号$", facts_number) if (facts_number := front.doc_number or "") else None
    issuers = issuers or (split_bodies(decreed.group(1)) if decreed else ())
    issuers = issuers or next((found for key in _ISSUED_BY if (found := split_bodies(front.metadata.get(key, "")))), ())
    level, region = _place(issuers, front)
    shape_body = "。".join(_clause_shape(clause) for clause in clauses if not clause.path.startswith("a"))
    validity = read_validity(shape_body, issued_on)
    stated = re.search(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:起)?(?:施行|实施)", head)
    effective = validity.effective_on or (make_date(*(int(g) for g in stated.groups())) if stated else None)
    return PolicyFacts(
        title=front.title,
        doc_number=front.doc_number,
        issuers=issuers,
        level=level,
        region=region,
        issued_on=issued_on,
        effective_on=effective,
        expires_on=validity.expires_on,
        period=_period(front.title),
        draft=bool(_DRAFT.search(front.title) or re.search(r"征求意见稿|公开征求意见", front.head)),
        repeals=_repeals(front.title, shape_body),
    )


_ISSUED_BY = ("发文机关", "制定机关", "发文单位", "发布机构")
"""Who issued a document, in the tables of sites; the last one is said of who put it there, most often the same."""


def _metadata_day(front: Front, *keys: str) -> date | None:
    """The first of these dates in the table that a site prints above the document."""
    for key in keys:
        numbers = re.findall(r"\d+", front.metadata.get(key, ""))
        if len(numbers) >= 3 and len(numbers[0]) == 4:
            return make_date(*(int(number) for number in numbers[:3]))
    return None


def _clause_shape(clause: Clause) -> str:
    from index.clean.characters import shape_of

    return shape_of(clause.text)


def _issue(
    head: str, head_lines: tuple[str, ...], signature: re.Match[str] | None, cut: str
) -> tuple[date | None, tuple[str, ...]]:
    """Day of issue and signing bodies: the signature, else a date in the head, else the 印发 line."""
    if signature is not None:
        days = dates_in(arabic_dates(signature.group("date")))
        return (days[0][2] if days else None), split_bodies(signature.group("bodies"))
    signed = signature_in(head_lines)
    if signed is not None:
        return signed
    days = dates_in(head)
    by_head = [day for start, _, day in days if _HEAD_OF_GOVERNMENT.search(head[:start])]
    if by_head:
        return by_head[-1], ()
    for start, _, day in reversed(days):
        bodies = signature_before(head, start)
        if bodies and not re.match(r"[^。]{0,80}?(?:通过|批准|修正|修订|讯)", head[start + 8 :][:80]):
            return day, bodies
    history = [(end, day) for _, end, day in days if re.match(r"[^。]{0,80}?(?:公布|发布|通过|批准|修订)", head[end:])]
    published = [day for end, day in history if re.match(r"[^。]{0,60}?(?:公布|发布)", head[end:].split("日")[0])]
    if published or history:
        return max(published or [day for _, day in history]), ()
    printed = [day for _, end, day in dates_in(cut) if cut[end : end + 2] == "印发"]
    return (printed[0] if printed else None), ()


def _law_issuers(head: str) -> tuple[str, ...]:
    """人民代表大会常务委员会 that passed a regulation, session numbers removed."""
    head = re.sub(r"\d{4}年\d{1,2}月\d{1,2}日", "。", head)
    match = re.search(
        r"([\u4e00-\u9fff]{2,8}?(?:省|市|县|自治区|自治州))第?[一二三四五六七八九十]*届?人民代表大会(常务委员会)?[^。]{0,20}通过",
        head,
    )
    match = match or re.search(
        r"([\u4e00-\u9fff]{2,8}?[省市县])第[一二三四五六七八九十]+届人民代表大会(常务委员会)?", head
    )
    return (f"{match.group(1)}人民代表大会{match.group(2) or ''}",) if match else ()


def _place(issuers: tuple[str, ...], front: Front) -> tuple[Level | None, str | None]:
    names = [re.sub(r"^关于(?:印发|发布|公布)?", "", name) for name in (*issuers, front.notice or "", front.title)]
    places = [place_of(name) for name in names if name]
    known = [place for place in places if place[0] is not None]
    if not known:
        return None, None
    if known[0][0] is Level.NATIONAL:
        return known[0]
    level, region = known[0]
    longer = [r for lv, r in known if r and region and r.endswith(region) and len(r) > len(region) and lv is level]
    return level, longer[0] if longer else region


def _period(title: str) -> tuple[int, int] | None:
    from index.clean.characters import shape_of

    match = _PERIOD.search(shape_of(title))
    return (int(match.group(1)), int(match.group(2))) if match else None


def _repeals(title: str, body: str) -> tuple[str, ...]:
    """Titles and document numbers that this document says it repeals."""
    found = [name for match in _REPEAL.finditer(body) for name in match.groups() if name]
    found = [re.sub(r"\[(\d{4})\]", r"〔\1〕", name) for name in found]
    if re.search(r"关于(?:废止|公布废止|宣布失效)", title):
        found += re.findall(r"《([^《》]{4,100})》", title + body)
    return tuple(dict.fromkeys(found))


def _front_matter_facts(raw: RawDocument) -> Mapping[str, Any]:
    """What the front matter states; issuers, level and years that it leaves empty are read from the text."""
    stated = {name: value for name, value in raw.metadata.items() if value or name not in _READ_WHERE_EMPTY}
    try:
        return checked_facts(stated)
    except ValueError as error:
        raise SourceFileError(raw.name, "的元数据(front matter)有错", str(error)) from error


def _edition_kind(text: CleanText, front: Front, cut: str) -> EditionKind:
    """A reprint shows it: a news lead, a site's footer, glosses of a scraped page."""
    site = footer_start(cut) < len(cut)
    return EditionKind.REPRINT if front.lead or site or text.glossed else EditionKind.ORIGINAL


def _warnings(
    raw: RawDocument, builder: TreeBuilder, facts: PolicyFacts, clauses: tuple[Clause, ...]
) -> tuple[str, ...]:
    found = [*raw.warnings, *builder.warnings]
    if not builder.accepted:
        found.append("没有找到编号的条款,全文作为一条收录。")
    if facts.draft:
        found.append(_IS_DRAFT)
    if not clauses:
        found.append(_NO_TEXT)
    return tuple(found)
