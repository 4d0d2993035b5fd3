"""Why a backup, a restore or a drill did not come about, in words for whoever can do something."""


class BackupError(RuntimeError):
    """Carries a stable code beside what was seen, what was expected, and what to do.

    Attributes:
        code: one word for programs.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BrokenBackupError(BackupError):
    """What is in the store is not what was put there. Such a backup never counts."""

    def __init__(self, message: str) -> None:
        super().__init__("broken", message)
