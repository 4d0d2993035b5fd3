"""What one version of the branding says. Pure."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from valeo_erp.kernel.text import ShortText

Colour = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^#[0-9a-fA-F]{6}$"), Field(max_length=20)
]
"""`#rrggbb`."""


def _line(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, max_length=longest, pattern=r"^[^\x00-\x1f\x7f]*$")


class Colours(BaseModel):
    """Two colours; everything else on the paper is black, grey or white."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    primary: Annotated[Colour, Field(description="Of names, headings and rules, on white paper")] = "#2c5f3f"
    tint: Annotated[Colour, Field(description="Behind the payment block, whose text is dark")] = "#f1f5f2"


class BankAccount(BaseModel):
    """An account of the trader."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bank_name: Annotated[ShortText, Field(max_length=60)]
    iban: Annotated[str, Field(min_length=5, max_length=42, description="With or without spaces")]
    bic: Annotated[str, Field(max_length=11, description="May be empty inside of the EEA")] = ""


class Look(BaseModel):
    """Logo aside, everything that a version says. The legal name and the address are master data of the tenant."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "letterhead_name": "Hofmann Landhandel",
                    "register_entry": "Amtsgericht Lüneburg, HRB 12345, Geschäftsführer: Karl Hofmann",
                    "footer_lines": ["Es gelten unsere Verkaufs- und Lieferbedingungen."],
                    "bank_accounts": [
                        {"bank_name": "Volksbank Uelzen", "iban": "DE02120300000000202051", "bic": "BYLADEM1001"}
                    ],
                    "colours": {"primary": "#2c5f3f", "tint": "#f1f5f2"},
                }
            ]
        },
    )

    letterhead_name: Annotated[
        str, _line(60), Field(description="In large letters at the top; empty: the legal name, which stays in the foot")
    ] = ""
    register_entry: Annotated[
        str, _line(140), Field(description="Court, number, managing directors (§35a GmbHG); empty: from master data")
    ] = ""
    footer_lines: Annotated[
        tuple[Annotated[ShortText, Field(max_length=120)], ...], Field(max_length=2, description="Under the foot")
    ] = ()
    bank_accounts: Annotated[
        tuple[BankAccount, ...],
        Field(min_length=1, max_length=2, description="All stand in the foot; the first is paid to, also by GiroCode"),
    ]
    colours: Colours = Colours()
