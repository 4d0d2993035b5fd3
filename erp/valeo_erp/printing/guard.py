"""Before an invoice is posted: what its paper would lack, while it can still be put right."""

from valeo_erp.documents.document import Document
from valeo_erp.kernel.problems import refused
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.printing.formats import Language
from valeo_erp.printing.lawful import missing
from valeo_erp.printing.layouts import LAYOUTS
from valeo_erp.printing.repository import facts_of
from valeo_erp.printing.view import view_of

GIVEN_BY_POSTING = frozenset({"number"})


async def check_lawful(transaction: Transaction, document: Document) -> None:
    """Refuse to post what could not be handed out: a number once given would stand on an unlawful paper for ever.

    Raises:
        Problem: 409 with everything that is missing.
    """
    if not LAYOUTS[document.kind].invoice:
        return
    facts = await facts_of(transaction.connection, document)
    failures = [each for each in missing(view_of(facts, Language.GERMAN)) if each.code not in GIVEN_BY_POSTING]
    if failures:
        raise refused("not_lawful", "The invoice lacks what § 14 (4) UStG asks; no number was used.", failures)
