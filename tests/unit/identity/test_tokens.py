"""Which tokens are believed."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.support.provider import ISSUER, START, FakeProvider, Time

from valeo_erp.identity.provider import IdentityProvider
from valeo_erp.kernel.problems import Problem
from valeo_erp.kernel.settings import Settings


async def refusal(provider: IdentityProvider, token: str, nonce: str | None = None) -> Problem:
    with pytest.raises(Problem) as caught:
        await provider.claims(token, nonce)
    return caught.value


async def test_a_token_of_the_provider_is_believed(provider: IdentityProvider, fake: FakeProvider) -> None:
    assert (await provider.claims(fake.token()))["sub"] == "olga"


async def test_an_elliptic_key_is_as_good_as_an_rsa_key(provider: IdentityProvider, fake: FakeProvider) -> None:
    fake.keys = [ECKey.generate_key("P-256", {"kid": "curve"})]
    assert (await provider.claims(fake.token(alg="ES256")))["sub"] == "olga"


def unsigned(claims_of: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "first"}).encode()).rstrip(b"=").decode()
    return f"{header}.{claims_of.split('.')[1]}."


async def test_a_token_without_a_signature_is_refused(provider: IdentityProvider, fake: FakeProvider) -> None:
    assert (await refusal(provider, unsigned(fake.token()))).code == "token_algorithm"


async def test_the_public_key_is_no_shared_secret(provider: IdentityProvider, fake: FakeProvider) -> None:
    public = OctKey.import_key(base64.urlsafe_b64encode(fake.keys[0].as_pem(private=False)).decode(), {"kid": "first"})
    assert (await refusal(provider, fake.token(key=public, alg="HS256"))).code == "token_algorithm"


async def test_a_forged_signature_is_refused(provider: IdentityProvider, fake: FakeProvider) -> None:
    forger = RSAKey.generate_key(2048, {"kid": "first"})
    assert (await refusal(provider, fake.token(key=forger))).code == "token_signature"


async def test_an_algorithm_of_another_kind_of_key_is_refused(provider: IdentityProvider, fake: FakeProvider) -> None:
    forger = ECKey.generate_key("P-256", {"kid": "first"})
    assert (await refusal(provider, fake.token(key=forger, alg="ES256"))).code == "token_signature"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"iss": "https://login.example.evil"}, "token_issuer"),
        ({"iss": None}, "token_issuer"),
        ({"aud": "another"}, "token_audience"),
        ({"aud": ["another", "third"]}, "token_audience"),
        ({"aud": None}, "token_audience"),
        ({"exp": (START - timedelta(seconds=61)).timestamp()}, "token_expired"),
        ({"exp": None}, "token_expiry_missing"),
        ({"exp": "tomorrow"}, "token_expiry_missing"),
        ({"exp": 1e300}, "token_expiry_missing"),
        ({"exp": True}, "token_expiry_missing"),
        ({"nbf": (START + timedelta(seconds=61)).timestamp()}, "token_not_yet_valid"),
        ({"sub": None}, "token_subject"),
        ({"sub": ""}, "token_subject"),
        ({"sub": 7}, "token_subject"),
        ({"sub": "a\x00b"}, "token_subject"),
    ],
)
async def test_a_token_that_speaks_of_something_else_is_refused(
    provider: IdentityProvider, fake: FakeProvider, changed: dict[str, Any], code: str
) -> None:
    problem = await refusal(provider, fake.token(**changed))
    assert (problem.status.value, problem.code) == (401, code)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["another", "valeo-erp"]},
        {"exp": (START - timedelta(seconds=59)).timestamp()},
        {"nbf": (START + timedelta(seconds=59)).timestamp()},
    ],
)
async def test_clocks_may_differ_by_a_minute_and_audiences_may_be_many(
    provider: IdentityProvider, fake: FakeProvider, changed: dict[str, Any]
) -> None:
    assert (await provider.claims(fake.token(**changed)))["sub"] == "olga"


async def test_every_reason_against_a_token_is_told(provider: IdentityProvider, fake: FakeProvider) -> None:
    problem = await refusal(provider, fake.token(iss="x", aud="y", exp=1))
    assert [failure.code for failure in problem.failures] == ["token_issuer", "token_audience", "token_expired"]


async def test_a_token_of_another_sign_in_is_refused(provider: IdentityProvider, fake: FakeProvider) -> None:
    assert (await refusal(provider, fake.token(nonce="theirs"), nonce="ours")).code == "token_nonce"


async def test_a_rotated_key_is_accepted_at_once(provider: IdentityProvider, fake: FakeProvider, time: Time) -> None:
    await provider.claims(fake.token())
    fake.keys.append(RSAKey.generate_key(2048, {"kid": "second"}))
    time.passes(seconds=6)
    assert (await provider.claims(fake.token()))["sub"] == "olga"


async def test_a_flood_of_unknown_keys_reaches_the_provider_once(
    provider: IdentityProvider, fake: FakeProvider, time: Time
) -> None:
    await provider.claims(fake.token())
    time.passes(seconds=6)
    stranger = RSAKey.generate_key(2048, {"kid": "stranger"})
    token = fake.token(key=stranger)
    codes = {(await refusal(provider, token)).code for _ in range(20)}
    assert codes == {"token_key_unknown"}
    assert sum(address.endswith("/jwks") for address in fake.asked) == 2


async def test_known_keys_stay_valid_while_the_provider_is_down(
    provider: IdentityProvider, fake: FakeProvider, time: Time
) -> None:
    await provider.claims(fake.token())
    fake.up = False
    time.passes(minutes=11)
    later = (time.now + timedelta(minutes=5)).timestamp()
    assert (await provider.claims(fake.token(exp=later)))["sub"] == "olga"


async def test_a_withdrawn_key_is_forgotten(provider: IdentityProvider, fake: FakeProvider, time: Time) -> None:
    await provider.claims(fake.token())
    old, fake.keys = fake.keys[0], [RSAKey.generate_key(2048, {"kid": "second"})]
    time.passes(minutes=11)
    later = (time.now + timedelta(minutes=5)).timestamp()
    assert (await refusal(provider, fake.token(key=old, exp=later))).code == "token_key_unknown"


async def test_without_any_key_the_caller_is_asked_to_come_back(provider: IdentityProvider, fake: FakeProvider) -> None:
    fake.up = False
    problem = await refusal(provider, fake.token())
    assert (problem.status.value, problem.code) == (503, "identity_provider_unreachable")
    assert "Retry-After" in problem.headers
    assert problem.detail.startswith("The identity provider cannot be used")


async def test_a_provider_that_calls_itself_otherwise_is_not_used(
    provider: IdentityProvider, fake: FakeProvider
) -> None:
    fake.issuer = "https://other.example"
    problem = await refusal(provider, fake.token())
    assert problem.status.value == 503
    assert "https://other.example" in problem.detail


async def test_only_the_origin_is_swapped_for_the_servers_own_calls(
    provider_with: Callable[..., IdentityProvider], fake: FakeProvider
) -> None:
    provider = provider_with(oidc_internal_url="http://identity:8081/ignored")
    await provider.claims(fake.token())
    assert fake.asked == ["http://identity:8081/.well-known/openid-configuration", "http://identity:8081/jwks"]
    assert (await provider.discovery()).authorization_endpoint == f"{ISSUER}/authorize"


async def test_a_refused_code_is_told_in_words(provider: IdentityProvider) -> None:
    with pytest.raises(Problem, match="did not accept this sign-in"):
        await provider.exchange("code", "verifier", "https://erp.example/auth/callback")


async def test_the_id_token_comes_for_the_code(provider: IdentityProvider, fake: FakeProvider) -> None:
    fake.code_answer = httpx.Response(200, json={"id_token": "the token", "access_token": "opaque"})
    assert await provider.exchange("code", "verifier", "https://erp.example/auth/callback") == "the token"


async def test_keys_of_unknown_kinds_are_left_aside(provider: IdentityProvider, fake: FakeProvider) -> None:
    fake.keys = [RSAKey.generate_key(2048, {"kid": "secret", "use": "enc"}), *fake.keys]
    assert (await provider.claims(fake.token()))["sub"] == "olga"


@given(st.text(max_size=60) | st.lists(st.text(max_size=20), min_size=3, max_size=3).map(".".join))
async def test_no_word_in_place_of_a_token_is_a_fault_of_the_program(word: str) -> None:
    provider = IdentityProvider(Settings(), lambda: START, transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    assert (await refusal(provider, word)).status.value == 401
