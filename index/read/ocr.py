"""Optical character recognition of scans and photographs, with the optional extra `rapidocr`.

The models (PP-OCRv6) are files of the rapidocr wheel. They run on OpenVINO, which the run-time set has anyway,
and are named by path so that nothing is ever looked up or downloaded.
"""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import MissingExtraError, SourceFileError
from index.read.extracted import Extracted, join_pages
from index.read.layout import Box, join_rows
from index.read.untyped import OcrEngine

if TYPE_CHECKING:
    from PIL.Image import Image

INSTALL_COMMAND = "pip install -r requirements-ocr.txt"
MAX_PIXELS = 100_000_000
MAX_FRAMES = 200
_OCR_WARNING = "文件“{name}”的文字由扫描件识别得到,可能有错字,引用前请核对原件。"


def is_available() -> bool:
    """True when the OCR extra and an engine for it are installed."""
    return all(find_spec(module) is not None for module in ("rapidocr", "openvino"))


def missing_extra(name: str) -> MissingExtraError:
    """The error for a scan when OCR is not installed."""
    return MissingExtraError(f"文件“{name}”是扫描件或图片,需要文字识别组件。", f"请运行 {INSTALL_COMMAND} 安装后重试。")


def ocr_warning(name: str) -> str:
    """One Chinese sentence: this text was recognised and may be wrong."""
    return _OCR_WARNING.format(name=name)


def read_image(data: bytes, name: str) -> Extracted:
    """Text of a picture, one page for each frame of a TIFF.

    Raises:
        MissingExtraError: the OCR extra is not installed.
        SourceFileError: damaged, or more than `MAX_PIXELS` pixels or `MAX_FRAMES` frames.
    """
    frames = _load_frames(data, name)
    if not is_available():
        raise missing_extra(name)
    text, page_starts = join_pages([recognize(frame) for frame in frames])
    if not text.strip():
        raise SourceFileError(name, "里没有识别出文字", "请换一份更清晰的扫描件(300 dpi 以上)。")
    return Extracted(text, page_starts=page_starts, warnings=(ocr_warning(name),))


def recognize(image: Image) -> str:
    """Text of one upright page, lines top to bottom, left to right; "" when there is none."""
    import numpy as np

    # rapidocr takes arrays in OpenCV's channel order, blue first.
    pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]
    result = _engine()(np.ascontiguousarray(pixels))
    if result.boxes is None or result.txts is None:
        return ""
    boxes = [
        Box(text, float(box[:, 0].min()), float(box[:, 1].min()), float(box[:, 0].max()), float(box[:, 1].max()))
        for text, box in zip(result.txts, result.boxes, strict=True)
    ]
    return "\n".join(join_rows(boxes))


def _load_frames(data: bytes, name: str) -> list[Image]:
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            # Pillow warns of decompression bombs at half the size at which it refuses them.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                if picture.width * picture.height > MAX_PIXELS or getattr(picture, "n_frames", 1) > MAX_FRAMES:
                    raise SourceFileError(name, "图片太大", "请缩小到 1 亿像素、200 页以内。")
                return [ImageOps.exif_transpose(_opaque(frame)) for frame in ImageSequence.Iterator(picture)]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise SourceFileError(name, "图片太大", "请缩小到 1 亿像素、200 页以内。") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise SourceFileError(name, "图片已损坏或没有下载完整", "请重新下载或重新扫描。") from error


def _opaque(frame: Image) -> Image:
    """A copy with transparent parts on white; black letters on nothing would otherwise be black on black."""
    from PIL import Image

    if not frame.has_transparency_data:
        return frame.copy()
    layer = frame.convert("RGBA")
    page = Image.new("RGBA", layer.size, "white")
    page.alpha_composite(layer)
    return page


@lru_cache(maxsize=1)
def _engine() -> OcrEngine:
    """The recogniser, built once: loading and compiling takes about 5 s, a page about 1 s."""
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    engine = rapidocr.EngineType.OPENVINO
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "error",
            # Pages are upright; turning single lines round only adds errors on short ones.
            "Global.use_cls": False,
            "Det.engine_type": engine,
            "Rec.engine_type": engine,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
        }
    )
