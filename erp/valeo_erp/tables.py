"""Imports every noun's tables, so that the metadata is whole. Alembic and tests start here."""

from valeo_erp.apikeys import models as _apikeys
from valeo_erp.attachments import models as _attachments
from valeo_erp.audit import models as _audit
from valeo_erp.branding import models as _branding
from valeo_erp.comments import models as _comments
from valeo_erp.documents import models as _documents
from valeo_erp.events import models as _events
from valeo_erp.gdpr import models as _gdpr
from valeo_erp.idempotency import models as _idempotency
from valeo_erp.identity import models as _identity
from valeo_erp.items import models as _items
from valeo_erp.jobs import models as _jobs
from valeo_erp.journal import models as _journal
from valeo_erp.kernel.database import metadata
from valeo_erp.numbering import models as _numbering
from valeo_erp.parties import models as _parties
from valeo_erp.payments import models as _payments
from valeo_erp.periods import models as _periods
from valeo_erp.policies import models as _policies
from valeo_erp.prices import models as _prices
from valeo_erp.printing import models as _printing
from valeo_erp.ratelimits import models as _ratelimits
from valeo_erp.taxes import models as _taxes
from valeo_erp.tenants import models as _tenants
from valeo_erp.users import models as _users

__all__ = ["metadata"]
_ = (
    _apikeys,
    _attachments,
    _audit,
    _branding,
    _comments,
    _documents,
    _events,
    _gdpr,
    _idempotency,
    _identity,
    _items,
    _jobs,
    _journal,
    _numbering,
    _parties,
    _payments,
    _periods,
    _policies,
    _prices,
    _printing,
    _ratelimits,
    _taxes,
    _tenants,
    _users,
)
