"""How much history is kept: the newest releases, and always those that somebody may still need. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from valeo_operator.api.valeorelease import ValeoRelease
from valeo_operator.cluster.kinds import CONFIG_MAPS, RELEASES
from valeo_operator.cluster.objects import name_of, uid_of
from valeo_operator.installations.decisions import Delete
from valeo_operator.installations.facts import Facts

_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


def prune(facts: Facts, wanted_config: str) -> tuple[Delete, ...]:
    """Releases beyond `keepReleases`, the oldest first, and configurations that no kept release runs with."""
    surplus = tuple(_surplus(facts))
    kept = [each for name, each in facts.releases.items() if name not in surplus]
    used = {facts.names.config(config) for config in (wanted_config, *(each.spec.config_hash for each in kept))}
    return (*_deleted_releases(surplus, facts), *_deleted_configs(used, facts))


def _surplus(facts: Facts) -> Iterable[str]:
    status = facts.erp.status
    needed = {status.active_release, status.target_release, status.previous_release}
    newest_first = sorted(facts.releases.values(), key=_born, reverse=True)
    for place, each in enumerate(newest_first):
        if place >= facts.erp.spec.rollout.keep_releases and each.metadata.name not in needed:
            yield each.metadata.name


def _born(release: ValeoRelease) -> tuple[datetime, str]:
    return release.metadata.creation_timestamp or _BEFORE_ALL, release.metadata.name


def _deleted_releases(surplus: Iterable[str], facts: Facts) -> Iterable[Delete]:
    why = f"more than spec.rollout.keepReleases {facts.erp.spec.rollout.keep_releases} are recorded"
    for name in surplus:
        uid = facts.releases[name].metadata.uid
        yield Delete(RELEASES, facts.names.namespace, name, uid, why)


def _deleted_configs(used: set[str], facts: Facts) -> Iterable[Delete]:
    for each in facts.all(CONFIG_MAPS):
        if name_of(each).startswith(facts.names.config("")) and name_of(each) not in used:
            yield Delete(CONFIG_MAPS, facts.names.namespace, name_of(each), uid_of(each), "no kept release uses it")
