"""Where a request of a browser comes from. A cookie goes along with foreign pages' requests too; the origin tells."""

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def is_own(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a request was made by a page of this installation.

    Args:
        headers: of the request, names in lower case.
        public_url: where users reach this installation.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(headers.get("origin", ""))
    public = urlsplit(public_url)
    if not origin.netloc:
        return False
    return (origin.scheme, origin.netloc) == (public.scheme, public.netloc) or origin.netloc == headers.get("host")


def local_path(wanted: str | None) -> str:
    """Where to go after signing in: only a path of this installation, else the start page."""
    if wanted is None or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return "/"
    if not wanted.isascii() or not wanted.isprintable() or len(wanted) > 1_000:  # noqa: PLR2004
        return "/"
    return wanted
