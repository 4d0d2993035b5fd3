"""The twenty promises of a rollout and what may go wrong, with the tests of each: one that is gone is missed here."""

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
TROUBLES: dict[str, tuple[str, ...]] = {
    "the autoscaler sets another size": (
        "test_a_size_of_the_autoscaler_stays",
        "test_a_new_release_is_as_large_as_the_active_one_really_is",
    ),
    "a node is drained": (
        "test_a_drained_node_takes_one_pod_of_an_installation_at_a_time",
        "test_a_pod_that_a_drained_node_takes_while_it_is_staged_begins_the_window_anew",
    ),
    "a quota is too small": (
        "test_a_quota_that_lets_no_pod_of_a_new_colour_be_made_is_told_and_the_active_one_serves",
        "test_a_job_for_which_no_pod_is_made_names_who_knows_why",
        "test_a_database_for_which_no_pod_is_made_names_who_knows_why",
        "test_an_object_that_the_api_server_refuses_is_told",
    ),
    "a node can't get the image": (
        "test_an_image_that_cannot_be_had_is_named_with_its_node",
        "test_what_cannot_work_is_stalled_within_a_minute",
    ),
    "a container crashes again and again": (
        "test_a_crash_tells_its_number_its_code_and_its_last_words",
        "test_a_release_that_does_not_start_is_aborted_and_begun_anew_only_when_asked",
    ),
    "pods start slowly": ("test_a_release_that_starts_slowly_is_waited_for_and_says_so",),
    "a webhook is down": (
        "test_a_webhook_that_is_down_is_a_refusal_that_somebody_must_see_to",
        "test_an_object_that_the_api_server_refuses_is_told",
    ),
    "the API server is away": (
        "test_an_api_server_that_goes_away_at_any_write_changes_nothing_in_the_end",
        "test_an_api_server_that_cannot_be_asked_leaves_the_process_alive",
    ),
    "two operators run": (
        "test_two_operators_at_once_come_to_the_same_end_and_nothing_is_done_twice",
        "test_the_second_waits_and_leads_when_the_first_gives_the_lease_back",
    ),
    "clocks differ": ("test_the_age_of_a_lease_is_told_by_our_own_clock_since_it_changed", "time_passes"),
    "a tag was moved to another image": ("test_a_moved_tag_never_goes_live",),
    "an image is not there, or is no ERP": (
        "test_what_cannot_work_is_stalled_within_a_minute",
        "test_an_image_that_does_not_describe_itself_fully_is_no_release",
    ),
    "a release is older than the schema": (
        "test_a_release_older_than_the_schema_goes_live_where_the_schema_only_grew",
        "test_a_release_older_than_the_schema_is_refused_where_it_misses_something",
    ),
    "the spec is changed in any phase, and back": (
        "test_a_spec_that_is_changed_in_any_phase_and_back_again_breaks_no_promise",
    ),
    "an object of the installation is deleted": (
        "test_any_owned_object_that_is_deleted_in_any_phase_breaks_no_promise",
        "test_staged_pods_that_somebody_takes_away_end_the_rollout_at_once_and_are_not_replaced_unverified",
    ),
    "the status is taken away": ("test_a_status_that_was_taken_away_in_any_phase_breaks_no_promise",),
    "two ValeoERPs want the same host": (
        "test_of_two_that_want_the_same_host_the_later_one_is_told_and_gets_it_when_it_is_free",
        "test_whose_host_it_was_first_keeps_it",
    ),
}
HELD = {f"{number}. {promise}": tests for number, (promise, tests) in PROMISES.items()} | BESIDES | TROUBLES


@pytest.fixture(scope="module")
def defined() -> frozenset[str]:
    """Every function of the tests."""
    texts = (each.read_text(encoding="utf-8") for each in TESTS.rglob("*.py"))
    return frozenset(name for text in texts for name in re.findall(r"def (\w+)\(", text))


def test_there_are_twenty_promises() -> None:
    assert list(PROMISES) == list(range(1, 21))


def test_every_trouble_has_a_line_in_the_handbook_and_every_line_has_its_tests() -> None:
    text = (TESTS.parent / "docs/admin/ROLLOUT.md").read_text(encoding="utf-8")
    part = text.partition("## What goes wrong")[2].partition("\n## ")[0]
    lines = [line.split("|")[1].strip() for line in part.splitlines() if line.startswith("| ")]
    assert lines[1:] == list(TROUBLES)


@pytest.mark.parametrize("promise", HELD)
def test_every_promise_is_held_by_tests_that_are_there(promise: str, defined: frozenset[str]) -> None:
    assert [name for name in HELD[promise] if name not in defined] == []
