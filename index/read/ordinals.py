"""Write list numbers in the formats of WordprocessingML (ECMA-376 part 1, 17.18.59 ST_NumberFormat)."""

from __future__ import annotations

_CHINESE_DIGITS = "〇一二三四五六七八九"
_FULL_WIDTH_DIGITS = "０１２３４５６７８９"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
# First character and length of the runs of enclosed numbers in Unicode.
_ENCLOSED = {
    "decimalEnclosedCircle": ("①", 20),
    "decimalEnclosedCircleChinese": ("①", 20),
    "decimalEnclosedParen": ("⑴", 20),
    "decimalEnclosedFullstop": ("⒈", 20),
    "ideographEnclosedCircle": ("㊀", 10),
}
_COUNTING = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand"}
)
_LEGAL = frozenset({"chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"})
_DIGITAL = frozenset({"ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"})
_FULL_WIDTH = frozenset({"decimalFullWidth", "decimalFullWidth2"})


def format_ordinal(value: int, number_format: str) -> str:
    """The list number `value` (0 or more) in a format such as "chineseCounting"; "" for "bullet" and "none".

    A format that is not known, or a value outside a format's run, is written in decimal digits.
    """
    if number_format in ("bullet", "none"):
        return ""
    if number_format in _COUNTING or number_format in _LEGAL:
        return _counting(value, legal=number_format in _LEGAL)
    if number_format in _DIGITAL or number_format in _FULL_WIDTH:
        digits = _CHINESE_DIGITS if number_format in _DIGITAL else _FULL_WIDTH_DIGITS
        return "".join(digits[int(digit)] for digit in str(value))
    if number_format in _ENCLOSED:
        first, length = _ENCLOSED[number_format]
        return chr(ord(first) + value - 1) if 1 <= value <= length else str(value)
    if number_format in ("ideographTraditional", "ideographZodiac"):
        cycle = _STEMS if number_format == "ideographTraditional" else _BRANCHES
        return cycle[value - 1] if 1 <= value <= len(cycle) else str(value)
    return _western(value, number_format)


def _counting(value: int, *, legal: bool) -> str:
    import cn2an

    return str(cn2an.an2cn(value, "up" if legal else "low"))


def _western(value: int, number_format: str) -> str:
    if number_format == "decimalZero":
        return f"{value:02d}"
    if number_format in ("upperRoman", "lowerRoman") and 1 <= value < 4000:
        roman = _roman(value)
        return roman if number_format == "upperRoman" else roman.lower()
    if number_format in ("upperLetter", "lowerLetter") and value >= 1:
        # Word counts a … z, aa, bb, …
        letter = chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter if number_format == "upperLetter" else letter.lower()
    return str(value)


def _roman(value: int) -> str:
    parts: list[str] = []
    for size, letters in _ROMAN:
        count, value = divmod(value, size)
        parts.append(letters * count)
    return "".join(parts)
