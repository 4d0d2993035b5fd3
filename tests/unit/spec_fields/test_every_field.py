"""Every field of a ValeoERP has an effect that is seen, or every other value of it is refused."""

import json
import re

import pytest
from tests.support.places import Places, differing
from tests.support.spec_fields import Change, Refused, Story, fields, rules, value_at
from tests.unit.spec_fields.of_data_and_gates import BACKUP, GO_LIVE, MONITORING, QUOTA
from tests.unit.spec_fields.of_the_installation import ACCESS, DATABASE, INSTALLATION, ROLLOUT

from valeo_operator.cluster.objects import Object

ALL = (*INSTALLATION, *ROLLOUT, *DATABASE, *ACCESS, *BACKUP, *GO_LIVE, *MONITORING, *QUOTA)
CHANGES = tuple(each for each in ALL if isinstance(each, Change))


TOLD: dict[tuple[Story, str], tuple[Places, Places]] = {}


def twice(story: Story, spec: Object) -> tuple[Places, Places]:
    """The same story two times: where it differs from itself, as by random passwords, nothing is shown."""
    key = story, json.dumps(spec, sort_keys=True)
    if key not in TOLD:
        TOLD[key] = story(spec), story(spec)
    return TOLD[key]


def test_every_field_of_the_definition_is_looked_at_once() -> None:
    assert sorted(each.field for each in ALL) == sorted(fields("valeoerps"))


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=[each.field for each in CHANGES])
def test_every_field_of_the_spec_has_an_effect_that_is_seen(number: int) -> None:
    told = CHANGES[number]
    assert value_at(told.before, told.field) != value_at(told.after, told.field)
    once, again = twice(told.story, told.before)
    shown = differing(once, told.story(told.after)) - differing(once, again)
    assert [place for place in shown if re.search(told.shows_at, place)], sorted(shown)


@pytest.mark.parametrize("told", [each for each in ALL if isinstance(each, Refused)], ids=lambda each: each.field)
def test_a_field_with_one_value_says_why_it_has_no_other(told: Refused) -> None:
    assert told.rule in rules("valeoerps")
