"""Which language a browser gets: the one chosen by its user, else the first of its own that is known, else German."""

from collections.abc import Mapping

from valeo_erp.printing.formats import Language

COOKIE = "valeo-language"


def language_of(cookies: Mapping[str, str], accept_language: str) -> Language:
    """The language of a page.

    Args:
        cookies: of the request.
        accept_language: the header (RFC 9110 section 12.5.4); a malformed one counts as none.
    """
    chosen = cookies.get(COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    ranked = sorted(map(_rank, accept_language[:500].split(",")), key=lambda entry: -entry[0])
    return next((Language(tag) for quality, tag in ranked if quality > 0 and tag in set(Language)), Language.GERMAN)


def _rank(entry: str) -> tuple[float, str]:
    tag, _, quality = entry.partition(";q=")
    try:
        weight = float(quality or 1)
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower().partition("-")[0]
