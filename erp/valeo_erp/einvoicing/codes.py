"""The code lists of EN 16931 as far as this trade needs them."""

from valeo_erp.documents.document import Kind

UNITS = {"t": "TNE", "dt": "DTN", "kg": "KGM", "l": "LTR", "piece": "H87"}
"""UN/ECE recommendation 20."""

UNITS_TAKEN = {code: unit for unit, code in UNITS.items()} | {"C62": "piece", "EA": "piece", "PCE": "piece"}
"""What sellers write: the same, and other words for a piece."""

INVOICE = "380"

TYPES = {Kind.INVOICE: INVOICE, Kind.CREDIT_NOTE: "381", Kind.SELF_BILLED_CREDIT: "389"}
"""UNTDID 1001: invoice, credit note, self-billed invoice."""

REVERSAL_TYPES = TYPES | {Kind.INVOICE: "384"}
"""A reversed invoice is a corrected one. All keep the amounts of the paper, negative."""

CREDIT_TRANSFER = "58"
NOT_DEFINED = "1"
"""UNTDID 4461: SEPA credit transfer; and nothing to pay."""

STANDARD_RATE = "S"
EXEMPT = "E"
"""UNTDID 5305: taxed at whatever rate, or exempt for a reason that is named."""

OWED_BY_THE_BUYER = frozenset({"AE", "K"})
"""UNTDID 5305: reverse charge, and supplies inside of the EU."""

DISCOUNT = "95"
"""UNTDID 5189."""

EMAIL = "EM"
VAT_NUMBERS = {
    "AT": "9914",
    "BE": "9925",
    "BG": "9926",
    "CH": "9927",
    "CY": "9928",
    "CZ": "9929",
    "DE": "9930",
    "EE": "9931",
    "ES": "9920",
    "FR": "9957",
    "GB": "9932",
    "EL": "9933",
    "HR": "9934",
    "HU": "9910",
    "IE": "9935",
    "IT": "0211",
    "LI": "9936",
    "LT": "9937",
    "LU": "9938",
    "LV": "9939",
    "MT": "9943",
    "NL": "9944",
    "PL": "9945",
    "PT": "9946",
    "RO": "9947",
    "SE": "9955",
    "SI": "9949",
    "SK": "9950",
}
"""Electronic address schemes (EAS) of VAT numbers by their prefix: whoever has one can be addressed by it."""
