"""Who we are at the API server: the pod's service account, else the kubeconfig of a developer.

Kopf would look for every Kubernetes client library that is installed, and import it, to borrow its login. Naming the
login here keeps 20 MB out of the process (see docs/decisions).
"""

import kopf


class LoginError(Exception):
    """There is neither a service account nor a kubeconfig."""


def log_in(settings: kopf.OperatorSettings) -> kopf.ConnectionInfo:
    """The address of the API server and the credentials for it, read anew at every call."""
    found = kopf.login_with_service_account(settings=settings) or kopf.login_with_kubeconfig(settings=settings)
    if found is None:
        raise LoginError("neither the service account of a pod nor a kubeconfig is there; set KUBECONFIG")
    return found
