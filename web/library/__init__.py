"""The library of policies (政策库): list, clause tree, validity over time; rendered on the server."""

from web.library.routes import router

__all__ = ["router"]
