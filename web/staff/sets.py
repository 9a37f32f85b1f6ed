"""Question sets that staff can run: those of the project, and their own under the data folder."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.form import SheetError, write_workbook
from eval.rows import Row, load_rows, row_to_object, save_rows, title_matches
from eval.sheet import read_workbook
from index.errors import PolicyQAError
from index.read.archive import open_archive
from web.feedback import Noted
from web.staff.names import safe_name

SIZE_LIMIT = 10 << 20
"""Bytes of an uploaded set."""

DRAFTS = "反馈题目草稿.jsonl"
_SHIPPED = Path(__file__).resolve().parents[2] / "eval" / "sets"


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A set as the page lists it.

    Attributes:
        own: it lies under the data folder, so staff can replace and delete it.
        count: its questions.
        covered: questions whose policies are all indexed.
        problem: Chinese sentence where it cannot be read.
    """

    name: str
    own: bool
    path: Path
    count: int = 0
    covered: int = 0
    problem: str = ""

    @property
    def key(self) -> str:
        """How requests name it."""
        return f"{'own' if self.own else 'shipped'}/{self.name}"

    @property
    def listed(self) -> bool:
        """Whether the page lists it among the first."""
        return self.own or self.fits

    @property
    def fits(self) -> bool:
        """Whether every policy that it asks about is indexed."""
        return self.count > 0 and self.covered == self.count


class QuestionSets:
    """The sets of the project and of one data folder."""

    def __init__(self, folder: Path, shipped: Path = _SHIPPED) -> None:
        self._own = folder
        self._shipped = shipped

    def all(self, titles: Iterable[str]) -> list[QuestionSet]:
        """Every set: those that fit the policies of these titles first, then by name."""
        known = tuple(titles)
        found = [self._described(path, False, known) for path in sorted(self._shipped.glob("*.jsonl"))]
        found += [self._described(path, True, known) for path in sorted(self._own.glob("*.jsonl"))]
        return sorted(found, key=lambda one: (not one.own, not one.fits, one.name))

    def path(self, key: str) -> Path:
        """The file of a set.

        Raises:
            ValueError: there is none of this key.
        """
        place, _, name = key.partition("/")
        folder = {"own": self._own, "shipped": self._shipped}.get(place)
        found = {path.name: path for path in folder.glob("*.jsonl")} if folder is not None else {}
        if name not in found:
            raise ValueError("没有这个题集,请刷新页面。")
        return found[name]

    def add(self, said: str, data: bytes) -> int:
        """Keep an uploaded workbook (xlsx) or JSON-lines file as a set; gives the number of its questions.

        Raises:
            ValueError: it is no set; one line for each mistake.
        """
        name = safe_name(said)
        rows = self._read(name, data)
        self._own.mkdir(parents=True, exist_ok=True)
        target = self._own / f"{Path(name).stem}.jsonl"
        partial = target.with_name(f".{target.name}.part")
        save_rows(rows, partial)
        partial.replace(target)
        return len(rows)

    def _read(self, name: str, data: bytes) -> tuple[Row, ...]:
        with tempfile.TemporaryDirectory(prefix="policyqa-set-") as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            if not data.startswith(b"PK"):
                return load_rows(path)
            try:
                # What it unpacks to is known before a library opens it.
                open_archive(data, name).close()
                return read_workbook(path)
            except SheetError as error:
                raise ValueError("\n".join(error.problems)) from None
            except PolicyQAError as error:
                raise ValueError(str(error)) from None

    def delete(self, key: str) -> None:
        """Delete an own set.

        Raises:
            ValueError: it is none of those.
        """
        path = self.path(key)
        if path.parent != self._own:
            raise ValueError("随附的题集不能删除。")
        path.unlink()

    def workbook(self, key: str, target: Path) -> None:
        """Write a set as a workbook to fill in and correct.

        Raises:
            ValueError: the set cannot be read or written.
        """
        write_workbook(load_rows(self.path(key)), target)

    def draft(self, noted: Noted) -> bool:
        """Append a question from feedback to the drafts; False where it is there already.

        What a right answer has is for a person to fill in: the draft only expects what the answer was not.
        """
        row = _drafted(noted)
        self._own.mkdir(parents=True, exist_ok=True)
        path = self._own / DRAFTS
        before = load_rows(path) if path.is_file() else ()
        if row.id in {one.id for one in before}:
            return False
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row_to_object(row), ensure_ascii=False) + "\n")
        return True

    def _described(self, path: Path, own: bool, titles: tuple[str, ...]) -> QuestionSet:
        try:
            rows = load_rows(path)
        except ValueError as error:
            return QuestionSet(path.name, own, path, problem=str(error))
        fragments = {fragment for row in rows for fragment, _ in row.clauses}
        known = {fragment for fragment in fragments if any(title_matches(fragment, title) for title in titles)}
        covered = sum(all(fragment in known for fragment, _ in row.clauses) for row in rows)
        return QuestionSet(path.name, own, path, len(rows), covered)


def _drafted(noted: Noted) -> Row:
    """The question with the status that a right answer has, as far as the judgement tells it."""
    was_refused = noted.answer.get("status") == "refused"
    is_right = noted.verdict == "like" or (not was_refused and noted.reason != "refused")
    status = "refused" if was_refused and is_right else "answered"
    return Row(
        id=f"feedback-{noted.answer_id[:40]}",
        category="refuse" if status == "refused" else "amount",
        question=noted.question,
        status=status,
        history=tuple((asked or "…", said or "…") for asked, said in noted.history),
    )
