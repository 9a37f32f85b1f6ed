"""Words of government documents that cleaning and parsing share, as parts of patterns."""

from __future__ import annotations

TYPE_WORD = (
    "(?:通知|意见|方案|办法|规定|条例|细则|措施|规划|计划|纲要|决定|公告|通告|规则|规程|指南|清单|目录|要点|"
    "政策|举措|决议|命令|函|批复|报告|规范|标准|制度|章程|准则|解读|问答|汇编|若干条)"
)
"""What closes the title of a government document (文种)."""

SELF_REFERENCE = (
    "(?:本|该|此|以上|上述|所列)(?:[^。;,\\n]{0,16}?)"
    "(?:意见|办法|方案|措施|政策|细则|规定|条例|通知|文件|计划|规划|指南|规则|决定|公告|通告|实施|条款|标准|"
    "举措|规程|章程|准则|制度|目录|清单|要点|若干|决议|命令)"
)
"""How a document names itself: 本办法, 以上措施."""
