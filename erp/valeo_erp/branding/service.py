"""Writing versions of the branding, and the steps from draft to in force. Every change is audited, before and after."""

import hashlib
import json
from typing import Any

from pydantic_core import to_json
from sqlalchemy import insert, update

from valeo_erp.branding.lifecycle import TRANSITIONS, Standing, State, Step, against, not_editable
from valeo_erp.branding.logo import Logo
from valeo_erp.branding.look import Look
from valeo_erp.branding.models import branding
from valeo_erp.branding.repository import SHOWN, Row, as_answer, find_logo, locked
from valeo_erp.branding.rules import faults, settled
from valeo_erp.kernel.problems import Failure, invalid, refused
from valeo_erp.kernel.succession import next_version, succeed
from valeo_erp.kernel.unit_of_work import Transaction
from valeo_erp.kernel.versions import require_version

_c = branding.c


async def draft(transaction: Transaction, look: Look, note: str, logo_of: int | None = None) -> Row:
    """A new version; nothing changes until somebody else puts it in force.

    Args:
        transaction: of the request.
        look: what it says.
        note: why.
        logo_of: the version whose logo it takes over; None begins without one.

    Raises:
        Problem: 422 with everything that stands against it.
    """
    kept = _checked(look)
    logo = await _logo_taken_over(transaction, logo_of)
    by, at = transaction.principal.subject, transaction.at
    values = {
        "tenant_id": transaction.tenant_id,
        "version": await next_version(transaction, branding),
        "revision": 1,
        "state": State.DRAFT.value,
        "look": kept,
        "note": note,
        "created_by": by,
        "created_at": at,
        "edited_by": by,
        "edited_at": at,
        **_logo_values(logo),
    }
    statement = insert(branding).values(values).returning(*SHOWN)
    row = as_answer((await transaction.connection.execute(statement)).mappings().one())
    transaction.audit("create", "branding", None, reason=note, after=_audited(row))
    return row


async def rewrite(transaction: Transaction, version: int, expected: int, look: Look, note: str) -> Row:
    """Let a draft say something else.

    Raises:
        Problem: 404; 412 after another change; 409 when it is no draft; 422 as `draft`.
    """
    before = await _editable(transaction, version, expected)
    return await _edited(transaction, before, {"look": _checked(look), "note": note})


async def put_logo(transaction: Transaction, version: int, expected: int, logo: Logo | None) -> Row:
    """Give a draft a logo, or none.

    Raises:
        Problem: 404; 412 after another change; 409 when it is no draft.
    """
    before = await _editable(transaction, version, expected)
    return await _edited(transaction, before, _logo_values(logo))


async def take(transaction: Transaction, version: int, expected: int, step: Step) -> Row:
    """One step of a version; what is put in force holds for everything that is printed from then on.

    Raises:
        Problem: 404; 412 after another change, so that nobody puts in force what was not seen; 409 with what
            stands against it: the state, or four eyes.
    """
    before = await locked(transaction, version)
    require_version(expected, before["revision"])
    if failures := against(standing(before), step, transaction.principal.subject):
        raise refused("branding_step_refused", f"Version {version} did not take the step {step}.", failures)
    if step is Step.ACTIVATE:
        done = await succeed(transaction, branding, SHOWN, version, revision=expected + 1)
        replaced = None if done.before is None else _audited(as_answer(done.before))
        after = as_answer(done.after)
    else:
        replaced = _audited(before)
        proposed = (transaction.principal.subject, transaction.at) if step is Step.PROPOSE else (None, None)
        after = await _updated(
            transaction,
            before,
            {
                "state": TRANSITIONS[State(before["state"]), step].value,
                "proposed_by": proposed[0],
                "proposed_at": proposed[1],
            },
        )
    transaction.audit(step.value, "branding", None, before=replaced, after=_audited(after))
    return after


def standing(row: Row) -> Standing:
    """A version, as far as its steps ask."""
    hands = {row[name] for name in ("created_by", "edited_by", "proposed_by")} - {None}
    return Standing(State(row["state"]), frozenset(hands))


def _checked(look: Look) -> Any:
    if failures := faults(look):
        raise invalid("faulty_branding", "The branding can not be written like this; see the failures.", failures)
    return json.loads(to_json(settled(look)))


async def _logo_taken_over(transaction: Transaction, logo_of: int | None) -> Logo | None:
    if logo_of is None:
        return None
    logo = await find_logo(transaction.connection, transaction.tenant_id, logo_of)
    if logo is None:
        words = f"There is no version {logo_of} with a logo."
        raise invalid("faulty_branding", words, [Failure("logo_unknown", words, "logo_of")])
    return logo


async def _editable(transaction: Transaction, version: int, expected: int) -> Row:
    before = await locked(transaction, version)
    require_version(expected, before["revision"])
    if failures := not_editable(State(before["state"])):
        raise refused("branding_not_draft", f"Version {version} was not changed.", failures)
    return before


async def _edited(transaction: Transaction, before: Row, values: Row) -> Row:
    stamps = {"edited_by": transaction.principal.subject, "edited_at": transaction.at}
    after = await _updated(transaction, before, values | stamps)
    transaction.audit("edit", "branding", None, before=_audited(before), after=_audited(after))
    return after


async def _updated(transaction: Transaction, before: Row, values: Row) -> Row:
    own = (_c.tenant_id == transaction.tenant_id, _c.version == before["version"])
    statement = update(branding).where(*own).values(**values, revision=before["revision"] + 1).returning(*SHOWN)
    return as_answer((await transaction.connection.execute(statement)).mappings().one())


def _logo_values(logo: Logo | None) -> Row:
    if logo is None:
        return {"logo_media_type": None, "logo_sha256": None, "logo": None}
    digest = hashlib.sha256(logo.content).digest()
    return {"logo_media_type": logo.media_type, "logo_sha256": digest, "logo": logo.content}


def _audited(row: Row) -> Row:
    return {name: row[name] for name in ("version", "revision", "state", "look", "note", "logo")}
