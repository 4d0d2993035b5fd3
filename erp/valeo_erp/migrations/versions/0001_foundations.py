"""Foundations: tenants, master data, documents, numbers, journal, audit, outbox.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from valeo_erp.events.models import TransactionId

revision = "0001"
down_revision = None

APPEND_ONLY = ("audit_entry", "journal_entry", "journal_line", "number_given", "print_archive")
READ_ONLY = ("alembic_version", "installation")

RULES = (
    # What is written stays as it was written, also for whoever holds more grants than the application.
    """
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
    end $$
    """,
    """
    create function refuse_change_of_posted() returns trigger language plpgsql as $$
    begin
      if old.state in ('posted', 'reversed') then
        if tg_op = 'UPDATE' and old.state = 'posted' and new.state = 'reversed' and old.reversed_by_id is null
           and to_jsonb(new) - '{state,version,reversed_by_id}'::text[]
             = to_jsonb(old) - '{state,version,reversed_by_id}'::text[] then
          return new;
        end if;
        raise exception 'document % is posted: % refused, reverse it instead', old.number, tg_op
          using errcode = 'restrict_violation';
      end if;
      return case tg_op when 'DELETE' then old else new end;
    end $$
    """,
    """
    create trigger posted_documents_stay before update or delete on document
      for each row execute function refuse_change_of_posted()
    """,
    """
    create function refuse_lines_of_posted() returns trigger language plpgsql as $$
    begin
      if exists (select from changed c join valeo.document d on (d.tenant_id, d.id) = (c.tenant_id, c.document_id)
                 where d.state in ('posted', 'reversed')) then
        raise exception 'the lines of a posted document stay: % refused', tg_op using errcode = 'restrict_violation';
      end if;
      return null;
    end $$
    """,
    """
    create trigger posted_lines_take_no_insert after insert on document_line
      referencing new table as changed for each statement execute function refuse_lines_of_posted()
    """,
    """
    create trigger posted_lines_take_no_update after update on document_line
      referencing old table as changed for each statement execute function refuse_lines_of_posted()
    """,
    """
    create trigger posted_lines_take_no_delete after delete on document_line
      referencing old table as changed for each statement execute function refuse_lines_of_posted()
    """,
    # Double entry, checked when the transaction commits.
    """
    create function check_balance() returns trigger language plpgsql as $$
    declare difference numeric; lines integer;
    begin
      select coalesce(sum(debit - credit), 0), count(*) into difference, lines
        from valeo.journal_line where (tenant_id, sequence) = (new.tenant_id, new.sequence);
      if difference <> 0 or lines < 2 then
        raise exception 'journal entry % does not balance: difference %, % lines', new.sequence, difference, lines
          using errcode = 'check_violation';
      end if;
      return null;
    end $$
    """,
    """
    create constraint trigger entries_balance after insert on journal_entry
      deferrable initially deferred for each row execute function check_balance()
    """,
    """
    create constraint trigger lines_balance after insert on journal_line
      deferrable initially deferred for each row execute function check_balance()
    """,
)


def upgrade() -> None:
    op.create_table(
        "idempotency_result",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False, comment="sha-256 of method, path and body"),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "actor", "key", name=op.f("pk_idempotency_result")),
    )
    op.create_index(op.f("ix_idempotency_result_created_at"), "idempotency_result", ["created_at"], unique=False)
    op.create_table(
        "installation",
        sa.Column("only", sa.Text(), server_default="this", nullable=False, comment="One row"),
        sa.Column(
            "epoch", sa.Text(), nullable=False, comment="New after every restore: older cursors cannot be replayed"
        ),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_installation")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "xid",
            TransactionId(),
            server_default=sa.text("pg_current_xact_id()"),
            nullable=False,
            comment="Orders events by transaction: a reader goes only as far as the oldest one still running",
        ),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="Such as invoice.posted"),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.UUID(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_xid_id"), "outbox", ["xid", "id"], unique=False)
    op.create_table(
        "outbox_floor",
        sa.Column("only", sa.Text(), server_default="this", nullable=False, comment="One row"),
        sa.Column("xid", TransactionId(), nullable=False, comment="Events up to here may have been cleared away"),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_outbox_floor")),
    )
    op.create_table(
        "stream_ticket",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="sha-256 of the ticket"),
        sa.Column("principal", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_stream_ticket")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False, comment="The value of the tenant claim"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("vat_id", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column(
            "register_entry", sa.Text(), nullable=False, comment="Court, number and managing directors (§35a GmbHG)"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_slug")),
    )
    op.create_table(
        "web_session",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="sha-256 of the cookie"),
        sa.Column("principal", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_web_session")),
    )
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="The subject of the token"),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.UUID(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True, comment="Given by the person, or by the rule that refused"),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('done', 'refused')", name=op.f("ck_audit_entry_outcome")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_entry_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        op.f("ix_audit_entry_tenant_id_object_id_at"), "audit_entry", ["tenant_id", "object_id", "at"], unique=False
    )
    op.create_table(
        "item",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="German, as it is printed"),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="t, dt, kg, l or piece"),
        sa.Column(
            "price_base",
            sa.Numeric(precision=15, scale=4),
            nullable=False,
            comment="The price is for so many units, such as 100 kg",
        ),
        sa.Column("list_price", sa.Numeric(precision=19, scale=6), nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("revenue_account", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("unit in ('t', 'dt', 'kg', 'l', 'piece')", name=op.f("ck_item_unit")),
        sa.CheckConstraint("list_price >= 0", name=op.f("ck_item_list_price")),
        sa.CheckConstraint("price_base > 0", name=op.f("ck_item_price_base")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_item_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_item")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_item_tenant_id_number")),
    )
    op.create_table(
        "journal_entry",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_journal_entry_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("tenant_id", "document_id", name=op.f("uq_journal_entry_tenant_id_document_id")),
    )
    op.create_index(
        op.f("ix_journal_entry_tenant_id_entry_date"), "journal_entry", ["tenant_id", "entry_date"], unique=False
    )
    op.create_table(
        "journal_head",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_journal_head_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "number_series",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False, comment="INV gives INV-2026-00001"),
        sa.CheckConstraint("prefix ~ '^[A-Z]{2,8}$'", name=op.f("ck_number_series_prefix")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_number_series_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "document_kind", name=op.f("pk_number_series")),
        sa.UniqueConstraint("tenant_id", "prefix", name=op.f("uq_number_series_tenant_id_prefix")),
    )
    op.create_table(
        "party",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="The debtor or creditor number, such as 10001"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("vat_id", sa.Text(), nullable=True),
        sa.Column("tax_status", sa.Text(), server_default="regular", nullable=False),
        sa.Column("payment_days", sa.Integer(), server_default="14", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "tax_status in ('regular', 'small_business', 'flat_rate_farmer')", name=op.f("ck_party_tax_status")
        ),
        sa.CheckConstraint("payment_days between 0 and 365", name=op.f("ck_party_payment_days")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_party_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_party")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_party_tenant_id_number")),
    )
    op.create_table(
        "period",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('open', 'closed')", name=op.f("ck_period_state")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_period_order")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_period_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "starts_on", name=op.f("pk_period")),
    )
    op.create_table(
        "tax_code",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="Such as standard, reduced, zero"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="The last day, empty while it holds"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=7, scale=4), nullable=False, comment="Per cent"),
        sa.Column("tax_account", sa.Text(), nullable=False),
        sa.CheckConstraint("rate between 0 and 100", name=op.f("ck_tax_code_rate")),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_tax_code_validity")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_tax_code_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "code", "valid_from", name=op.f("pk_tax_code")),
    )
    op.create_table(
        "document",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="The ETag: one more with every change"),
        sa.Column("number", sa.Text(), nullable=True, comment="Given when posted"),
        sa.Column("party_id", sa.UUID(), nullable=False),
        sa.Column(
            "party",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Name and address as they were when posted",
        ),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("supply_date", sa.Date(), nullable=False, comment="Decides the tax rate"),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("net_total", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("tax_total", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("gross_total", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column(
            "taxes",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="One entry per code and rate: code, rate, net, tax, account",
        ),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="What an approval is bound to"),
        sa.Column("reverses_id", sa.UUID(), nullable=True, comment="The posted document that this one reverses"),
        sa.Column("reversed_by_id", sa.UUID(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_hash", sa.LargeBinary(), nullable=True),
        sa.Column("posted_by", sa.Text(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(number is not null) = (state in ('posted', 'reversed'))", name=op.f("ck_document_number_from_posting_on")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_document_currency")),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'approved', 'rejected', 'posted', 'reversed', 'cancelled')",
            name=op.f("ck_document_state"),
        ),
        sa.CheckConstraint("net_total + tax_total = gross_total", name=op.f("ck_document_gross")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["party.tenant_id", "party.id"],
            name=op.f("fk_document_tenant_id_party_id_party"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_tenant_id_reverses_id_document"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_document")),
        sa.UniqueConstraint("tenant_id", "kind", "number", name=op.f("uq_document_tenant_id_kind_number")),
    )
    op.create_index("ix_document_list", "document", ["tenant_id", "kind", "document_date", "id"], unique=False)
    op.create_index("ix_document_party", "document", ["tenant_id", "party_id", "document_date"], unique=False)
    op.create_index(
        "ix_document_state", "document", ["tenant_id", "kind", "state", "document_date", "id"], unique=False
    )
    op.create_table(
        "journal_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("debit", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("credit", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "debit >= 0 and credit >= 0 and (debit = 0) <> (credit = 0)", name=op.f("ck_journal_line_one_side")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sequence"],
            ["journal_entry.tenant_id", "journal_entry.sequence"],
            name=op.f("fk_journal_line_tenant_id_sequence_journal_entry"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", "position", name=op.f("pk_journal_line")),
    )
    op.create_index(op.f("ix_journal_line_tenant_id_account"), "journal_line", ["tenant_id", "account"], unique=False)
    op.create_table(
        "number_counter",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False, comment="Dates never fall within a series"),
        sa.CheckConstraint("last > 0", name=op.f("ck_number_counter_last")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_kind"],
            ["number_series.tenant_id", "number_series.document_kind"],
            name=op.f("fk_number_counter_tenant_id_document_kind_number_series"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_kind", "year", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "number_given",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_kind"],
            ["number_series.tenant_id", "number_series.document_kind"],
            name=op.f("fk_number_given_tenant_id_document_kind_number_series"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_kind", "year", "sequence", name=op.f("pk_number_given")),
        sa.UniqueConstraint("tenant_id", "document_id", name=op.f("uq_number_given_tenant_id_document_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_number_given_tenant_id_number")),
    )
    op.create_table(
        "document_line",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("item_number", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=15, scale=4), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=19, scale=6), nullable=False),
        sa.Column("price_base", sa.Numeric(precision=15, scale=4), nullable=False),
        sa.Column("price_unit", sa.Text(), nullable=False, comment="The price is for so many of these, such as 1 dt"),
        sa.Column("discount", sa.Numeric(precision=7, scale=4), nullable=False, comment="Per cent"),
        sa.Column("tax_code", sa.Text(), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column("net", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("revenue_account", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_document_line_tenant_id_document_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_document_line_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", "position", name=op.f("pk_document_line")),
    )
    op.create_table(
        "print_archive",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("template_version", sa.Text(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 = sha256(pdf)", name=op.f("ck_print_archive_sha256")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "document_id"],
            ["document.tenant_id", "document.id"],
            name=op.f("fk_print_archive_tenant_id_document_id_document"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "document_id", "language", name=op.f("pk_print_archive")),
    )

    for rule in RULES:
        op.execute(rule)
    for table in APPEND_ONLY:
        op.execute(f"revoke update, delete, truncate on {table} from valeo_application")
        op.execute(
            f"create trigger append_only before update or delete on {table} "
            "for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger append_only_truncate before truncate on {table} "
            "for each statement execute function refuse_change()"
        )
    op.execute("revoke delete, truncate on document from valeo_application")
    for table in READ_ONLY:
        op.execute(f"revoke insert, update, delete, truncate on {table} from valeo_application")
    op.execute("insert into outbox_floor (xid, id) values ('0', 0)")
    op.execute("insert into installation (epoch) values (substr(md5(gen_random_uuid()::text), 1, 8))")


def downgrade() -> None:
    op.drop_table("print_archive")
    op.drop_table("document_line")
    op.drop_table("number_given")
    op.drop_table("number_counter")
    op.drop_index(op.f("ix_journal_line_tenant_id_account"), table_name="journal_line")
    op.drop_table("journal_line")
    op.drop_index("ix_document_state", table_name="document")
    op.drop_index("ix_document_party", table_name="document")
    op.drop_index("ix_document_list", table_name="document")
    op.drop_table("document")
    op.drop_table("tax_code")
    op.drop_table("period")
    op.drop_table("party")
    op.drop_table("number_series")
    op.drop_table("journal_head")
    op.drop_index(op.f("ix_journal_entry_tenant_id_entry_date"), table_name="journal_entry")
    op.drop_table("journal_entry")
    op.drop_table("item")
    op.drop_index(op.f("ix_audit_entry_tenant_id_object_id_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_web_session_expires_at"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("tenant")
    op.drop_table("stream_ticket")
    op.drop_table("outbox_floor")
    op.drop_index(op.f("ix_outbox_xid_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("installation")
    op.drop_index(op.f("ix_idempotency_result_created_at"), table_name="idempotency_result")
    op.drop_table("idempotency_result")

    for function in (
        "refuse_change",
        "refuse_change_of_posted",
        "refuse_lines_of_posted",
        "check_balance",
    ):
        op.execute(f"drop function {function}()")
