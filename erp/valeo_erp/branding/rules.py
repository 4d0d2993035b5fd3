"""What may stand on a paper: no template, no markup, colours that can be read, accounts that exist. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from stdnum import bic as bics
from stdnum import iban as ibans

from valeo_erp.branding.contrast import LEAST_FOR_TEXT, contrast
from valeo_erp.branding.look import BankAccount, Colours, Look
from valeo_erp.kernel.problems import Failure

PAPER = "#ffffff"
SMALL_TEXT = "#47514b"
"""The lightest text in the payment block."""

_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{|#\{|<%|%>|\[\[|\]\]")
_MARKUP = re.compile(r"[<>]|&(#\d+|#x[0-9a-f]+|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


def faults(look: Look) -> list[Failure]:
    """Everything that stands against a look."""
    texts = [("letterhead_name", look.letterhead_name), ("register_entry", look.register_entry)]
    texts += [(f"footer_lines.{at}", line) for at, line in enumerate(look.footer_lines)]
    texts += [(f"bank_accounts.{at}.bank_name", account.bank_name) for at, account in enumerate(look.bank_accounts)]
    return [
        *(failure for field, text in texts for failure in text_faults(field, text)),
        *(failure for at, account in enumerate(look.bank_accounts) for failure in _account_faults(at, account)),
        *_colour_faults(look.colours),
    ]


def text_faults(field: str, text: str) -> Iterator[Failure]:
    """What stands against a text that is printed as it is."""
    if found := _TEMPLATE.search(text):
        words = f"{found[0]} belongs to templates; texts are printed as they are. Write it without."
        yield Failure("text_template", words, field, {"found": found[0]})
    if found := _MARKUP.search(text):
        words = f"{found[0]} belongs to HTML; texts are printed as they are. Write it without."
        yield Failure("text_markup", words, field, {"found": found[0]})
    if invisible := next((each for each in text if unicodedata.category(each) in _INVISIBLE), None):
        words = f"The character U+{ord(invisible):04X} can not be seen and may turn the text round. Take it out."
        yield Failure("text_invisible", words, field, {"found": f"U+{ord(invisible):04X}"})


def _account_faults(at: int, account: BankAccount) -> Iterator[Failure]:
    if not ibans.is_valid(account.iban):
        words = f"{account.iban} is no IBAN: length, form and check digits must be those of its country."
        yield Failure("iban_invalid", words, f"bank_accounts.{at}.iban", {"iban": account.iban})
    if account.bic.strip() and not bics.is_valid(account.bic):
        words = f"{account.bic} is no BIC: 8 or 11 letters and digits, such as BYLADEM1001."
        yield Failure("bic_invalid", words, f"bank_accounts.{at}.bic", {"bic": account.bic})


def _colour_faults(colours: Colours) -> Iterator[Failure]:
    pairs = (
        ("primary", "text in the primary colour on white paper", colours.primary, PAPER),
        ("tint", "small text on the tint", SMALL_TEXT, colours.tint),
    )
    for field, what, text, behind in pairs:
        seen = contrast(text, behind)
        if seen < LEAST_FOR_TEXT:
            words = (
                f"{what} ({text} on {behind}) has a contrast of {seen}:1, but WCAG 2.2 asks for {LEAST_FOR_TEXT}:1. "
                f"Take a {'darker' if field == 'primary' else 'lighter'} one."
            )
            yield Failure(
                "contrast_too_low",
                words[0].upper() + words[1:],
                f"colours.{field}",
                {"contrast": str(seen), "least": str(LEAST_FOR_TEXT)},
            )


def settled(look: Look) -> Look:
    """The same look with IBAN and BIC as they are kept: in capitals, without spaces."""
    accounts = tuple(
        account.model_copy(update={"iban": ibans.compact(account.iban), "bic": bics.compact(account.bic)})
        for account in look.bank_accounts
    )
    return look.model_copy(update={"bank_accounts": accounts})
