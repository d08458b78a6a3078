"""The public pages: few, static, in both languages, made from the theme's declarations and the notebooks' metadata."""

from atelier.site.build import build_site

__all__ = ["build_site"]
