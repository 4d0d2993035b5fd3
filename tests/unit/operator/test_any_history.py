"""Whatever users, accidents and the clock do in any order: the promises hold after every effect, and it ends well."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.support.cluster_in_memory import Controllers, KilledError, reached
from tests.support.installation_in_memory import BRIEF, NAME, NAMESPACE, Life, annotate
from tests.support.promises import COLOURS, Promises

from valeo_operator.api.rollout import Phase
from valeo_operator.cluster.kinds import CONFIG_MAPS, DEPLOYMENTS, JOBS, RELEASES, SECRETS, SERVICES
from valeo_operator.cluster.objects import Object, dig, label
from valeo_operator.installations.facts import Analysis

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
        self.promises = Promises(self.life)
        self.spec: dict[str, object] = {}
        self.is_begun = False

    # --- what may happen --------------------------------------------------------------------------

    @initialize()
    def a_resource_is_applied(self) -> None:
        self.is_begun = True
        self.life.apply()

    @rule()
    def the_operator_looks(self) -> None:
        self.promises.look()

    @rule(effects=st.integers(1, 6))
    def the_operator_is_killed(self, effects: int) -> None:
        self.life.cluster.dies_after = effects
        try:
            self.promises.look()
        except KilledError:
            self.life.restart()
        self.life.cluster.dies_after = None

    @rule(rounds=st.integers(1, 12))
    def it_goes_on(self, rounds: int) -> None:
        self.promises.go_on(rounds)

    @rule()
    def the_controllers_work(self) -> None:
        self.life.controllers.work()

    @rule(seconds=st.sampled_from([-400, -30, 1, 30, 130, 700, 3000]))
    def time_passes(self, seconds: int) -> None:
        """Backwards, too: the next operator may run on a machine whose clock is behind."""
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

    @precondition(lambda self: self.promises.selected is not None)
    @rule(colour=st.sampled_from(COLOURS))
    def somebody_turns_the_selector(self, colour: str) -> None:
        self.promises.turned_by_others = True
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
        if not self.is_begun:
            return
        everything_works_again(self.life.controllers)
        self.wish(suspend=False, mode="Apply", rollout=BRIEF)
        annotate(self.life, retry="at last", abort=None, promote=None, rollback=None, contract=None)
        for _ in range(90):
            self.promises.go_on(1, seconds=21)
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
