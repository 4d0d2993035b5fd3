"""What the branding in force puts on every paper. Pure."""

from dataclasses import dataclass, replace

from valeo_erp.branding.logo import Logo
from valeo_erp.branding.look import Colours, Look
from valeo_erp.printing.facts import Brand, Supplier
from valeo_erp.printing.formats import iban

BEFORE_ANY = 0
"""The version of papers that were made before a branding was in force."""


@dataclass(frozen=True)
class Letterhead:
    """The branding, ready to be set.

    Attributes:
        version: of the branding; `BEFORE_ANY` without one.
        name: in large letters.
        accounts: bank, IBAN and BIC of each.
    """

    version: int
    name: str
    colours: Colours
    accounts: tuple[tuple[str, str, str], ...]
    footer_lines: tuple[str, ...]
    logo: Logo | None


def letterhead_of(supplier: Supplier, brand: Brand | None) -> Letterhead:
    """What stands at the top and at the foot; without a branding the supplier's own name and account."""
    if brand is None:
        account = (supplier.bank_name, iban(supplier.iban), supplier.bic)
        return Letterhead(BEFORE_ANY, supplier.name, Colours(), (account,), (), None)
    look = brand.look
    return Letterhead(
        version=brand.version,
        name=look.letterhead_name or supplier.name,
        colours=look.colours,
        accounts=tuple((each.bank_name, iban(each.iban), each.bic) for each in look.bank_accounts),
        footer_lines=look.footer_lines,
        logo=brand.logo,
    )


def branded(supplier: Supplier, look: Look) -> Supplier:
    """The supplier with the account that is paid to and the register entry of a branding."""
    first = look.bank_accounts[0]
    return replace(
        supplier,
        bank_name=first.bank_name,
        iban=first.iban,
        bic=first.bic,
        register_entry=look.register_entry or supplier.register_entry,
    )
