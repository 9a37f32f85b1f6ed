"""Profiles as the form of the matching page sends them, and what they are matched with."""

from __future__ import annotations

from datetime import date

from library_case import Shelf, shelf

from rag.profile import Profile
from web.match.form import MatchForm
from web.match.result import Result, result
from web.texts import load_texts

DAY = date(2025, 6, 1)
ZH = load_texts("zh")
GROUP = {
    "region": "杭州市",
    "industry": "制造业",
    "revenue": [{"scope": "在杭制造业", "amount": "520亿"}, {"scope": "", "amount": "", "previous": ""}],
    "first_time": "500亿元",
    "titles": [{"name": "绿色工厂", "level": "省级"}],
    "received": [{"threshold": "100亿元", "amount": "400万元"}],
    "as_of": "2020-06-01",
}


def profile(**fields: object) -> Profile:
    return MatchForm.model_validate(fields).profile(ZH)


def found(on: Shelf | None = None, **fields: object) -> Result:
    form = MatchForm.model_validate(fields)
    return result(form.profile(ZH), on or shelf(), form.day(), in_force_only=form.in_force_only)
