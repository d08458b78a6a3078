"""The headers of every answer: 2xx, 3xx, 4xx and 5xx alike."""

from collections.abc import Mapping

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "form-action 'none'"
)
"""What a public page may load: our own origin. Inline styles are the widgets' way; no inline script runs."""

EDITION_POLICY = f"{CONTENT_POLICY}; sandbox allow-downloads allow-popups allow-popups-to-escape-sandbox"
"""A report is a page of its own origin: no script, no form, no cookie."""

EMBED_POLICY = CONTENT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "script-src 'self'", "script-src 'none'"
)
"""A figure that any site may show in its own pages: nothing runs in it."""

EMBED_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": EMBED_POLICY,
    "Cross-Origin-Resource-Policy": "cross-origin",
}

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000")
"""Only over https: sent over http it would be ignored, and on loopback it would lock a developer out."""
