"""The archivist beside the embedded database, in memory: what it writes into its log."""

import json
from datetime import timedelta
from typing import Any

from tests.support.data_in_memory import DataLife
from tests.support.installation_in_memory import NAME, NAMESPACE

from valeo_operator.cluster.kinds import PODS
from valeo_operator.installations.names import COMPONENT_LABEL, INSTANCE_LABEL
from valeo_operator.installations.status import stamp


class Archivist:
    """The pod of the database, with what its archivist writes."""

    def __init__(self, life: DataLife) -> None:
        self.life = life
        self.began = life.cluster.now - timedelta(days=3)

    def tells(self, *, lag: int = 20, **more: Any) -> None:
        """A line of now; `lag`: seconds that would be lost."""
        now = self.life.cluster.now
        line = {
            "archivist": 1,
            "at": stamp(now),
            "oldest": stamp(self.began),
            "newest": stamp(now - timedelta(seconds=lag)),
            "last_full": stamp(self.began),
            "backups": 2,
            "bytes": 1000,
            "missing": 0,
            **more,
        }
        labels = {INSTANCE_LABEL: NAME, COMPONENT_LABEL: "database"}
        meta = {"name": f"{NAME}-database-0", "namespace": NAMESPACE, "labels": labels}
        self.life.cluster.put(PODS, {"metadata": meta, "log": f"{json.dumps(line)}\nnot a line of ours\n"})
