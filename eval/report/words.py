"""Chinese names and number formats of the reports."""

from __future__ import annotations

from eval.cells import CATEGORY_NAMES, STATUS_NAMES, WARNING_NAMES
from eval.metrics.bootstrap import Estimate

_FAILED = {"failed": "出错"}


def category_name(category: str) -> str:
    """A category in Chinese, itself where it has no name."""
    return CATEGORY_NAMES.get(category, category)


def status_name(status: str) -> str:
    """A status in Chinese, itself where it has no name."""
    return {**STATUS_NAMES, **_FAILED}.get(status, status)


def warning_name(code: str) -> str:
    """A warning code in Chinese, itself where it has no name."""
    return WARNING_NAMES.get(code, code)


def percent(share: float) -> str:
    """A share of 1 with one decimal: 80.4%."""
    return f"{share * 100:.1f}%"


def points(difference: float) -> str:
    """A signed difference of two shares, in percentage points: +3.2; 0.0 without a sign."""
    text = f"{difference * 100:+.1f}"
    return "0.0" if float(text) == 0 else text


def interval(estimate: Estimate) -> str:
    """An interval of shares: 75.2–85.1%."""
    return f"{estimate.low * 100:.1f}–{estimate.high * 100:.1f}%"


def milliseconds(value: float) -> str:
    """A time: 23 毫秒, 1.4 秒."""
    return f"{value:.0f} 毫秒" if value < 1000 else f"{value / 1000:.1f} 秒"
