"""Everything that is wrong with what somebody wrote, each fault at its field. Pure."""

from collections.abc import Sequence

from valeo_erp.calculation.units import Unit, factor
from valeo_erp.documents.document import Kind, Line
from valeo_erp.documents.drawing import chosen_tax_code, item_id_of, source_of
from valeo_erp.documents.kinds import Side, rules_of
from valeo_erp.documents.known import KnownItem, KnownParty, Masters
from valeo_erp.documents.schemas import FreightBody, LineBody
from valeo_erp.kernel.problems import Failure


def party_faults(party: KnownParty | None) -> list[Failure]:
    """What stands against writing for this party."""
    if party is None:
        return [Failure("party_unknown", "There is no such party.", "party_id")]
    if not party.active:
        return [Failure("party_inactive", f"The party {party.snapshot.number} is no longer active.", "party_id")]
    return []


def line_faults(kind: Kind, field_: str, body: LineBody, masters: Masters) -> list[Failure]:
    """Everything that is wrong with one line; `field_` is its place in the body, such as `lines.0`."""
    source = source_of(body, masters)
    if body.source is not None and source is None:
        return [Failure("source_unknown", "There is no such line to follow.", f"{field_}.source")]
    item = masters.items.get(item_id_of(body, source))
    if item is None:
        return [Failure("item_unknown", "There is no such item.", f"{field_}.item_id")]
    failures = []
    if not item.active:
        failures.append(Failure("item_inactive", f"The item {item.number} is no longer active.", f"{field_}.item_id"))
    if source is not None and source.line.item_id != item.id:
        message = f"The line it follows is of {source.line.item_number}, not of {item.number}."
        failures.append(Failure("item_differs", message, f"{field_}.item_id"))
    failures += _measure_faults(kind, field_, body, item)
    code = chosen_tax_code(kind, body, source, item, masters)
    return failures + _tax_faults(
        kind, code, f"{field_}.item_id" if body.tax_code is None else f"{field_}.tax_code", masters
    )


def _measure_faults(kind: Kind, field_: str, body: LineBody, item: KnownItem) -> list[Failure]:
    failures = []
    if body.unit is not None and factor(body.unit, item.unit) is None:
        failures.append(
            Failure("unit_mismatch", f"{item.number} is traded in {item.unit}, not in {body.unit}.", f"{field_}.unit")
        )
    if kind is Kind.WEIGHING_TICKET:
        if body.weighing is None:
            failures.append(Failure("weighing_missing", "Write the first weighing.", f"{field_}.weighing"))
        elif body.quantity is not None:
            message = "The quantity of a weighing ticket is what was weighed; leave it out."
            failures.append(Failure("quantity_weighed", message, f"{field_}.quantity"))
        if factor(Unit.KILOGRAM, item.unit) is None:
            message = f"{item.number} is traded in {item.unit}, which no scale shows."
            failures.append(Failure("unit_mismatch", message, f"{field_}.item_id"))
    elif body.weighing is not None:
        failures.append(Failure("weighing_elsewhere", "Only weighing tickets have weighings.", f"{field_}.weighing"))
    if item.grain is None and (body.moisture is not None or body.impurity is not None):
        message = f"{item.number} has no terms by which moisture and impurity are settled."
        failures.append(Failure("no_grain_terms", message, f"{field_}.moisture"))
    return failures


def _tax_faults(kind: Kind, code: str, field_: str, masters: Masters) -> list[Failure]:
    tax = masters.taxes.get(code)
    if tax is None:
        return [Failure("no_tax_rate", f"The tax code {code} has no rate at the date of supply.", field_)]
    charged = tax.rate or tax.self_assessed_rate
    if rules_of(kind).side is Side.PURCHASE and charged and tax.input_account is None:
        return [Failure("no_input_tax", f"The tax code {code} has no account for input tax.", field_)]
    return []


def freight_faults(freight: FreightBody, masters: Masters) -> list[Failure]:
    """What is wrong with the freight."""
    item = masters.items.get(freight.item_id)
    if item is None:
        return [Failure("item_unknown", "There is no such item.", "freight.item_id")]
    if not item.active:
        return [Failure("item_inactive", f"The item {item.number} is no longer active.", "freight.item_id")]
    return []


def worth_nothing(lines: Sequence[Line]) -> list[Failure]:
    """The lines whose deductions are more than the goods are worth."""
    return [
        Failure(
            "worth_less_than_nothing",
            f"Line {line.position}: drying costs more than the grain is worth ({line.net}); check moisture and price.",
            f"lines.{line.position - 1}.moisture",
        )
        for line in lines
        if line.net < 0
    ]
