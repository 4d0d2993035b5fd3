"""Keys that overlap: the newest one signs, those before still verify; papers are never forgotten."""

from pathlib import Path

import pytest

from valeo_erp.kernel.settings import CredentialsMissingError, Settings


def settings(folder: Path, **keys: str) -> Settings:
    """A folder with these keys, each of one hex digit, repeated. `_1` in a name is written as `.1`."""
    for name, digit in keys.items():
        (folder / name.replace("_", ".")).write_text(digit * 64)
    return Settings(keys_dir=folder)


def key(digit: str) -> bytes:
    return bytes.fromhex(digit * 64)


def test_the_newest_session_key_signs_and_those_before_verify(tmp_path: Path) -> None:
    found = settings(tmp_path, session="a", session_1="1", session_2="2", session_10="3")
    assert found.session_keys() == (key("a"), key("3"), key("2"), key("1"))


def test_an_installation_without_a_verification_key_makes_codes_as_it_always_did(tmp_path: Path) -> None:
    assert settings(tmp_path, session="a").verification_keys() == (key("a"),)


def test_a_verification_key_makes_new_codes_and_the_session_key_knows_the_old_ones(tmp_path: Path) -> None:
    assert settings(tmp_path, session="a", verification="b").verification_keys() == (key("b"), key("a"))


def test_a_code_outlives_the_session_key_that_made_it(tmp_path: Path) -> None:
    made = settings(tmp_path, session="a").verification_keys()[0]
    found = settings(tmp_path, session="c", session_1="a", verification="b", verification_1="d")
    assert found.verification_keys() == (key("b"), key("d"), key("c"), key("a"))
    assert made in found.verification_keys()


def test_without_a_session_key_nothing_is_signed(tmp_path: Path) -> None:
    (tmp_path / "session.1").write_text("a" * 64)
    with pytest.raises(CredentialsMissingError, match="at least 32 hex digits"):
        Settings(keys_dir=tmp_path).session_keys()
