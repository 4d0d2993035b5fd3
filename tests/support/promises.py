"""The promises of a rollout, checked at every effect of the operator in a Kubernetes in memory."""

from dataclasses import dataclass, field

from tests.support.cluster_in_memory import Effect, reached
from tests.support.installation_in_memory import NAME, Life

from valeo_operator.cluster.kinds import DEPLOYMENTS, ERPS, JOBS, RELEASES, SERVICES
from valeo_operator.cluster.objects import dig, holds, label, name_of
from valeo_operator.releases.lifecycle import DEADLINES, TRANSITIONS

COLOURS = ("blue", "green")
MOVES = {(before.value, after.value) for (before, _), after in TRANSITIONS.items()}


@dataclass
class Promises:
    """What is remembered of the world, to judge an effect by.

    Attributes:
        turned_from: the colour that the Service selected when the operator looked.
        turned_by_others: somebody else turned the selector.
    """

    life: Life
    ran_before: set[str | None] = field(default_factory=set)
    served: set[str | None] = field(default_factory=set)
    phase: str = ""
    active: str | None = None
    target: str | None = None
    before_phase: str | None = None
    turned_by_others: bool = False
    turned_from: str | None = None

    def __post_init__(self) -> None:
        self.life.cluster.on_effect = self.check

    @property
    def selected(self) -> str | None:
        """The colour that the Service selects."""
        colour = dig(self.life.cluster.find(SERVICES, NAME), "spec", "selector", "valeoerp.io/colour")
        return None if colour is None else str(colour)

    def forget(self) -> None:
        """Somebody took the status away: what it says next follows from nothing that it said before."""
        self.phase, self.active, self.target, self.before_phase = "", None, None, None

    def look(self) -> None:
        """One pass of the operator."""
        self.turned_from = self.selected
        self.life.look()

    def go_on(self, rounds: int, seconds: float = 1) -> None:
        """Passes, controllers and clock take turns."""
        for _ in range(rounds):
            self.look()
            self.life.controllers.work()
            self.life.cluster.pass_time(seconds)

    def check(self, effect: Effect) -> None:
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
