"""The page that matches an enterprise's profile with the benefits of all policies (政策匹配)."""

from web.match.page import FILES, build_page
from web.match.routes import router

__all__ = ["FILES", "build_page", "router"]
