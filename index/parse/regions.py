"""Issuers, administrative level and region, read from the names of public bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.models import Level
from index.parse.dates import make_date

_MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
_AUTONOMOUS = ("内蒙古", "广西", "西藏", "宁夏", "新疆")
_MINISTRY = (
    r"(?:财政|科学技术|科技|工业和信息化|商务|教育|民政|司法|自然资源|生态环境|住房和城乡建设|住房城乡建设|交通运输|水利|农业农村|文化和旅游|"
    r"应急管理|人力资源和社会保障|人力资源社会保障|退役军人事务|公安|外交|组织|宣传|统战)部"
)
_SUFFIX = (
    rf"(?:委员会办公室|委员会办公厅|委办公室|委办公厅|人民政府办公厅|人民政府办公室|人民代表大会常务委员会|人民代表大会|人民政府|"
    r"国务院办公厅|国务院|领导小组办公室|工作领导小组|领导小组|管理委员会|委员会|管委会|联席会议办公室|"
    rf"(?:发展和改革|发展改革|国有资产监督管理|卫生健康)委(?!员)|{_MINISTRY}|(?:(?![局厅委部])[\u4e00-\u9fff]){{2,6}}(?:总局|总署)|"
    r"办公厅|办公室|管理局|监督局|分局|局|厅|总会|银行|省委|市委|区委|县委|院|中心)"
)
# A national body's branch goes on behind the body's own name: 国家税务总局某市税务局, 某银行某市分行.
_BRANCH = (
    r"(?:国家|中国)[\u4e00-\u9fff]{2,12}?(?:总局|管理局|银行)"
    r"(?P<branch>[\u4e00-\u9fff]{1,9}?[省市区县州盟旗](?:分行|支行|中心支行|营业管理部|税务局|监管局|监管分局|分局))"
)
_BODY = re.compile(rf"{_BRANCH}|(?:中共|中国共产党)?[\u4e00-\u9fff]{{1,24}}?{_SUFFIX}(?!办公|管理|监督)")
_PLACE = re.compile(
    r"(?P<province>[\u4e00-\u9fff]{2,3}省|内蒙古自治区|[\u4e00-\u9fff]{2,4}自治区)?"
    r"(?P<city>[\u4e00-\u9fff]{2,7}?(?:自治州|地区|盟|市(?![场值民政区级])))?"
    r"(?P<district>[\u4e00-\u9fff]{1,4}?(?:新区|区(?![域间块级别分])|县(?![域级])|旗|市(?![场值民政区级]))|[\u4e00-\u9fff]{2,9}?自治县)?"
)
_DATE_END = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\)?$")


def split_bodies(text: str) -> tuple[str, ...]:
    """Names of public bodies written one after another, with or without blanks: (a, b, …)."""
    bodies: list[str] = []
    for piece in re.split(r"[\s、,]+", text):
        position = 0
        while position < len(piece):
            match = _BODY.match(piece, position)
            if match is None:
                break
            bodies.append(match.group())
            position = match.end()
    return tuple(dict.fromkeys(bodies))


def signature_before(text: str, date_start: int) -> tuple[str, ...]:
    """The bodies that sign directly before the date at `date_start`."""
    before = re.split(r"[。;:!?()》\"]", text[:date_start])[-1]
    return split_bodies(before) if len(before) <= 200 else ()


def signature_in(lines: Sequence[str]) -> tuple[date, tuple[str, ...]] | None:
    """Date line and the bodies that sign on it or on the lines above it; the last such place."""
    found = None
    for i, line in enumerate(lines):
        match = _DATE_END.search(line)
        day = make_date(*(int(group) for group in match.groups())) if match else None
        if match is None or day is None:
            continue
        signers = line[: match.start()]
        j = i - 1
        while j >= 0 and "".join(split_bodies(lines[j])) == re.sub(r"[\s、,]", "", lines[j]) != "":
            signers = f"{lines[j]} {signers}"
            j -= 1
        bodies = split_bodies(signers.lstrip("("))
        if bodies and "".join(bodies) == re.sub(r"[\s、,(]", "", signers):
            found = day, bodies
    return found


def issuers_of_title(title: str) -> tuple[str, ...]:
    """The bodies named before 关于 in a title."""
    before, about, _ = title.partition("关于")
    return split_bodies(re.sub(r"(?:印发|发布|转发)$", "", before)) if about else ()


def place_of(name: str) -> tuple[Level | None, str | None]:
    """Level and region named at the start of a body or a title.

    "杭州市萧山区人民政府办公室" gives (区县, 杭州市萧山区). A city of county rank cannot be told from
    a prefecture by its name and counts as 市.
    """
    branch = re.match(_BRANCH, name)
    name = branch["branch"] if branch else re.sub(r"^(?:中共|中国共产党)", "", name)
    if re.match(
        r"国务院|中央|中共中央|全国|国家|财政部|科技部|科学技术部|商务部|工业和信息化部|人力资源(?:和)?社会保障部|[\u4e00-\u9fff]{2,6}总局|中华人民共和国",
        name,
    ):
        return Level.NATIONAL, None
    name = re.sub(r"^省(?=[^\u4e00-\u9fff]|[\u4e00-\u9fff]{2,})", "", name) if name.startswith("省") else name
    match = _PLACE.match(name)
    assert match is not None
    province, city, district = match.group("province"), match.group("city"), match.group("district")
    if city is not None and re.search(r"(?:城|都|超|门|上|夜|股)市$", city) and len(city) > 4:
        city = None
    if district is not None and re.search(r"(?:园区|社区|地区|开发区|片区|城区|特区|景区|校区)$", district):
        district = re.match(r"[\u4e00-\u9fff]{1,4}新区$", district) and district
    region = "".join(part for part in (province, city, district) if part) or None
    if district:
        return Level.DISTRICT, region
    if city:
        municipality = city[:-1] in _MUNICIPALITIES
        return (Level.PROVINCE if municipality else Level.CITY), region
    return (Level.PROVINCE, region) if province else (None, None)
