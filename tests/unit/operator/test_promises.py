"""The twenty promises of a rollout, and the tests that hold each. A test that is renamed or gone is missed here."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

PROMISES: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "Abort and rollback are looked at first and need nothing from the new release",
        (
            "test_held_forward_movement_holds_no_abort",
            "test_a_completed_release_is_gone_back_from_with_its_configuration",
            "test_a_rollback_while_another_release_is_staged_ends_that_first",
        ),
    ),
    2: (
        "The active selector never selects nothing",
        ("the_active_selector_never_selects_nothing", "test_where_both_colours_are_dead_nothing_is_turned"),
    ),
    3: ("Nothing that a Service selects is scaled down or deleted", ("nothing_selected_is_scaled_down",)),
    4: (
        "The pods that were verified are the pods that go live",
        ("only_what_was_verified_goes_live", "test_the_pods_that_were_verified_are_the_pods_that_go_live"),
    ),
    5: (
        "Readiness is a window, looked at again at the switch, and flaps are counted",
        (
            "test_readiness_is_a_window_that_begins_anew_after_a_flap",
            "test_a_flap_between_two_looks_is_seen_from_the_pods",
            "test_the_window_outlives_the_operator",
        ),
    ),
    6: (
        "Unknown is never a pass",
        (
            "unknown_is_never_a_pass",
            "test_what_is_not_known_is_unknown",
            "test_a_watch_that_never_knows_is_no_pass",
            "test_smoke_tests_that_tell_less_than_they_should_are_no_pass",
        ),
    ),
    7: (
        "Every end can be begun anew by one act with a nonce",
        ("test_every_end_is_begun_anew_by_one_act_with_a_nonce",),
    ),
    8: (
        "A newer release supersedes before the switch and waits after it",
        (
            "test_a_newer_wish_supersedes_one_that_is_not_active_yet",
            "test_a_newer_wish_waits_until_the_watch_is_over",
            "test_a_migration_that_runs_is_not_left_alone",
        ),
    ),
    9: (
        "Code goes back while the schema allows it, data never",
        (
            "test_numbers_that_break_a_limit_lead_back_by_themselves",
            "test_a_rollback_that_the_schema_forbids_names_revision_range_and_choices",
            "test_after_a_contraction_the_way_back_is_free_for_the_release_that_tolerates_it",
        ),
    ),
    10: (
        "A database ahead of the code is ready, behind is not, and what is active is asked before a migration",
        (
            "test_a_release_older_than_the_schema_goes_live_where_the_schema_only_grew",
            "test_a_release_older_than_the_schema_is_refused_where_it_misses_something",
            "test_a_migration_that_the_active_release_can_not_stand_is_refused_with_nothing_touched",
        ),
    ),
    11: ("One migrator at a time", ("no_two_migrations_at_once",)),
    12: (
        "Configuration and secrets go back with the release that used them",
        ("test_a_completed_release_is_gone_back_from_with_its_configuration",),
    ),
    13: (
        "The autoscaler's real size holds in both colours",
        (
            "test_a_new_release_is_as_large_as_the_active_one_really_is",
            "test_another_size_while_it_is_watched_holds_for_both_colours",
        ),
    ),
    14: (
        "Only the active colour works in the background",
        (
            "test_background_work_is_done_by_the_active_colour_alone_while_both_colours_live",
            "test_of_two_colours_only_the_one_that_users_reach_works",
        ),
    ),
    15: (
        "Streams resume on the new colour without a lost or doubled event",
        (
            "test_streams_end_at_the_switch_and_resume_on_the_new_colour_without_a_lost_or_doubled_event",
            "test_a_good_release_goes_live_with_no_failed_request_and_no_lost_event",
        ),
    ),
    16: (
        "The first release is gated and verified too, and gates never block what was admitted",
        (
            "test_open_gates_hold_the_first_release_with_nothing_touched",
            "test_the_first_release_is_verified_too_and_begun_anew_by_itself",
            "test_gates_never_block_what_was_admitted",
        ),
    ),
    17: (
        "Deleting ends in time although the database is gone, and lists what is left behind",
        (
            "test_deleting_needs_no_database",
            "test_deleting_ends_in_time_although_the_data_cannot_be_deleted_and_says_so",
            "test_killed_while_it_says_farewell_another_one_ends_it",
        ),
    ),
    18: (
        "Every field of the spec has an effect, or every other value is refused, or it is Stalled with a reason",
        (
            "test_every_field_of_the_definition_is_looked_at_once",
            "test_every_field_of_the_spec_has_an_effect_that_is_seen",
            "test_a_field_with_one_value_says_why_it_has_no_other",
        ),
    ),
    19: (
        "The operator has the rights that it uses and no other",
        ("test_the_operator_has_the_rights_that_it_uses_and_no_other",),
    ),
    20: (
        "No secret value in what is shown",
        (
            "test_no_secret_value_stands_in_what_kubectl_shows",
            "test_no_secret_value_stands_anywhere_but_in_its_secret",
        ),
    ),
}
BESIDES: dict[str, tuple[str, ...]] = {
    "An operator that is killed anywhere changes nothing in the end": (
        "test_killed_after_any_effect_the_end_is_the_same_and_nothing_is_doubled",
        "test_killed_while_it_goes_back_another_one_ends_it",
        "test_an_operator_killed_in_every_phase_of_a_rollout_changes_nothing_in_the_end",
    ),
    "Plan mode touches nothing": ("test_plan_mode_tells_what_would_be_done_and_touches_nothing",),
}
HELD = {f"{number}. {promise}": tests for number, (promise, tests) in PROMISES.items()} | BESIDES


@pytest.fixture(scope="module")
def defined() -> frozenset[str]:
    """Every function of the tests."""
    texts = (each.read_text(encoding="utf-8") for each in TESTS.rglob("*.py"))
    return frozenset(name for text in texts for name in re.findall(r"def (\w+)\(", text))


def test_there_are_twenty_promises() -> None:
    assert list(PROMISES) == list(range(1, 21))


@pytest.mark.parametrize("promise", HELD)
def test_every_promise_is_held_by_tests_that_are_there(promise: str, defined: frozenset[str]) -> None:
    assert [name for name in HELD[promise] if name not in defined] == []
