"""The public pages: few, static, in both languages, made from the theme's declarations and the notebooks' metadata."""  # noqa: A005 - the house calls it so, and nobody imports `site` here

from atelier.site.build import build_site

__all__ = ["build_site"]
