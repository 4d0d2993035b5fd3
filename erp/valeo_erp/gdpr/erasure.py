"""What becomes of a person's data on erasure: what goes, what a law keeps until when, what is against it. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from valeo_erp.kernel.problems import Failure

VOUCHER_YEARS = 8
"""Vouchers (Buchungsbelege): §147 (3) AO and §257 (4) HGB as they hold since 2025, from the end of the year."""
BOOK_YEARS = 10
"""Books and records: §147 (3) AO, from the end of the year."""


class Outcome(StrEnum):
    """What becomes of a category."""

    ERASED = "erased"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """What there is of a party.

    Attributes:
        unposted: documents that are neither posted nor cancelled.
        last_document: date of the newest posted document or payment, None without any.
        audit_entries: about the party itself and its cancelled documents.
        open_amount: what it owes, or is owed; zero when everything is settled.
        holds: the reasons of the legal holds in force.
    """

    number: str
    unposted: int
    cancelled: int
    posted: int
    payments: int
    last_document: date | None
    audit_entries: int
    open_amount: Decimal
    holds: tuple[str, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """One kind of data, and what becomes of it.

    Attributes:
        until: the last day on which a law forbids to erase it.
        basis: why, or what is put in its place.
    """

    category: str
    count: int
    outcome: Outcome
    until: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What an erasure would do; it does nothing while something stands against it."""

    categories: tuple[CategoryPlan, ...]
    against: tuple[Failure, ...]


def plan(facts: PartyFacts) -> ErasurePlan:
    """What becomes of the data of a party."""
    return ErasurePlan(tuple(category for category in _categories(facts) if category.count), tuple(_against(facts)))


def kept_until(last: date | None, years: int) -> date | None:
    """The last day of the period of retention."""
    return None if last is None else date(last.year + years, 12, 31)


def _categories(facts: PartyFacts) -> list[CategoryPlan]:
    vouchers, books = kept_until(facts.last_document, VOUCHER_YEARS), kept_until(facts.last_document, BOOK_YEARS)
    erased, restricted = Outcome.ERASED, Outcome.RESTRICTED
    return [
        CategoryPlan("master_data", 1, erased, None, "Name, address and VAT id go; the number stays as a pseudonym."),
        CategoryPlan(
            "cancelled_documents", facts.cancelled, erased, None, "Note, reference, comments and attachments go."
        ),
        CategoryPlan(
            "audit_of_master_data", facts.audit_entries, erased, None, "Values and reasons go, the chain holds."
        ),
        CategoryPlan("posted_documents", facts.posted, restricted, vouchers, "§147 (1) no. 4 AO, §257 (1) no. 4 HGB"),
        CategoryPlan("payments", facts.payments, restricted, vouchers, "§147 (1) no. 4 AO, §257 (1) no. 4 HGB"),
        CategoryPlan(
            "journal", facts.posted + facts.payments, restricted, books, "§147 (1) no. 1 AO, §257 (1) no. 1 HGB"
        ),
    ]


def _against(facts: PartyFacts) -> list[Failure]:
    found = [Failure("legal_hold", f"A legal hold is in force: {reason}") for reason in facts.holds]
    if facts.erased:
        found.append(Failure("already_erased", "The data of this party was erased already; see the certificate."))
    if facts.unposted:
        found.append(
            Failure("unposted_documents", f"{facts.unposted} documents are not finished. Post or cancel them.")
        )
    if facts.open_amount:
        found.append(Failure("open_items", f"{facts.open_amount:.2f} is open. Settle it first."))
    return found
