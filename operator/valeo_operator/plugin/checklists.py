"""The checklist that an installation goes by, as far as it can be known here."""

from valeo_operator.api.golivechecklist import GoLiveChecklistSpec
from valeo_operator.cluster.objects import dig
from valeo_operator.golive.catalogue import checklist_hash, shipped
from valeo_operator.golive.kinds import CHECKLISTS
from valeo_operator.plugin.connection import Connection, PluginError
from valeo_operator.plugin.sight import Sight


def checklist_of(sight: Sight, connection: Connection) -> GoLiveChecklistSpec | None:
    """The named one or the shipped one; None where the gates were made from another one than can be read here."""
    found = _read(dig(sight.erp, "spec", "goLive", "checklist"), connection)
    hashes = {dig(gate, "spec", "checklistHash") for gate in sight.gates}
    return found if found is not None and hashes == {checklist_hash(found)} else None


def _read(name: str | None, connection: Connection) -> GoLiveChecklistSpec | None:
    if not name:
        return shipped()
    stored = connection.get(CHECKLISTS, name)
    if stored is None:
        raise PluginError(f"the checklist {name} is not there")
    return GoLiveChecklistSpec.model_validate(stored["spec"])
