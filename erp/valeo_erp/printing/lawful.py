"""What §14 Abs. 4 UStG wants to see on an invoice, checked on what is printed. Pure."""

from collections.abc import Callable

from valeo_erp.kernel.problems import Failure
from valeo_erp.printing.view import AddressView, DocumentView


def missing(view: DocumentView) -> list[Failure]:
    """Everything that an issued invoice would lack; nothing for what is no invoice."""
    if not view.layout.invoice:
        return []
    return [Failure(code, message) for code, message, holds in _RULES if not holds(view)]


def _complete(address: AddressView) -> bool:
    return bool(address.name.strip() and address.street.strip() and address.place.strip())


_Rule = tuple[str, str, Callable[[DocumentView], bool]]
_RULES: tuple[_Rule, ...] = (
    (
        "supplier_address",
        "Nr. 1: the full name and address of the supplier. Complete its master data.",
        lambda view: _complete(view.seller),
    ),
    (
        "recipient_address",
        "Nr. 1: the full name and address of the recipient. Complete its master data before posting.",
        lambda view: _complete(view.buyer),
    ),
    (
        "supplier_tax_id",
        "Nr. 2: the supplier's tax number or VAT ID. Complete its master data before posting.",
        lambda view: bool(view.seller_tax_ids),
    ),
    ("document_date", "Nr. 3: the date of issue.", lambda view: bool(view.document_date)),
    ("number", "Nr. 4: the consecutive number. It is given by posting.", lambda view: bool(view.number)),
    (
        "lines",
        "Nr. 5: quantity and customary description of what was supplied, on every line.",
        lambda view: bool(view.lines) and all(line.quantity and line.description.strip() for line in view.lines),
    ),
    ("supply_date", "Nr. 6: the date of supply.", lambda view: bool(view.supply_date)),
    (
        "net_by_rate",
        "Nr. 7: the net amount for every tax rate and exemption.",
        lambda view: bool(view.taxes) and all(tax.label for tax in view.taxes),
    ),
    (
        "exemption",
        "Nr. 8: the reason why no tax is charged. Name it in the tax code.",
        lambda view: all(tax.charged or tax.exemption for tax in view.taxes),
    ),
    ("tax_amount", "Nr. 8: the tax amount for every rate.", lambda view: all(tax.tax for tax in view.taxes)),
    (
        "self_billing",
        "Nr. 10: the word Gutschrift, where the recipient writes the invoice.",
        lambda view: not view.layout.self_billed or "Gutschrift" in view.title,
    ),
    (
        "corrected_invoice",
        "§ 31 (5) UStDV: the invoice that is corrected. Let the lines follow it.",
        lambda view: not view.layout.names_source or view.reversal or bool(view.follows),
    ),
)
