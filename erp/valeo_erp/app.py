"""The web application: which routers there are, and what wraps every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from valeo_erp import __version__
from valeo_erp.apikeys.routes import router as apikeys_router
from valeo_erp.attachments.routes import router as attachments_router
from valeo_erp.audit.routes import router as audit_router
from valeo_erp.branding.routes import router as branding_router
from valeo_erp.comments.routes import router as comments_router
from valeo_erp.composition import services
from valeo_erp.documents.routes import router as documents_router
from valeo_erp.einvoicing.inbox import router as einvoice_inbox_router
from valeo_erp.einvoicing.routes import router as einvoicing_router
from valeo_erp.events.announced import EventCursorMiddleware
from valeo_erp.events.routes import router as events_router
from valeo_erp.exporting.routes import router as exporting_router
from valeo_erp.gdpr.routes import router as gdpr_router
from valeo_erp.handbook.routes import handbook
from valeo_erp.identity.access import Authenticator, open_to_all
from valeo_erp.identity.routes import router as identity_router
from valeo_erp.items.routes import router as items_router
from valeo_erp.jobs.routes import downloads as job_downloads
from valeo_erp.jobs.routes import reads as job_reads
from valeo_erp.jobs.routes import writes as job_writes
from valeo_erp.journal.routes import router as journal_router
from valeo_erp.kernel import answers
from valeo_erp.kernel.clock import Clock, system_clock
from valeo_erp.kernel.correlation import CorrelationMiddleware
from valeo_erp.kernel.limits import BodyLimitMiddleware, DeadlineMiddleware
from valeo_erp.kernel.settings import Settings
from valeo_erp.kernel.straight import StraightMiddleware
from valeo_erp.numbering.routes import router as numbering_router
from valeo_erp.operations import openapi
from valeo_erp.operations.docs import router as docs_router
from valeo_erp.operations.readiness import ANSWER_SECONDS
from valeo_erp.operations.requests import RequestMiddleware
from valeo_erp.operations.routes import router as operations_router
from valeo_erp.pages.branding import router as branding_pages_router
from valeo_erp.pages.documents import router as document_pages_router
from valeo_erp.pages.e_invoice import reads as e_invoice_reads
from valeo_erp.pages.e_invoice import writes as e_invoice_writes
from valeo_erp.pages.files import reads as file_reads
from valeo_erp.pages.files import writes as file_writes
from valeo_erp.pages.golive import router as golive_page_router
from valeo_erp.pages.numbering import router as numbering_pages_router
from valeo_erp.pages.periods import router as period_pages_router
from valeo_erp.pages.policies import router as policy_pages_router
from valeo_erp.pages.problem_pages import ProblemPagesMiddleware
from valeo_erp.pages.routes import router as pages_router
from valeo_erp.pages.routes import static_files
from valeo_erp.pages.security_headers import SecurityHeadersMiddleware
from valeo_erp.pages.tax_codes import router as tax_code_pages_router
from valeo_erp.pages.users import router as user_pages_router
from valeo_erp.parties.routes import router as parties_router
from valeo_erp.payments.routes import router as payments_router
from valeo_erp.periods.routes import router as periods_router
from valeo_erp.policies.routes import router as policies_router
from valeo_erp.prices.routes import router as prices_router
from valeo_erp.printing.routes import router as printing_router
from valeo_erp.ratelimits.headers import RateLimitHeadersMiddleware
from valeo_erp.taxes.routes import router as taxes_router
from valeo_erp.users.routes import router as users_router
from valeo_erp.verification.routes import router as verification_router

API = "/api/v1"
API_ROUTERS = (
    documents_router,  # first: routes are tried in this order, these are the busy ones
    comments_router,
    attachments_router,
    identity_router,
    events_router,
    parties_router,
    items_router,
    prices_router,
    taxes_router,
    numbering_router,
    journal_router,
    payments_router,
    periods_router,
    printing_router,
    einvoicing_router,
    einvoice_inbox_router,
    exporting_router,
    audit_router,
    job_reads,
    job_writes,
    apikeys_router,
    users_router,
    gdpr_router,
    policies_router,
    branding_router,
)
GOVERNANCE_PAGES = (
    numbering_pages_router,
    period_pages_router,
    tax_code_pages_router,
    policy_pages_router,
    user_pages_router,
)
FORM_AROUND_A_FILE_BYTES = 10_000


def create_app(settings: Settings, authenticator: Authenticator | None = None, clock: Clock = system_clock) -> FastAPI:
    """The application of one process.

    Args:
        settings: read once by the caller.
        authenticator: turns a request's credentials into a principal; the OpenID Connect provider's tokens by default.
        clock: the source of every instant.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with services(settings, authenticator, clock) as made:
            app.state.services = made
            yield

    app = FastAPI(
        title="ValeoERP",
        version=__version__,
        summary="Documents of an agricultural trader: from draft to posted, printed, exported and seen live.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    answers.install(app)
    for router in API_ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(operations_router)
    app.include_router(docs_router, dependencies=[open_to_all()])
    app.include_router(handbook(settings.handbook_dir), dependencies=[open_to_all()])
    app.include_router(job_downloads)
    app.include_router(verification_router, dependencies=[open_to_all()])
    app.include_router(pages_router, dependencies=[open_to_all()])
    app.include_router(file_reads)
    app.include_router(file_writes)
    app.include_router(e_invoice_reads)  # before the documents, whose ids stand at the same place
    app.include_router(e_invoice_writes)
    app.include_router(branding_pages_router)
    app.include_router(golive_page_router)
    app.include_router(document_pages_router)
    for pages in GOVERNANCE_PAGES:
        app.include_router(pages)
    app.mount("/static", static_files)
    openapi.publish(app)
    long_reads = (f"{API}/exports/", f"{API}/journal/verify", f"{API}/audit/")
    longer = {
        **dict.fromkeys(long_reads, settings.long_request_timeout_seconds),
        "/readyz": ANSWER_SECONDS + 0.4,  # it says by itself what did not answer
    }
    most = settings.attachment_limit_bytes + FORM_AROUND_A_FILE_BYTES
    files = {"/attachments": most, "/supplier-invoices/e-invoice": most}
    app.add_middleware(answers.FaultMiddleware)
    app.add_middleware(DeadlineMiddleware, seconds=settings.request_timeout_seconds, longer=longer)
    app.add_middleware(BodyLimitMiddleware, limit_bytes=settings.body_limit_bytes, larger=files)
    app.add_middleware(ProblemPagesMiddleware)
    app.add_middleware(SecurityHeadersMiddleware, by_https=settings.secure_cookies)
    app.add_middleware(RateLimitHeadersMiddleware)
    app.add_middleware(EventCursorMiddleware)
    app.add_middleware(RequestMiddleware)
    app.add_middleware(CorrelationMiddleware)
    app.add_middleware(StraightMiddleware)
    return app
