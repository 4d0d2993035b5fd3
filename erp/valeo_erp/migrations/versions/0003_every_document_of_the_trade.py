"""Every document of the trade: kinds, links, grain, weighings, tax that a buyer owes itself.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

SERIES = {
    "quotation": "QUO",
    "sales_order": "ORD",
    "delivery_note": "DLV",
    "credit_note": "CRN",
    "purchase_order": "PUR",
    "weighing_ticket": "WGT",
    "goods_receipt": "GRN",
    "supplier_invoice": "SIV",
    "self_billed_credit": "SBC",
}

# Code, name, first day, last day, rate, account of output tax, account of input tax, what the buyer owes itself.
TAX_CODES = (
    ("farmer", "Durchschnittssatz §24 Abs. 1 UStG", "2007-01-01", "2021-12-31", "10.7", "1770", "1570", None),
    ("farmer", "Durchschnittssatz §24 Abs. 1 UStG", "2022-01-01", "2022-12-31", "9.5", "1770", "1570", None),
    ("farmer", "Durchschnittssatz §24 Abs. 1 UStG", "2023-01-01", "2024-12-05", "9", "1770", "1570", None),
    ("farmer", "Durchschnittssatz §24 Abs. 1 UStG", "2024-12-06", "2024-12-31", "8.4", "1770", "1570", None),
    ("farmer", "Durchschnittssatz §24 Abs. 1 UStG", "2025-01-01", None, "7.8", "1770", "1570", None),
    ("small_business", "Kleinunternehmer, §19 UStG", "2007-01-01", None, "0", "1770", None, None),
    (
        "intra_community",
        "Steuerfreie innergemeinschaftliche Lieferung, §4 Nr. 1 b UStG",
        "2007-01-01",
        None,
        "0",
        "1770",
        None,
        None,
    ),
    ("export", "Steuerfreie Ausfuhrlieferung, §4 Nr. 1 a UStG", "2007-01-01", None, "0", "1770", None, None),
    ("import", "Einfuhr: Steuer beim Zoll", "2007-01-01", None, "0", "1770", None, None),
    (
        "reverse_charge_sold",
        "Steuerschuldnerschaft des Leistungsempfängers, §13b UStG",
        "2007-01-01",
        None,
        "0",
        "1770",
        None,
        None,
    ),
    ("acquisition", "Innergemeinschaftlicher Erwerb, Regelsatz", "2021-01-01", None, "0", "1774", "1574", "19"),
    (
        "acquisition_reduced",
        "Innergemeinschaftlicher Erwerb, ermäßigt",
        "2021-01-01",
        None,
        "0",
        "1772",
        "1572",
        "7",
    ),
    ("reverse_charge", "Leistung eines anderen, §13b UStG", "2021-01-01", None, "0", "1787", "1577", "19"),
)


def upgrade() -> None:
    _documents()
    _master_data()
    _data()


def _documents() -> None:
    op.add_column(
        "document",
        sa.Column(
            "discount",
            sa.Numeric(precision=7, scale=4),
            server_default="0",
            nullable=False,
            comment="Per cent, on every line",
        ),
    )
    op.add_column(
        "document",
        sa.Column("reference", sa.Text(), server_default="", nullable=False, comment="How the other side calls it"),
    )
    op.add_column(
        "document",
        sa.Column(
            "counter_account",
            sa.Text(),
            nullable=True,
            comment="Where the debt is booked; empty on what is not booked",
        ),
    )
    op.add_column(
        "document_line", sa.Column("source_id", sa.UUID(), nullable=True, comment="The document that this line follows")
    )
    op.add_column("document_line", sa.Column("source_position", sa.SmallInteger(), nullable=True))
    op.add_column(
        "document_line",
        sa.Column(
            "quality",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="What was measured of grain, and the terms it is settled by",
        ),
    )
    op.add_column(
        "document_line",
        sa.Column(
            "weighing",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="The two weighings of a vehicle",
        ),
    )
    op.add_column(
        "document_line",
        sa.Column(
            "freight",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="Taxed as the goods it goes with",
        ),
    )
    op.alter_column("document_line", "revenue_account", comment="Of the goods: revenue when sold, cost when bought")
    op.create_foreign_key(
        "fk_document_line_source",
        "document_line",
        "document_line",
        ["tenant_id", "source_id", "source_position"],
        ["tenant_id", "document_id", "position"],
    )
    op.create_check_constraint(
        op.f("ck_document_line_source"), "document_line", "(source_id is null) = (source_position is null)"
    )
    op.create_index(
        "ix_document_line_source",
        "document_line",
        ["tenant_id", "source_id", "source_position"],
        postgresql_where=sa.text("source_id is not null"),
    )


def _master_data() -> None:
    op.add_column(
        "item",
        sa.Column(
            "purchase_price",
            sa.Numeric(precision=19, scale=6),
            server_default="0",
            nullable=False,
            comment="For the price base, when bought",
        ),
    )
    op.add_column(
        "item",
        sa.Column(
            "cost_account", sa.Text(), server_default="3200", nullable=False, comment="Where purchases are booked"
        ),
    )
    op.add_column(
        "item",
        sa.Column(
            "tolerance",
            sa.Numeric(precision=7, scale=4),
            server_default="0",
            nullable=False,
            comment="Per cent of over-delivery",
        ),
    )
    op.add_column(
        "item",
        sa.Column(
            "grain",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Terms of settlement: base moisture, shrinkage, base impurity, drying price",
        ),
    )
    op.create_check_constraint(op.f("ck_item_purchase_price"), "item", "purchase_price >= 0")
    op.create_check_constraint(op.f("ck_item_tolerance"), "item", "tolerance between 0 and 100")
    op.add_column("party", sa.Column("cash_discount_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "party",
        sa.Column(
            "cash_discount",
            sa.Numeric(precision=7, scale=4),
            server_default="0",
            nullable=False,
            comment="Per cent, within those days",
        ),
    )
    op.add_column(
        "party",
        sa.Column(
            "credit_limit",
            sa.Numeric(precision=15, scale=2),
            nullable=True,
            comment="Of what is open, gross; empty without a limit",
        ),
    )
    op.create_check_constraint(op.f("ck_party_cash_discount_days"), "party", "cash_discount_days between 0 and 365")
    op.create_check_constraint(op.f("ck_party_cash_discount"), "party", "cash_discount between 0 and 100")
    op.create_check_constraint(op.f("ck_party_credit_limit"), "party", "credit_limit >= 0")
    op.alter_column("tax_code", "tax_account", comment="Output tax, when we sell")
    op.add_column(
        "tax_code",
        sa.Column(
            "input_account",
            sa.Text(),
            nullable=True,
            comment="Input tax, when we buy; empty where there is none to deduct",
        ),
    )
    op.add_column(
        "tax_code",
        sa.Column(
            "self_assessed_rate",
            sa.Numeric(precision=7, scale=4),
            nullable=True,
            comment="Per cent that we owe and deduct ourselves when we buy",
        ),
    )
    op.add_column(
        "tax_code",
        sa.Column("self_assessed_account", sa.Text(), nullable=True, comment="Where what we owe ourselves is booked"),
    )
    op.create_check_constraint(
        op.f("ck_tax_code_self_assessed_rate"), "tax_code", "self_assessed_rate between 0 and 100"
    )
    op.create_check_constraint(
        op.f("ck_tax_code_self_assessed_account"),
        "tax_code",
        "(self_assessed_rate is null) = (self_assessed_account is null)",
    )
    op.add_column(
        "tenant",
        sa.Column("chart", sa.Text(), server_default="skr03", nullable=False, comment="Of accounts: skr03 or skr04"),
    )
    op.create_check_constraint(op.f("ck_tenant_chart"), "tenant", "chart in ('skr03', 'skr04')")


def _data() -> None:
    """What the traders who are here already need for the new kinds."""
    connection = op.get_bind()
    connection.execute(
        sa.text("""
            insert into number_series (tenant_id, document_kind, prefix)
            select t.id, s.kind, s.prefix from tenant t, unnest(cast(:kinds as text[]), cast(:prefixes as text[]))
              s(kind, prefix)
            on conflict do nothing
        """),
        {"kinds": list(SERIES), "prefixes": list(SERIES.values())},
    )
    connection.execute(
        sa.text("""
            update tax_code set input_account = case tax_account when '1776' then '1576' else '1571' end
            where tax_account in ('1776', '1771')
        """)
    )
    for code, name, first, last, rate, output, input_, own in TAX_CODES:
        connection.execute(
            sa.text("""
                insert into tax_code (tenant_id, code, name, valid_from, valid_to, rate, tax_account, input_account,
                                      self_assessed_rate, self_assessed_account)
                select t.id, cast(:code as text), cast(:name as text), cast(cast(:first as text) as date),
                       cast(cast(:last as text) as date), cast(cast(:rate as text) as numeric),
                       cast(:output as text), cast(:input as text), cast(cast(:own as text) as numeric),
                       cast(:own_account as text)
                from tenant t
                on conflict do nothing
            """),
            {
                "code": code,
                "name": name,
                "first": first,
                "last": last,
                "rate": rate,
                "output": output,
                "input": input_,
                "own": own,
                "own_account": None if own is None else output,
            },
        )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_tenant_chart"), "tenant")
    op.drop_column("tenant", "chart")
    op.drop_column("tax_code", "self_assessed_account")
    op.drop_column("tax_code", "self_assessed_rate")
    op.drop_column("tax_code", "input_account")
    for column in ("credit_limit", "cash_discount", "cash_discount_days"):
        op.drop_column("party", column)
    for column in ("grain", "tolerance", "cost_account", "purchase_price"):
        op.drop_column("item", column)
    op.drop_index("ix_document_line_source", table_name="document_line")
    op.drop_constraint("fk_document_line_source", "document_line")
    for column in ("freight", "weighing", "quality", "source_position", "source_id"):
        op.drop_column("document_line", column)
    for column in ("counter_account", "reference", "discount"):
        op.drop_column("document", column)
