"""Whatever users, accidents and the clock do in any order: the promises hold after every effect, and it ends well."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.cluster_in_memory import Controllers, Effect, KilledError, reached
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life, annotate

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, ERPS, JOBS, RELEASES, SECRETS, SERVICES
from valeo_operator.cluster.objects import Object, dig, holds, label, name_of
from valeo_operator.installations.facts import Analysis
from valeo_operator.releases.lifecycle import DEADLINES, TRANSITIONS

COLOURS = ("blue", "green")
MOVES = {(before.value, after.value) for (before, _), after in TRANSITIONS.items()}
BREAKABLE = ("describe", "provision", "migrate", "smoke", "erp", "database", "answers")
IMAGES = ("valeo-erp:1.0.0", "valeo-erp:1.1.0", "valeo-erp:1.2.0")
NUMBERS = (
    None,
    Analysis("Pass", "all is well"),
    Analysis("Fail", "5 % of the requests failed"),
    Analysis("Unknown", "too few requests"),
)
GROWING = {"head_revision": "0002", "revisions": ["0001", "0002"]}
TAKING = {**GROWING, "breaking": [{"revision": "0002", "kind": "contracting"}]}


class AnyHistory(RuleBasedStateMachine):
    """The rules are what may happen; the promises are checked at every effect."""

    def __init__(self) -> None:
        super().__init__()
        self.life = Life()
        self.life.cluster.on_effect = self.promises
        self.spec: dict[str, object] = {}
        self.phase = ""

    # --- the promises, at every effect of the operator ----------------------------------------------------------------

    def promises(self, effect: Effect) -> None:
        if effect.kind == SERVICES and effect.name == NAME and effect.verb == "apply":
            self.the_active_selector_never_selects_nothing(effect)
            self.only_what_was_verified_goes_live(effect)
        if effect.kind == DEPLOYMENTS and effect.name in {f"{NAME}-{colour}" for colour in COLOURS}:
            self.nothing_selected_is_scaled_down(effect)
            self.migration_comes_before_staging(effect)
        if effect.kind == ERPS and "status" in effect.result:
            self.at_most_one_phase_at_a_time(effect)
            self.phases_that_go_on_have_a_deadline(effect)
            self.unknown_is_never_a_pass(effect)
            self.only_a_rollback_changes_what_is_active_without_the_whole_way(effect)
        if effect.kind == JOBS and "-migrate-" in effect.name and effect.verb == "create":
            self.no_two_migrations_at_once(effect)

    def the_active_selector_never_selects_nothing(self, effect: Effect) -> None:
        chosen = dig(effect.result, "spec", "selector", "valeoerp.io/colour")
        assert self.life.cluster.find(DEPLOYMENTS, f"{NAME}-{chosen}") is not None, f"nothing is {chosen}"
        if self.turned_from is not None and chosen != self.turned_from:
            before = f"{NAME}-{self.turned_from}"
            had_pods = dig(self.life.cluster.find(DEPLOYMENTS, before), "status", "readyReplicas")
            assert reached(self.life.cluster, effect.result) or not had_pods, f"no pod of {chosen} is ready"

    def only_what_was_verified_goes_live(self, effect: Effect) -> None:
        chosen = dig(effect.result, "spec", "selector", "valeoerp.io/colour")
        if self.turned_from is None or chosen == self.turned_from:
            return
        found = self.life.cluster.find(DEPLOYMENTS, f"{NAME}-{chosen}")
        release = label(found or {}, "valeoerp.io/release")
        put_back = self.turned_by_others or release == self.life.status.get("activeRelease")
        smoked = any(holds(job, "Complete") for job in self.life.cluster.all(JOBS) if "-smoke-" in name_of(job))
        assert put_back or release in self.served or smoked, f"{release} was not verified"
        self.served.add(release)

    def unknown_is_never_a_pass(self, effect: Effect) -> None:
        moved = (self.before_phase, dig(effect.result, "status", "phase"))
        if moved == ("Watching", "Complete"):
            target = self.life.cluster.find(RELEASES, effect.result["status"]["targetRelease"])
            seen = self.life.controllers.analyses.get(dig(target, "spec", "image"))
            assert seen is None or seen.passes, "an analysis that did not pass let the watch end"

    def only_a_rollback_changes_what_is_active_without_the_whole_way(self, effect: Effect) -> None:
        active, phase = (dig(effect.result, "status", key) for key in ("activeRelease", "phase"))
        if active != self.active and self.active is not None and active is not None:
            assert phase in {"Draining", "Complete", "RolledBack"}, f"{active} became active in {phase}"
        assert self.active is None or active is not None, f"in {phase} nothing is known to be active any more"
        target = dig(effect.result, "status", "targetRelease")
        if target != self.target and self.target is not None:
            assert self.before_phase not in {"Draining", "Watching", "RollingBack"} or not self.is_recorded(
                self.target
            ), f"in {self.before_phase} another release took the place of {self.target}"
        self.active, self.target, self.before_phase = active, target, phase

    def is_recorded(self, release: str) -> bool:
        return self.life.cluster.find(RELEASES, release) is not None

    def no_two_migrations_at_once(self, effect: Effect) -> None:
        runs = [
            name_of(job)
            for job in self.life.cluster.all(JOBS)
            if "-migrate-" in name_of(job) and not job.get("status") and name_of(job) != effect.name
        ]
        assert not runs, f"{effect.name} was sent while {runs} runs"

    def nothing_selected_is_scaled_down(self, effect: Effect) -> None:
        if effect.name == f"{NAME}-{self.selected}":
            assert effect.verb != "delete"
            assert effect.result["spec"]["replicas"] >= 1

    def migration_comes_before_staging(self, effect: Effect) -> None:
        if effect.verb == "delete" or effect.result["spec"]["replicas"] == 0:
            return
        release = label(effect.result, "valeoerp.io/release")
        assert release in self.migrated() | self.ran_before, f"{release} was not migrated for"
        self.ran_before.add(release)

    def migrated(self) -> set[str | None]:
        done = any(holds(job, "Complete") for job in self.life.cluster.all(JOBS) if "-migrate-" in name_of(job))
        return {name_of(each) for each in self.life.cluster.all(RELEASES)} if done else set()

    def at_most_one_phase_at_a_time(self, effect: Effect) -> None:
        phase = dig(effect.result, "status", "phase")
        if phase is not None:
            assert self.phase in {"", phase} or (self.phase, phase) in MOVES, f"{self.phase} to {phase}"
            self.phase = phase

    def phases_that_go_on_have_a_deadline(self, effect: Effect) -> None:
        going_on = {phase.value for phase in DEADLINES}
        phase = dig(effect.result, "status", "phase")
        if phase is not None:
            assert (dig(effect.result, "status", "deadline") is not None) == (phase in going_on)

    # --- what is remembered of the world ----------------------------------------------------------

    ran_before: set[str | None]
    served: set[str | None]
    active: str | None = None
    target: str | None = None
    before_phase: str | None = None
    turned_by_others = False
    turned_from: str | None = None

    @property
    def selected(self) -> str | None:
        colour = dig(self.life.cluster.find(SERVICES, NAME), "spec", "selector", "valeoerp.io/colour")
        return None if colour is None else str(colour)

    # --- what may happen --------------------------------------------------------------------------

    @initialize()
    def a_resource_is_applied(self) -> None:
        self.ran_before, self.served = set(), set()
        self.life.apply()

    @rule()
    def the_operator_looks(self) -> None:
        self.turned_from = self.selected
        self.life.look()

    @rule(effects=st.integers(1, 6))
    def the_operator_is_killed(self, effects: int) -> None:
        self.turned_from = self.selected
        self.life.cluster.dies_after = effects
        try:
            self.life.look()
        except KilledError:
            self.life.restart()
        self.life.cluster.dies_after = None

    @rule(rounds=st.integers(1, 12))
    def it_goes_on(self, rounds: int) -> None:
        for _ in range(rounds):
            self.the_operator_looks()
            self.life.controllers.work()
            self.life.cluster.pass_time(1)

    @rule()
    def the_controllers_work(self) -> None:
        self.life.controllers.work()

    @rule(seconds=st.sampled_from([1, 30, 130, 700, 3000]))
    def time_passes(self, seconds: int) -> None:
        self.life.cluster.pass_time(seconds)

    @rule(version=st.sampled_from(["1.0.0", "1.1.0", "1.2.0"]))
    def another_image_is_wanted(self, version: str) -> None:
        self.wish(image=f"valeo-erp:{version}")

    @rule(image=st.sampled_from(IMAGES[1:]), tells=st.sampled_from([{}, GROWING, TAKING]))
    def an_image_is_built_for_another_schema(self, image: str, tells: Object) -> None:
        if not any(dig(each, "spec", "image") == image for each in self.life.cluster.all(RELEASES)):
            self.life.controllers.images[image] = tells

    @rule(image=st.sampled_from(IMAGES), seen=st.sampled_from(NUMBERS))
    def the_numbers_of_a_release_change(self, image: str, seen: Analysis | None) -> None:
        if seen is None:
            self.life.controllers.analyses.pop(image, None)
        else:
            self.life.controllers.analyses[image] = seen

    @rule(tests=st.sampled_from([{}, {"post": "HTTP 500"}]))
    def a_smoke_test_fails_or_passes(self, tests: dict[str, str]) -> None:
        self.life.controllers.smoke_fails = tests

    @rule(
        act=st.sampled_from(["abort", "promote", "rollback", "contract"]),
        release=st.sampled_from(["targetRelease", "activeRelease", "another", "none"]),
    )
    def a_person_asks_for_something(self, act: str, release: str) -> None:
        named = None if release == "none" else self.life.status.get(release, "production-another-blue")
        annotate(self.life, **{act: named})

    @rule(nonce=st.sampled_from(["1", "2"]))
    def a_person_asks_anew(self, nonce: str) -> None:
        annotate(self.life, retry=nonce)

    @rule(promotion=st.sampled_from(["Automatic", "Manual"]), auto=st.booleans())
    def the_settings_of_the_rollout_change(self, promotion: str, *, auto: bool) -> None:
        self.wish(rollout={**BRIEF, "promotion": promotion, "autoRollback": auto})

    @rule(mode=st.sampled_from(["Apply", "Plan"]))
    def it_is_only_planned_or_done(self, mode: str) -> None:
        self.wish(mode=mode)

    @rule(port=st.sampled_from([8080, 9090]))
    def another_configuration_is_wanted(self, port: int) -> None:
        self.wish(publicURL=f"http://127.0.0.1:{port}")

    @rule(replicas=st.integers(1, 3))
    def another_size_is_wanted(self, replicas: int) -> None:
        self.wish(replicas=replicas)

    @rule(suspend=st.booleans())
    def it_is_held_or_let_go(self, *, suspend: bool) -> None:
        self.wish(suspend=suspend)

    def wish(self, **change: object) -> None:
        self.spec |= change
        self.life.apply(**self.spec)

    @rule(what=st.sampled_from(BREAKABLE))
    def something_breaks(self, what: str) -> None:
        self.life.controllers.broken.add(what)

    @rule(what=st.sampled_from(BREAKABLE))
    def something_works_again(self, what: str) -> None:
        self.life.controllers.broken.discard(what)

    @rule(kind=st.sampled_from([DEPLOYMENTS, SERVICES, CONFIG_MAPS, RELEASES, JOBS]), which=st.integers(0, 5))
    def somebody_deletes_something(self, kind: object, which: int) -> None:
        there = [key for key in self.life.cluster.objects if key[0] == kind]
        if there:
            self.life.cluster.lose(*there[which % len(there)])

    @rule()
    def the_login_of_the_application_is_lost(self) -> None:
        self.life.cluster.lose(SECRETS, NAMESPACE, f"{NAME}-database-app-a")

    @precondition(lambda self: self.selected is not None)
    @rule(colour=st.sampled_from(COLOURS))
    def somebody_turns_the_selector(self, colour: str) -> None:
        self.turned_by_others = True
        self.life.cluster.change(
            SERVICES, NAMESPACE, NAME, lambda each: each["spec"]["selector"].update({"valeoerp.io/colour": colour})
        )

    @invariant()
    def nothing_is_claimed_that_was_not_observed(self) -> None:
        conditions = {each["type"]: each["status"] for each in self.life.status.get("conditions", ())}
        if conditions.get("Ready") == "True":
            assert self.life.status["phase"] in {Phase.COMPLETE, Phase.DRAINING, Phase.WATCHING}
            assert conditions["Stalled"] == "False"

    # --- and in the end ---------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "ran_before"):
            return
        everything_works_again(self.life.controllers)
        self.wish(suspend=False, mode="Apply", rollout=BRIEF)
        annotate(self.life, retry="at last", abort=None, promote=None, rollback=None, contract=None)
        for _ in range(90):
            self.it_goes_on(1)
            self.life.cluster.pass_time(20)
        assert self.life.condition("Ready")["status"] == "True", self.life.status
        active = self.life.cluster.find(RELEASES, self.life.status["activeRelease"])
        assert dig(active, "spec", "image") == self.spec.get("image", "valeo-erp:1.0.0")
        service = self.life.cluster.find(SERVICES, NAME)
        assert service is not None
        pods = reached(self.life.cluster, service)
        assert len(pods) == self.spec.get("replicas", 2)
        assert {label(pod, "valeoerp.io/release") for pod in pods} == {self.life.status["activeRelease"]}


def everything_works_again(controllers: Controllers) -> None:
    """What was broken works, and the images that were built ask for nothing that nobody can stand."""
    controllers.broken.clear()
    controllers.analyses.clear()
    controllers.smoke_fails = {}


AnyHistory.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestAnyHistory = AnyHistory.TestCase
