"""The profile of an enterprise: a JSON file with what it is, how large, what it holds and what it has received.

Every field may be left out; what is left out is not known, never taken for no. The format is in docs/matching.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from index.quantities import Kind, quantities
from rag.situation import Measure, Received, Situation

_AMOUNT_FORM = "金额,写成数字(单位元)或“6.2亿”“3000万元”"
_SHARE_FORM = "比例,写成“4.5%”或 0 到 1 的小数"
_DAY_FORM = "日期,写成 2026-01-31 的样子"
_TEXT_FORM = "文字"
_LIST_FORM = '文字的列表,如 ["…", "…"]'
_FORMS = {
    "amount": _AMOUNT_FORM,
    "equipment": _AMOUNT_FORM,
    "equipment_software": _AMOUNT_FORM,
    "fixed_assets": _AMOUNT_FORM,
    "threshold": _AMOUNT_FORM,
    "rd_amount": _AMOUNT_FORM,
    "registered_capital": _AMOUNT_FORM,
    "output": _AMOUNT_FORM,
    "tax": _AMOUNT_FORM,
    "first_time": '首次达到的数额的列表,如 ["50亿元"]',
    "revenue": '金额(“6.2亿”),或 {"scope": 口径, "amount": 金额, "previous": 以前年度最高金额} 的列表',
    "previous": _AMOUNT_FORM,
    "rd_share": _SHARE_FORM,
    "employees": "人数,写成整数",
    "established_on": _DAY_FORM,
    "as_of": _DAY_FORM,
    "year": "年份,写成整数",
    "investments": '列表,每项 {"kind": 项目类型, "amount": 金额, "equipment_software": 金额}',
    "titles": '列表,每项 {"name": 名称, "level": 级别, "year": 年份}',
    "received": '列表,每项 {"title": 名称, "threshold": 档次, "amount": 金额, "year": 年份}',
    "loans": '列表,每项 {"kind": 种类, "amount": 金额}',
    "metrics": '对象,如 {"年货运量": "12万吨"}',
}
_LISTS = ("industry", "facts", "not_facts", "projects")


def _amount(value: object) -> object:
    """元 from a number or from words."""
    if isinstance(value, bool) or value is None:
        raise ValueError(_AMOUNT_FORM)
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, str):
        return _amount_of_text(value)
    raise ValueError(_AMOUNT_FORM)


def _amount_of_text(text: str) -> Decimal:
    found = quantities(text.strip())
    whole = len(found) == 1 and found[0].start == 0 and found[0].end == len(text.strip()) and found[0].upper is None
    money = whole and (
        found[0].unit == "元" or (found[0].kind is Kind.COUNT and not found[0].unit and re.search("[万亿]", text))
    )
    if not money:
        raise ValueError(_AMOUNT_FORM)
    return found[0].value


def _share(value: object) -> object:
    if isinstance(value, str):
        found = quantities(value.strip())
        if len(found) == 1 and found[0].kind is Kind.RATE:
            return found[0].value
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return Decimal(str(value))
    raise ValueError(_SHARE_FORM)


def _text_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Amount = Annotated[Decimal, BeforeValidator(_amount), Field(ge=0)]
Share = Annotated[Decimal, BeforeValidator(_share), Field(ge=0, le=1)]
Texts = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(_text_list)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Revenue(_Part):
    """Revenue of one year on one scope (在杭制造业); `previous` is the highest of earlier years."""

    amount: Amount | None = None
    scope: str = ""
    previous: Amount | None = None


class Investment(_Part):
    """One project: its kind (技术改造) and what it costs."""

    kind: str = Field(min_length=1)
    amount: Amount | None = None
    equipment: Amount | None = None
    equipment_software: Amount | None = None
    fixed_assets: Amount | None = None


class Title(_Part):
    """One title or certificate with its level."""

    name: str = Field(min_length=1)
    level: str = ""
    year: int | None = None


class ReceivedMoney(_Part):
    """Money received before, for a title or for a tier."""

    title: str = ""
    threshold: Amount | None = None
    amount: Amount | None = None
    year: int | None = None


class Loan(_Part):
    """One kind of loan."""

    kind: str = Field(min_length=1)
    amount: Amount | None = None


def _revenues(value: object) -> object:
    if isinstance(value, str | int | float):
        return [{"amount": value}]
    return [value] if isinstance(value, dict) else value


class Profile(_Part):
    """An enterprise; amounts in 元, shares as fractions of 1."""

    name: str = ""
    region: str | None = None
    registered: str | None = None
    industry: Texts = Field(default_factory=list)
    established_on: date | None = None
    employees: int | None = Field(default=None, ge=0)
    revenue: Annotated[list[Revenue], BeforeValidator(_revenues)] = Field(default_factory=list)
    output: Amount | None = None
    tax: Amount | None = None
    registered_capital: Amount | None = None
    rd_share: Share | None = None
    rd_amount: Amount | None = None
    investments: list[Investment] = Field(default_factory=list)
    titles: list[Title] = Field(default_factory=list)
    received: list[ReceivedMoney] = Field(default_factory=list)
    first_time: list[Amount] = Field(default_factory=list)
    projects: Texts = Field(default_factory=list)
    loans: list[Loan] = Field(default_factory=list)
    metrics: dict[str, str] = Field(default_factory=dict)
    facts: Texts = Field(default_factory=list)
    not_facts: Texts = Field(default_factory=list)
    as_of: date | None = None

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a profile.

        Raises:
            ValueError: the file is missing, no JSON, or a field is wrong; the message is for the user.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise ValueError(f"文件“{path}”不存在。") from None
        except IsADirectoryError:
            raise ValueError(f"“{path}”是文件夹,不是文件。") from None
        except UnicodeDecodeError:
            raise ValueError(f"文件“{path.name}”不是 UTF-8 编码。") from None
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"企业档案“{path.name}”不是 JSON(第 {error.lineno} 行)。") from None
        return cls.from_object(value)

    @classmethod
    def from_object(cls, value: object) -> Self:
        """A profile from decoded JSON.

        Raises:
            ValueError: it is no object, or a field is unknown or in another form; the message names each field.
        """
        if not isinstance(value, dict):
            raise ValueError('企业档案应为一个 JSON 对象,如 {"region": "…市…区", "revenue": "6.2亿"}。')
        try:
            profile = cls.model_validate(value)
        except ValidationError as error:
            problems = dict.fromkeys(_problem(item) for item in error.errors())
            raise ValueError(f"企业档案有误:{';'.join(problems)}。格式见 docs/matching.md。") from None
        tuple(_free(profile.metrics))
        return profile

    def situation(self, as_of: date | None = None) -> Situation:
        """The facts as conditions and calculations take them, on the day `as_of` (the profile's own, else today)."""
        day = as_of or self.as_of or date.today()
        return Situation(
            measures=tuple(self._measures(day)),
            received=tuple(
                Received(item.amount, item.threshold, item.title, item.title or "") for item in self.received
            ),
            counted=(),
            held=tuple(dict.fromkeys(self._held(day))),
            denied=tuple(self.not_facts),
            region=self.region,
        )

    def _measures(self, day: date) -> Iterator[Measure]:
        for item in self.revenue:
            yield from _money(f"{item.scope}营业收入", item.amount)
            yield from _money(f"此前{item.scope}营业收入", item.previous)
        yield from _money("产值", self.output)
        yield from _money("税收", self.tax)
        yield from _money("注册资本", self.registered_capital)
        yield from _money("研发投入", self.rd_amount)
        if self.rd_share is not None:
            yield Measure("研发投入占营业收入的比重", Kind.RATE, self.rd_share, "", "")
        if self.employees is not None:
            yield Measure("从业人员", Kind.COUNT, Decimal(self.employees), "人", f"{self.employees}人")
        if self.established_on is not None:
            years = Decimal((day - self.established_on).days) / Decimal("365.25")
            yield Measure("成立", Kind.COUNT, round(years, 1), "年", "")
        for project in self.investments:
            yield from _investment(project)
        for loan in self.loans:
            yield from _money(loan.kind if loan.kind.endswith("贷款") else f"{loan.kind}贷款", loan.amount)
        yield from _free(self.metrics)

    def _held(self, day: date) -> Iterator[str]:
        yield from self.industry
        for title in self.titles:
            yield f"{title.level}{title.name}"
            if title.year == day.year:
                yield f"新认定的{title.level}{title.name}"
        yield from (f"{project.kind.removesuffix('项目')}项目" for project in self.investments)
        yield from self.projects
        yield from (loan.kind if loan.kind.endswith("贷款") else f"{loan.kind}贷款" for loan in self.loans)
        yield from (f"首次达到{amount.normalize():f}元" for amount in self.first_time)
        yield from self.facts


def _money(metric: str, amount: Decimal | None) -> Iterator[Measure]:
    if amount is not None:
        yield Measure(metric, Kind.AMOUNT, amount, "元", "")


def _investment(project: Investment) -> Iterator[Measure]:
    name = f"{project.kind.removesuffix('项目')}项目"
    yield from _money(f"{name}投资", project.amount)
    yield from _money(f"{name}设备投资", project.equipment)
    yield from _money(f"{name}设备和软件投入", project.equipment_software)
    yield from _money(f"{name}固定资产投资", project.fixed_assets)


def _free(metrics: dict[str, str]) -> Iterator[Measure]:
    """Further figures by their names, 年货运量: 12万吨."""
    for name, text in metrics.items():
        found = quantities(text.strip())
        if len(found) != 1:
            raise ValueError(f"企业档案有误:metrics 中的“{name}”应为一个带单位的数,如“12万吨”。")
        quantity = found[0]
        yield Measure(name, quantity.kind, quantity.value, quantity.unit, text)


def _problem(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """One wrong field: its name and the form that is accepted."""
    names = [part for part in error["loc"] if isinstance(part, str) and not part.startswith(("function", "list["))]
    places = [f"第 {part + 1} 项" for part in error["loc"] if isinstance(part, int)]
    field = ".".join(names) + (f"({places[0]})" if places else "")
    if error["type"] == "extra_forbidden":
        return f"有不认识的字段 {field}"
    if error["type"] == "missing":
        return f"缺少字段 {field}"
    last = names[-1] if names else ""
    form = _FORMS.get(last, _LIST_FORM if last in _LISTS else _TEXT_FORM)
    return f"字段 {field} 应为{form}"
