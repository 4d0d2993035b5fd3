"""The people who can sign in at the development identity provider, as claims."""

from typing import Any


def _person(subject: str, name: str, role: str, tenant: str) -> dict[str, Any]:
    return {
        "sub": subject,
        "name": name,
        "preferred_username": subject,
        "email": f"{subject}@{tenant}.example",
        "roles": [role],
        "tenant": tenant,
    }


PEOPLE = (
    _person("olga", "Olga Operator", "operator", "hofmann"),
    _person("max", "Max Manager", "manager", "hofmann"),
    _person("mia", "Mia Manager", "manager", "hofmann"),
    _person("anna", "Anna Accountant", "accountant", "hofmann"),
    _person("adam", "Adam Admin", "admin", "hofmann"),
    _person("eve", "Eve Admin", "admin", "hofmann"),
    _person("bruno", "Bruno Brandt", "admin", "brandt"),
)
"""Six of Landhandel Hofmann GmbH, and one of another trader who must see nothing of them."""
