"""Go-live gates: the catalogue, the checks, the decision about every gate, persons' approvals, and the trail."""
