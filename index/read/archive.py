"""Open zip packages (docx, ofd) only after their real, unpacked size is known."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from index.errors import SourceFileError

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_PART_RATIO = 200
MAX_MEMBERS = 10_000
# A part below this size may be compressed as well as it likes: empty styles and themes reach high ratios.
_RATIO_FREE_BYTES = 4 * 1024 * 1024
_BLOCK = 1024 * 1024
# Office programs write no document type declaration; entities that expand or point outside need one.
_DOCTYPE = re.compile(
    b"|".join(re.escape("<!DOCTYPE".encode(encoding)) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
)


def open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """The archive, after every member was unpacked once in blocks and counted.

    Raises:
        SourceFileError: damaged, encrypted, too large when unpacked, or an XML part that declares entities.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
        _check_declared(members, name)
        total = 0
        for member in members:
            total += _checked_size(archive, member, name, budget=MAX_UNPACKED_BYTES - total)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise SourceFileError(name, "已损坏或没有下载完整", "请重新下载,或用 WPS/Word 打开后另存一份。") from error
    return archive


def _check_declared(members: list[zipfile.ZipInfo], name: str) -> None:
    if any(member.flag_bits & 0x1 for member in members):
        raise SourceFileError(name, "有打开密码", "请去掉密码后再导入。")
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise _too_large(name)
    for member in members:
        if member.file_size > _RATIO_FREE_BYTES and member.file_size > MAX_PART_RATIO * max(member.compress_size, 1):
            raise _too_large(name)


def _checked_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, *, budget: int) -> int:
    """Bytes the member really unpacks to; the header may lie, and members may overlap."""
    size = 0
    is_xml = member.filename.lower().endswith((".xml", ".rels"))
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            if is_xml and size == 0 and _DOCTYPE.search(block):
                raise SourceFileError(
                    name, "含有 XML 实体声明,正常的办公软件不会这样写", "请用 WPS/Word 打开后另存一份。"
                )
            size += len(block)
            if size > budget or size > max(_RATIO_FREE_BYTES, MAX_PART_RATIO * max(member.compress_size, 1)):
                raise _too_large(name)
    return size


def _too_large(name: str) -> SourceFileError:
    return SourceFileError(name, "解压后异常庞大,可能是压缩炸弹", "已拒绝读取;请用 WPS/Word 打开后另存一份。")
