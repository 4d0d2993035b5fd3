"""Every column that can hold text, and whose data it is. A test fails on a column that is not declared here. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class Whose(StrEnum):
    """Whose data a column holds."""

    PARTY = "party"
    USER = "user"
    FREE_TEXT = "free_text"
    OWN_COMPANY = "own_company"


_BY = Whose.USER

PERSONAL: Mapping[str, Mapping[str, Whose]] = {
    "api_key": {"created_by": _BY},
    "app_user": dict.fromkeys(("subject", "name", "roles", "deactivated_by"), _BY),
    "audit_entry": {
        "actor": _BY,
        "actor_name": _BY,
        "reason": Whose.FREE_TEXT,
        "before": Whose.PARTY,
        "after": Whose.PARTY,
    },
    "branding": {
        "look": Whose.OWN_COMPANY,
        "note": Whose.FREE_TEXT,
        **dict.fromkeys(("created_by", "edited_by", "proposed_by", "activated_by"), _BY),
    },
    "document": {
        "party": Whose.PARTY,
        "note": Whose.FREE_TEXT,
        "reference": Whose.PARTY,
        "search_text": Whose.PARTY,
        **dict.fromkeys(("created_by", "edited_by", "submitted_by", "approved_by", "posted_by"), _BY),
    },
    "document_approval": {"approver": _BY},
    "document_attachment": {"name": Whose.FREE_TEXT, "added_by": _BY, "added_by_name": _BY},
    "document_comment": {"text": Whose.FREE_TEXT, "author": _BY, "author_name": _BY},
    "document_line": {"description": Whose.FREE_TEXT, "weighing": Whose.PARTY},
    "export_job": {"wish": Whose.PARTY, "requested_by": _BY, "principal": _BY},
    "gdpr_hold": {"reason": Whose.FREE_TEXT, "created_by": _BY, "released_by": _BY},
    "idempotency_result": {"actor": _BY},
    "journal_entry": {"text": Whose.PARTY, "posted_by": _BY},
    "journal_line": {"text": Whose.PARTY},
    "number_counter": {"closed_by": _BY},
    "number_void": {"reason": Whose.FREE_TEXT, "voided_by": _BY},
    "party": dict.fromkeys(
        ("number", "name", "street", "postal_code", "city", "country", "vat_id", "tax_number"), Whose.PARTY
    ),
    "payment": {"reference": Whose.PARTY, "recorded_by": _BY},
    "payment_match": {"matched_by": _BY},
    "period": {"closed_by": _BY},
    "policy": {"note": Whose.FREE_TEXT, "created_by": _BY, "activated_by": _BY},
    "price": {"created_by": _BY},
    "stream_ticket": {"principal": _BY},
    "tenant": dict.fromkeys(
        (
            "name",
            "street",
            "postal_code",
            "city",
            "country",
            "vat_id",
            "tax_number",
            "phone",
            "email",
            "bank_name",
            "iban",
            "bic",
            "register_entry",
        ),
        Whose.OWN_COMPANY,
    ),
    "tombstone": {"erased_by": _BY},
    "web_session": {"principal": _BY},
}

NOT_PERSONAL: Mapping[str, frozenset[str]] = {
    "api_key": frozenset({"name", "scopes"}),
    "audit_entry": frozenset({"action", "object_kind", "outcome", "correlation_id"}),
    "branding": frozenset({"state", "logo_media_type"}),
    "document": frozenset({"kind", "state", "number", "currency", "taxes", "counter_account"}),
    "document_attachment": frozenset({"media_type"}),
    "document_line": frozenset({"item_number", "unit", "price_unit", "tax_code", "revenue_account", "quality"}),
    "export_job": frozenset({"state", "leased_by", "file", "problem"}),
    "idempotency_result": frozenset({"key", "headers"}),
    "installation": frozenset({"only", "epoch"}),
    "item": frozenset({"number", "name", "name_en", "unit", "tax_code", "revenue_account", "cost_account", "grain"}),
    "journal_entry": frozenset({"document_number"}),
    "journal_line": frozenset({"account"}),
    "number_counter": frozenset({"document_kind"}),
    "number_given": frozenset({"document_kind", "number"}),
    "number_series": frozenset({"document_kind", "prefix"}),
    "number_void": frozenset({"document_kind", "number"}),
    "outbox": frozenset({"kind", "object_kind", "data"}),
    "outbox_floor": frozenset({"only"}),
    "party": frozenset({"tax_status"}),
    "payment": frozenset({"number", "direction"}),
    "period": frozenset({"state"}),
    "policy": frozenset({"state", "rules"}),
    "price": frozenset({"side"}),
    "print_archive": frozenset({"language", "template_version"}),
    "tax_code": frozenset({"code", "name", "tax_account", "input_account", "self_assessed_account"}),
    "tenant": frozenset({"slug", "chart"}),
    "tombstone": frozenset({"object_kind", "certificate"}),
}


def undeclared(columns: Mapping[str, frozenset[str]]) -> list[str]:
    """The columns that nobody has declared, as `table.column`.

    Args:
        columns: names of the columns that can hold text, by table.
    """
    return sorted(
        f"{table}.{column}"
        for table, names in columns.items()
        for column in names - PERSONAL.get(table, {}).keys() - NOT_PERSONAL.get(table, frozenset())
    )
