"""What XRechnung asks for beyond EN 16931, checked before it is made. Pure."""

from valeo_erp.einvoicing.terms import Terms
from valeo_erp.kernel.problems import Failure


def missing(terms: Terms) -> list[Failure]:
    """Everything that a recipient would reject the invoice for; empty if it may leave the house."""
    return [
        Failure(code, message)
        for code, message, group, name in _ASKED
        if not all(part.get(name) for part in _parts(terms, group))
    ]


def _parts(terms: Terms, group: str) -> list[Terms]:
    """The members of a group, such as the contact of the seller."""
    if group == "BG-6":
        contacts: list[Terms] = terms["BG-4"].get("contacts", [{}])
        return contacts
    return [terms[group]]


_ASKED = (
    ("BR-DE-3", "The city of the seller. Complete the tenant's master data.", "BG-4", "city"),
    ("BR-DE-4", "The postal code of the seller. Complete the tenant's master data.", "BG-4", "postcode"),
    ("BR-DE-6", "The telephone number of the seller. Complete the tenant's master data.", "BG-6", "phone"),
    ("BR-DE-7", "The e-mail address of the seller. Complete the tenant's master data.", "BG-6", "email"),
    ("BR-DE-8", "The city of the buyer. Complete the party's master data before posting.", "BG-7", "city"),
    ("BR-DE-9", "The postal code of the buyer. Complete the party's master data before posting.", "BG-7", "postcode"),
    (
        "PEPPOL-EN16931-R010",
        "The electronic address of the buyer, which is the VAT ID. Complete the party's master data before posting.",
        "BG-7",
        "einvoicing_addr",
    ),
)
