"""Installations in memory at the points from which most stories begin."""

import pytest
from tests.support.installation_in_memory import Life


@pytest.fixture
def life() -> Life:
    """An empty world."""
    return Life()


@pytest.fixture
def running() -> Life:
    """An installation that is Complete."""
    life = Life()
    life.apply()
    life.go_on()
    assert life.status["phase"] == "Complete", life.status
    return life
