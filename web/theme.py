"""Look of the page: local fonts only, Chinese whatever the browser's language, light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

STYLE_FILE = Path(__file__).parent / "style.css"
ICON_FILE = Path(__file__).parent / "icon.svg"

_FONTS = ("system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif")
# The page's own controls take their language from the browser; the texts here are Chinese only.
_HEAD = """<script>
for (const [name, value] of [["language", "zh-CN"], ["languages", ["zh-CN"]]]) {
  Object.defineProperty(navigator, name, { get: () => value });
}
document.documentElement.lang = "zh-CN";
</script>"""
_LIGHT = "() => document.body.classList.remove('dark')"


def launch_options() -> dict[str, Any]:
    """Arguments of `gradio.Blocks.launch` that make the page look and behave as it should."""
    theme = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=list(_FONTS), font_mono=["monospace"])
    return {
        "theme": theme,
        "css_paths": [STYLE_FILE],
        "head": _HEAD,
        "js": _LIGHT,
        "favicon_path": str(ICON_FILE),
        "footer_links": [],
        "ssr_mode": False,
        "quiet": True,
        "share": False,
        "show_error": False,
    }
