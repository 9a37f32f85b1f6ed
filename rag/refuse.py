"""What is said when nothing in the policies answers: why, and what can be asked instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.store import IndexReader
from rag.examples import example_questions

_SHOWN_REGIONS = 3
_EXAMPLES = 3
_POLITE = r"[,，。!！~～ 啊呀哦了啦你您们的真太厉害好很棒非常有帮助明白知道再见拜辛苦]*$"
_THANKS = re.compile(rf"^(?:好的?|嗯+|行|明白了?|知道了)?[,，。!！ ]*(?:谢谢|多谢|感谢|谢啦|谢了|辛苦){_POLITE}")
_FRAUD = re.compile(
    r"(?:教(?:教|一下)?我|帮我|给我|替我|怎么才?能?|怎样才?能?|如何才?能?|想)[^,，。?？]{0,12}"
    r"(?:伪造|造假|作假|做假|虚开|套取|骗取|骗到|骗补|骗钱|假(?:发票|合同|材料|流水)|蒙混|瞒过|不被(?:查|发现|抓))"
)
_OF_FRAUD = re.compile(
    r"处罚|罚|后果|追回|收回|追缴|会怎|怎么处理|如何处理|怎么办|认定|举报|追究|取消|黑名单|算不算|算是"
)
_HELLO = re.compile(rf"^(?:你好|您好|在吗|在不在|hi|hello|哈[喽啰]){_POLITE}", re.IGNORECASE)


def no_subject(reader: IndexReader, asked: str = "") -> str:
    """The question has no word that names a subject."""
    return f"请说明想问的事项，例如认定名称、企业类型或文件名称。{_suggestion(reader, asked)}"


def courtesy(reader: IndexReader, said: str) -> str | None:
    """What is said to thanks and greetings; None for anything else."""
    if _THANKS.match(said):
        return f"不客气。{_suggestion(reader)}"
    return f"您好，我可以回答{_holdings(reader)}里的规定。{_suggestion(reader)}" if _HELLO.match(said) else None


def unlawful(reader: IndexReader, said: str) -> str | None:
    """What is said to a request for help with fraud; None for anything else, also for what fraud leads to."""
    if not _FRAUD.search(said) or _OF_FRAUD.search(said):
        return None
    return f"不能帮助弄虚作假、骗取资金。{_suggestion(reader)}"


def ordered(reader: IndexReader) -> str:
    """What is said to orders that ask nothing: a part to be played, a promise to be made, a text to be put out."""
    return f"我只按收录的政策文件回答问题，不能代表任何单位作出承诺，也不执行其他指令。{_suggestion(reader)}"


def off_topic(reader: IndexReader, asked: str = "") -> str:
    """Nothing relevant was found."""
    return f"我收录了{_holdings(reader)}，没有和这个问题相关的规定，不能回答。{_suggestion(reader, asked)}"


def other_subject(reader: IndexReader, name: str, asked: str = "") -> str:
    """The policies have rules for what is named alike, and none for what the question names."""
    return f"收录的文件里有名称相近的规定，但没有写“{name}”，不能回答。{_suggestion(reader, asked)}"


def other_place(reader: IndexReader, places: Sequence[str], asked: str = "") -> str:
    """The question is about places that no policy is for."""
    names = _listed(places)
    return f"我只收录了{_holdings(reader)}，没有{names}的规定，不能回答。{_suggestion(reader, asked)}"


def unknown_number(reader: IndexReader, names: Sequence[str]) -> str:
    """The question names documents, by numbers or titles, that are not in the index, nor cited in it."""
    return f"没有收录{_listed(names)}，不能回答。请核对文件名称和文号。{_suggestion(reader, ''.join(names))}"


def unknown_clause(reader: IndexReader, clauses: Sequence[str], titles: Sequence[str]) -> str:
    """The question names clauses that the policies do not have."""
    where = "、".join(f"《{title}》" for title in titles) or "收录的文件"
    return f"{where}没有{'、'.join(clauses)}，请核对条款编号。{_suggestion(reader, ''.join(titles))}"


def no_policies() -> str:
    """The index is empty."""
    return "索引里还没有政策文件。请把文件放进 policies/ 文件夹，然后运行 `python -m index build`。"


def _holdings(reader: IndexReader) -> str:
    """杭州市和萧山区的 4 份政策."""
    return f"{_regions(reader)}的 {len(reader.facts())} 份政策"


def _regions(reader: IndexReader) -> str:
    """Regions that policies are for, the wider ones first; a district of one that is named, without its name."""
    full = sorted(sorted({facts.region for facts in reader.facts().values() if facts.region}), key=len)
    names = [next((one[len(wide) :] for wide in full if one != wide and one.startswith(wide)), one) for one in full]
    if len(names) > _SHOWN_REGIONS:
        return f"{'、'.join(names[:_SHOWN_REGIONS])}等地"
    return _listed(names) or "部分地区"


def _listed(names: Sequence[str]) -> str:
    """甲、乙和丙."""
    return "和".join(part for part in ("、".join(names[:-1]), "".join(names[-1:])) if part)


def _suggestion(reader: IndexReader, asked: str = "") -> str:
    """Questions that can be asked instead, those nearest to what was asked first."""
    questions = example_questions(reader, limit=_EXAMPLES, near=asked)
    inner = str.maketrans("“”", "‘’")
    quoted = "".join(f"“{question.translate(inner)}”" for question in questions)
    return f"可以问我：{quoted}" if questions else ""
