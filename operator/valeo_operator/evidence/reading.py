"""Which reader reads which format. Whatever the bytes are: a summary, or a refusal with its reason."""

from collections.abc import Callable, Mapping
from typing import Final

from valeo_operator.evidence.bandit import read_bandit
from valeo_operator.evidence.cobertura import read_cobertura
from valeo_operator.evidence.grype import read_grype
from valeo_operator.evidence.in_toto import read_in_toto
from valeo_operator.evidence.junit import read_junit
from valeo_operator.evidence.k6 import read_k6
from valeo_operator.evidence.locust import read_locust
from valeo_operator.evidence.pip_audit import read_pip_audit
from valeo_operator.evidence.safety import read_safety
from valeo_operator.evidence.sarif import read_sarif
from valeo_operator.evidence.summary import Format, Summary
from valeo_operator.evidence.trivy import read_trivy
from valeo_operator.evidence.zap import read_zap

_READERS: Final[Mapping[Format, Callable[[bytes], Summary]]] = {
    Format.JUNIT: read_junit,
    Format.COBERTURA: read_cobertura,
    Format.SARIF: read_sarif,
    Format.TRIVY: read_trivy,
    Format.GRYPE: read_grype,
    Format.PIP_AUDIT: read_pip_audit,
    Format.SAFETY: read_safety,
    Format.BANDIT: read_bandit,
    Format.ZAP: read_zap,
    Format.K6: read_k6,
    Format.LOCUST: read_locust,
}


def read_report(format_: Format, content: bytes, keys: Mapping[str, str]) -> Summary:
    """What the report tells. Raises RefusedEvidenceError, and nothing else.

    `keys` are the public keys (PEM by name) that must have signed an in-toto statement; none: it need not be signed.
    """
    if format_ is Format.IN_TOTO:
        return read_in_toto(content, keys)
    return _READERS[format_](content)
