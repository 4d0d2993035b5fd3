"""Facts to judge gates from: a release, its checklist, and signatures with every part replaceable."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from valeo_operator.api.golive import Environment
from valeo_operator.api.goliveapproval import GoLiveApprovalSpec, GoLiveWaiverSpec
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.lifecycle import Subject
from valeo_operator.golive.signatures import Approval, Waiver

DIGEST = f"sha256:{'ab' * 32}"


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.fixture
def subject() -> Subject:
    return Subject(
        installation="production",
        environment=Environment.PRODUCTION,
        release="production-1-blue",
        digest=DIGEST,
        author="alice",
        checklist=shipped(),
        checklist_hash=checklist_hash(shipped()),
    )


@pytest.fixture
def approve(now: datetime, subject: Subject) -> Callable[..., Approval]:
    def approve(gate: str = "business-owner", user: str = "bob", **changed: Any) -> Approval:
        role = next(e.sign_off.role for e in subject.checklist.entries if e.id == gate and e.sign_off)
        spec = {
            "installation": "production",
            "gate": gate,
            "release_digest": DIGEST,
            "checklist_hash": subject.checklist_hash,
            "decision": "Approve",
            "role": role,
            "approver": {"user": user, "groups": [f"valeo:{role}s"]},
        }
        made = changed.pop("made", now - timedelta(hours=1))
        doubt = changed.pop("doubt", "")
        return Approval(f"{gate}-{user}", made, GoLiveApprovalSpec.model_validate({**spec, **changed}), doubt)

    return approve


@pytest.fixture
def waive(now: datetime, subject: Subject) -> Callable[..., Waiver]:
    def waive(gate: str | None = "restore-tested", user: str = "walter", **changed: Any) -> Waiver:
        spec = {
            "installation": "production",
            "gate": gate,
            "release_digest": DIGEST,
            "checklist_hash": subject.checklist_hash,
            "reason": "The storage for backups arrives next week.",
            "compensating_control": "The database server is copied every night.",
            "granted_by": {"user": user, "groups": ["valeo:go-live-waivers"]},
            "expires_at": now + timedelta(days=7),
        }
        made = changed.pop("made", now - timedelta(hours=1))
        doubt = changed.pop("doubt", "")
        return Waiver(f"w-{user}", made, GoLiveWaiverSpec.model_validate({**spec, **changed}), doubt)

    return waive
