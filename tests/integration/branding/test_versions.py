"""A branding from its draft to in force: written, proposed, and put in force by a second person."""

from typing import Any

import asyncpg
import httpx
import pytest
from tests.integration.branding.conftest import BRANDING, by, drafted, in_force, steps
from tests.support.brands import BODY, SVG, png, svg
from tests.unit.branding.test_rules import INJECTIONS


def codes(answer: httpx.Response, status: int = 409) -> list[str]:
    assert answer.status_code == status, answer.text
    return [failure["code"] for failure in answer.json()["failures"]]


async def test_only_a_second_person_puts_a_branding_in_force(client: httpx.AsyncClient) -> None:
    proposed = await steps(client, await drafted(client), "propose", "adam")
    address = f"{BRANDING}/{proposed['version']}/activate"

    assert codes(await client.post(address, headers=by("adam", proposed))) == ["four_eyes"]
    active = (await client.post(address, headers=by("eve", proposed))).json()

    assert (active["state"], active["activated_by"], active["revision"]) == ("active", "eve", 3)


@pytest.mark.parametrize("hand", ["wrote", "edited", "gave a logo", "proposed"])
async def test_whoever_had_a_hand_in_it_does_not_put_it_in_force(client: httpx.AsyncClient, hand: str) -> None:
    version = await drafted(client, "eve" if hand == "wrote" else "adam")
    address = f"{BRANDING}/{version['version']}"
    if hand == "edited":
        body = {"look": BODY, "note": "Anders"}
        version = (await client.put(address, json=body, headers=by("eve", version))).json()
    if hand == "gave a logo":
        version = (await client.put(f"{address}/logo", content=SVG, headers=by("eve", version))).json()
    proposed = await steps(client, version, "propose", "eve" if hand == "proposed" else "adam")

    assert codes(await client.post(f"{address}/activate", headers=by("eve", proposed))) == ["four_eyes"]
    assert (await steps(client, proposed, "activate", "uma"))["state"] == "active"


async def test_the_database_itself_refuses_the_own_hand(
    client: httpx.AsyncClient, administration: asyncpg.Connection
) -> None:
    await steps(client, await drafted(client), "propose", "adam")
    with pytest.raises(asyncpg.CheckViolationError, match="ck_branding_second_person"):
        await administration.execute(
            "update valeo.branding set state = 'active', activated_by = 'adam', activated_at = now()"
        )


async def test_one_version_is_in_force_and_one_that_was_replaced_may_come_back(client: httpx.AsyncClient) -> None:
    first = await in_force(client)
    second = await in_force(client, letterhead_name="Zweite")
    listed = (await client.get(BRANDING, headers=by("max"))).json()["items"]
    assert [(each["version"], each["state"]) for each in listed] == [(2, "active"), (1, "retired")]

    back = await client.post(f"{BRANDING}/1/activate", headers=by("uma", first))

    assert (back.status_code, back.json()["state"]) == (200, "active")
    again = await client.get(f"{BRANDING}/2", headers=by("max"))
    assert (again.json()["state"], again.headers["etag"]) == ("retired", f'"{second["revision"]}"')


@pytest.mark.parametrize("step", ["withdraw", "activate"])
async def test_a_step_that_does_not_lead_on_is_refused_with_its_reason(client: httpx.AsyncClient, step: str) -> None:
    draft = await drafted(client)
    answer = await client.post(f"{BRANDING}/1/{step}", headers=by("eve", draft))
    assert codes(answer) == ["branding_step"]
    assert "is draft" in answer.json()["failures"][0]["message"]


async def test_what_is_proposed_is_not_changed_until_it_is_withdrawn(client: httpx.AsyncClient) -> None:
    proposed = await steps(client, await drafted(client), "propose", "adam")
    body = {"look": BODY | {"letterhead_name": "Anders"}, "note": "Anders"}
    for answer in (
        await client.put(f"{BRANDING}/1", json=body, headers=by("adam", proposed)),
        await client.put(f"{BRANDING}/1/logo", content=SVG, headers=by("adam", proposed)),
        await client.delete(f"{BRANDING}/1/logo", headers=by("adam", proposed)),
    ):
        assert codes(answer) == ["branding_not_draft"]
    draft = await steps(client, proposed, "withdraw", "eve")
    changed = await client.put(f"{BRANDING}/1", json=body, headers=by("adam", draft))
    assert (changed.status_code, changed.json()["look"]["letterhead_name"]) == (200, "Anders")


async def test_nobody_puts_in_force_what_was_not_seen(client: httpx.AsyncClient) -> None:
    seen = await steps(client, await drafted(client), "propose", "adam")
    draft = await steps(client, seen, "withdraw", "adam")
    changed = await client.put(f"{BRANDING}/1", json={"look": BODY, "note": "x"}, headers=by("adam", draft))
    await steps(client, changed.json(), "propose", "adam")

    answer = await client.post(f"{BRANDING}/1/activate", headers=by("eve", seen))

    assert (answer.status_code, answer.json()["code"], answer.headers["etag"]) == (412, "version_conflict", '"5"')


@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("PUT", "/logo"), ("DELETE", "/logo"), ("POST", "/propose")])
async def test_every_change_says_which_revision_was_seen(client: httpx.AsyncClient, method: str, path: str) -> None:
    await drafted(client)
    body: dict[str, Any] = {"json": {"look": BODY, "note": "x"}} if path == "" else {"content": SVG}
    missing = await client.request(method, f"{BRANDING}/1{path}", headers=by("adam"), **body)
    stale = await client.request(method, f"{BRANDING}/1{path}", headers=by("adam", {"revision": 9}), **body)
    assert (missing.status_code, missing.json()["code"]) == (428, "if_match_missing")
    assert (stale.status_code, stale.json()["code"]) == (412, "version_conflict")


async def test_a_repeated_write_gets_the_first_answer(client: httpx.AsyncClient) -> None:
    body = {"look": BODY, "note": "Neue Bank"}
    first, again = [
        await client.post(BRANDING, json=body, headers=by("adam") | {"Idempotency-Key": "branding-0001"})
        for _ in range(2)
    ]
    assert first.json() == again.json()
    assert (again.headers["idempotency-replayed"], again.headers["etag"]) == ("true", first.headers["etag"])
    other = await client.post(
        BRANDING, json=body | {"note": "x"}, headers=by("adam") | {"Idempotency-Key": "branding-0001"}
    )
    assert other.json()["code"] == "idempotency_key_reused"
    assert len((await client.get(BRANDING, headers=by("adam"))).json()["items"]) == 1


async def test_every_change_is_in_the_audit_with_before_and_after(client: httpx.AsyncClient) -> None:
    await in_force(client)
    await in_force(client, svg("<path d='M0 0h9'/>"), letterhead_name="Zweite")

    trail = (await client.get("/api/v1/audit?object_kind=branding&outcome=done", headers=by("anna"))).json()["items"]

    assert sorted(entry["action"] for entry in trail) == sorted(
        ["create", "propose", "activate", "create", "edit", "propose", "activate"]
    )
    by_action = {entry["action"]: entry for entry in trail if entry["after"]["version"] == 2}
    assert by_action["edit"]["before"]["logo"] is None
    assert by_action["edit"]["after"]["logo"]["media_type"] == "image/svg+xml"
    assert by_action["propose"]["before"]["state"] == "draft"
    activated = by_action["activate"]
    assert (activated["before"]["version"], activated["after"]["version"]) == (1, 2)
    assert activated["before"]["look"]["letterhead_name"] == "Hofmann Agrar"
    assert activated["after"]["look"]["letterhead_name"] == "Zweite"


async def test_a_refused_activation_is_in_the_audit_with_its_reason(client: httpx.AsyncClient) -> None:
    proposed = await steps(client, await drafted(client), "propose", "adam")
    await client.post(f"{BRANDING}/1/activate", headers=by("adam", proposed))
    trail = (await client.get("/api/v1/audit?object_kind=branding&outcome=refused", headers=by("anna"))).json()
    (entry,) = trail["items"]
    assert entry["action"] == "activate"
    assert "somebody else must put it in force" in entry["reason"]


@pytest.mark.parametrize(("text", "code"), INJECTIONS.items())
async def test_no_text_of_a_branding_is_a_template_or_markup(client: httpx.AsyncClient, text: str, code: str) -> None:
    answer = await client.post(
        BRANDING, json={"look": BODY | {"letterhead_name": text}, "note": "x"}, headers=by("adam")
    )
    assert code in codes(answer, 422)
    assert answer.json()["failures"][0]["field"] == "letterhead_name"


async def test_everything_that_stands_against_a_branding_is_told_at_once(client: httpx.AsyncClient) -> None:
    hostile = BODY | {
        "colours": {"primary": "#eeee00", "tint": "#000000"},
        "footer_lines": ["{{ 1 }}"],
        "bank_accounts": [{"bank_name": "<b>", "iban": "DE02120300000000202052", "bic": "X"}],
    }
    answer = await client.post(BRANDING, json={"look": hostile, "note": "x"}, headers=by("adam"))
    assert sorted(codes(answer, 422)) == sorted(
        ["text_template", "text_markup", "iban_invalid", "bic_invalid", "contrast_too_low", "contrast_too_low"]
    )
    contrasts = [each["facts"] for each in answer.json()["failures"] if each["code"] == "contrast_too_low"]
    assert contrasts[0] == {"contrast": "1.24", "least": "4.5"}


async def test_a_logo_comes_back_as_it_is_printed_and_is_taken_over(client: httpx.AsyncClient) -> None:
    draft = await drafted(client)
    kept = (await client.put(f"{BRANDING}/1/logo", content=png(), headers=by("adam", draft))).json()
    assert (kept["logo"]["media_type"], kept["revision"]) == ("image/png", 2)
    copied = await client.post(BRANDING, json={"look": BODY, "note": "x", "logo_of": 1}, headers=by("adam"))
    assert copied.json()["logo"] == kept["logo"]
    gone = await client.delete(f"{BRANDING}/1/logo", headers=by("adam", kept))
    assert gone.json()["logo"] is None

    first = await client.get(f"{BRANDING}/1/logo", headers=by("max"))
    second = await client.get(f"{BRANDING}/2/logo", headers=by("max"))

    assert first.status_code == 404
    assert (second.status_code, second.headers["content-type"]) == (200, "image/png")
    assert len(second.content) == kept["logo"]["size"]
    assert "sandbox" in second.headers["content-security-policy"]
    none = await client.post(BRANDING, json={"look": BODY, "note": "x", "logo_of": 1}, headers=by("adam"))
    assert codes(none, 422) == ["logo_unknown"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(svg("<script>alert(1)</script>"), "logo_element"), (b"GIF89a", "logo_type"), (b"x" * 512_001, "logo_too_large")],
)
async def test_a_logo_that_may_not_be_printed_is_refused_and_nothing_is_kept(
    client: httpx.AsyncClient, content: bytes, code: str
) -> None:
    draft = await drafted(client)
    answer = await client.put(f"{BRANDING}/1/logo", content=content, headers=by("adam", draft))
    assert codes(answer, 422) == [code]
    assert (await client.get(f"{BRANDING}/1", headers=by("adam"))).json() == draft


@pytest.mark.parametrize(
    ("person", "reads", "writes"),
    [("olga", 403, 403), ("max", 200, 403), ("anna", 200, 403), ("adam", 200, 422), ("nobody", 403, 403)],
)
async def test_managers_see_the_branding_and_administrators_write_it(
    client: httpx.AsyncClient, person: str, reads: int, writes: int
) -> None:
    assert (await client.get(BRANDING, headers=by(person))).status_code == reads
    assert (await client.post(BRANDING, json={}, headers=by(person))).status_code == writes


async def test_another_trader_sees_and_reaches_nothing_of_it(client: httpx.AsyncClient) -> None:
    version = await in_force(client, SVG)
    foreign = by("bruno", version)
    assert (await client.get(BRANDING, headers=foreign)).json()["items"] == []
    for method, path in (
        ("GET", ""),
        ("GET", "/logo"),
        ("GET", "/preview.pdf"),
        ("GET", "/preview.png"),
        ("DELETE", "/logo"),
        ("POST", "/propose"),
        ("POST", "/activate"),
    ):
        answer = await client.request(method, f"{BRANDING}/1{path}", headers=foreign)
        assert answer.status_code == 404, f"{method} {path}: {answer.text}"
    taken = await client.post(BRANDING, json={"look": BODY, "note": "x", "logo_of": 1}, headers=by("bruno"))
    assert codes(taken, 422) == ["logo_unknown"]
