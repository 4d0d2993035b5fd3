"""The register of parties."""

from valeo_erp.kernel.register import Register
from valeo_erp.parties.models import party

PARTIES = Register("party", party, ("number", "name", "city"))
