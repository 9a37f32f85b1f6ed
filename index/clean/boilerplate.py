"""What web sites and offices put after a policy: site footers, upload notices, distribution lists."""

from __future__ import annotations

import re

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁"

# Wording of web pages about themselves, matched on `CleanText.shape`. A policy does not speak of its page, so
# one such sentence after the last numbered clause begins the footer.
_PAGE_WORDING = (
    r"本(?:消息|文|站|网|网站|信息|页面|平台|资讯|内容)(?:为|由|系|所有|内容|仅|刊|转载|来源|观点|不)[^\n。]{0,40}"
    r"(?:上传|发布|转载|整理|版权|删除|参考|负责|立场|采集|摘编)",
    r"如需删除|如有侵权|侵权(?:请|必)|免责声明|版权(?:声明|所有|归)|法律声明|转载请|未经授权",
    r"(?:热门|猜你)(?:阅读|文章|推荐|新闻|资讯|政策|链接|喜欢)",
    r"(?:相关|推荐|延伸)(?:阅读|文章|推荐|新闻|资讯|政策|链接|解读)(?=[ \t]*(?:[:\n]|$))",
    r"(?:上|下)一(?:篇|条)|返回(?:顶部|首页|列表)",
    r"获取(?:更多)?[^\n。]{0,12}资料|立即(?:获取|咨询)|点击(?:下载|查看|咨询)",
    r"分享(?:到|至):|扫一扫|扫码|长按(?:识别|二维码)|关注(?:我们|公众号|微信)",
    r"\[?打印(?:本页|此页|本文)?\]?[ \t|/]*\[?关闭|\[打印(?:本页)?\]|\[关闭(?:窗口|本页)?\]|打印本(?:页|文)",
    r"责任编辑|(?:信息|文章|稿件|内容)?来源:|(?:编辑|作者|审核|校对|浏览(?:次数|量)|阅读(?:次数|量)|点击(?:数|量)|字体大小|字号):",
    r"网站地图|关于我们|联系我们|主办单位:|承办单位:|技术支持:|网站标识码",
    rf"[{_PROVINCES}]?ICP备|[{_PROVINCES}]公网安备|Copyright",
)
_FOOTER = re.compile(rf"(?:^|(?<=[\n。!?)\"]))[ \t]*(?:{'|'.join(_PAGE_WORDING)})", re.IGNORECASE)
_DISTRIBUTION = re.compile(
    r"(?:^|(?<=[\n。)）]))[ \t]*(?:抄\s*送\s*[:：]|(?:主题词|主\s*题\s*词)\s*[:：]"
    r"|[^\n。，,、《》]{2,30}?(?:办公厅|办公室|局|委员会|秘书处|政府)[^\n。，,、]{0,4}\d{4}年\d{1,2}月\d{1,2}日印发)"
)


def footer_start(text: str) -> int:
    """Offset at which a web page's footer begins in the text behind the last clause, else `len(text)`."""
    match = _FOOTER.search(text)
    return match.start() if match else len(text)


def distribution_start(text: str) -> int:
    """Offset of the 抄送/印发 block at the end of an issued document, else `len(text)`."""
    match = _DISTRIBUTION.search(text)
    return match.start() if match else len(text)
