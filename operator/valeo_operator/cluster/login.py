"""Who we are at the API server: the pod's service account, else the kubeconfig of a developer.

Named here, so that Kopf does not borrow the login of whatever client library is installed.
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
