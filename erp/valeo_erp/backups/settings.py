"""What only the backup commands need to know, from `VALEO_BACKUP_*` variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class BackupSettings(BaseSettings):
    """Everything that differs from one installation to the next."""

    model_config = SettingsConfigDict(env_prefix="VALEO_BACKUP_", frozen=True, extra="ignore")

    installation: str = Field("", description="Namespace and name; a backup of another one is not restored")
    keys_dir: Path | None = Field(None, description="Mounted Secret with one key in each file, as 64 hex digits")
    key_id: str | None = Field(None, description="The key that new backups are encrypted with; absent, they are plain")
    s3_endpoint: str | None = Field(None, description="Address of an S3-compatible store")
    s3_region: str = "us-east-1"
    s3_credentials_dir: Path | None = Field(None, description="Mounted Secret with access-key-id and secret-access-key")
    jobs: int = Field(2, ge=1, le=16, description="Tables that are dumped or restored at the same time")
    work_dir: Path = Field(Path("/tmp"), description="Room for one dump")  # noqa: S108 - an emptyDir of the pod
