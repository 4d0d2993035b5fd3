"""ValeoERP: one wanted installation of the ERP in one namespace, and a summary of what was observed of it."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from valeo_operator.api.backup_settings import Backup, BackupsStatus
from valeo_operator.api.conditions import Condition
from valeo_operator.api.golive import Digest, Duration, Environment, KeyName, UserName
from valeo_operator.api.model import Described, Model, ObjectMeta, Refusal, Rule, rules
from valeo_operator.api.monitoring import Monitoring, Tracing
from valeo_operator.api.point_in_time import PointInTime, PointInTimeStatus
from valeo_operator.api.quota import Quota
from valeo_operator.api.rollout import Colour, Phase
from valeo_operator.api.rollout_settings import Acts, Course, Ended, Mode, Rollout
from valeo_operator.api.rotation import Rotation, RotationStatus
from valeo_operator.api.values import (
    ClaimPath,
    DatabaseName,
    Host,
    Image,
    Message,
    Moment,
    NodePort,
    ObjectName,
    Origin,
    Port,
    Quantity,
    SecretKey,
    ServerAddress,
    ShortText,
)

DEFAULT_STORAGE: Final = "1Gi"
_LOOPBACK: Final = "^https?://(127\\\\.[0-9.]+|localhost|\\\\[::1\\\\])(:[0-9]+)?$"


class PullPolicy(Described):
    """When a node asks the registry for the image."""

    ALWAYS = "Always", "At every start of a pod."
    IF_NOT_PRESENT = "IfNotPresent", "When the node does not hold the image."
    NEVER = "Never", "Never; the image must already be on the node."


class Engine(Described):
    """Who runs the database."""

    EMBEDDED = "Embedded", "The operator runs a PostgreSQL of its own with a volume."
    EXTERNAL = "External", "A PostgreSQL that is already there."


class SslMode(Described):
    """How the connection to the database is protected, in PostgreSQL's words."""

    DISABLE = "disable", "In the clear."
    PREFER = "prefer", "Encrypted if the server can."
    REQUIRE = "require", "Encrypted; who the server is, is not checked."
    VERIFY_FULL = "verify-full", "Encrypted, and the server's certificate is checked against caSecret and host name."


class ServiceType(Described):
    """How the Service of the ERP is reached."""

    CLUSTER_IP = "ClusterIP", "From within the cluster, or through an Ingress."
    NODE_PORT = "NodePort", "Also through a port of every node."


class DeletionPolicy(Described):
    """What happens to the data when the resource is deleted."""

    RETAIN = (
        "Retain",
        "Database volume and database Secrets stay and are taken up again by a resource of the same name.",
    )
    DELETE = "Delete", "Database volume and database Secrets go with the resource."


class Amounts(Model):
    """CPU and memory."""

    cpu: Quantity | None = None
    """CPU in cores, as `500m` or `2`."""
    memory: Quantity | None = None
    """Memory in bytes, as `512Mi`."""


class Resources(Model):
    """What a container asks for, and what it may use at most."""

    RULES: ClassVar[tuple[Rule, ...]] = tuple(
        Rule(
            f"requests.{kind} must not be more than limits.{kind}",
            f"!has(self.requests) || !has(self.requests.{kind}) || !has(self.limits) || !has(self.limits.{kind})"
            f" || !isQuantity(string(self.requests.{kind})) || !isQuantity(string(self.limits.{kind}))"
            f" || quantity(string(self.requests.{kind})).compareTo(quantity(string(self.limits.{kind}))) <= 0",
            f".requests.{kind}",
        )
        for kind in ("cpu", "memory")
    )

    requests: Amounts | None = None
    """What the scheduler sets aside."""
    limits: Amounts | None = None
    """What the container may use at most."""


class Autoscaling(Model):
    """How the number of pods follows what they have to do. Needs metrics-server and `resources.requests`."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule("minReplicas must not be more than maxReplicas", "self.minReplicas <= self.maxReplicas", ".minReplicas"),
        Rule(
            "name what is measured: cpuPercent, memoryPercent or both",
            "has(self.cpuPercent) || has(self.memoryPercent)",
            ".cpuPercent",
            Refusal.REQUIRED,
        ),
    )

    min_replicas: Annotated[int, Field(ge=1, le=50)] = 2
    """Never fewer pods of the active colour."""
    max_replicas: Annotated[int, Field(ge=1, le=50)]
    """Never more."""
    cpu_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Processor time that the pods shall use on average, of what they request."""
    memory_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Memory that the pods shall use on average, of what they request."""


class Storage(Model):
    """The volume of the database."""

    size: Quantity = DEFAULT_STORAGE
    """Size of the volume. It may grow where the storage class can, it never shrinks."""
    class_name: ObjectName | None = None
    """Storage class; absent, the cluster's default one. It can't be changed later."""


class EmbeddedDatabase(Model):
    """A PostgreSQL that the operator runs with a volume of its own."""

    image: Image = "valeo-postgres:17"
    """Image of the PostgreSQL server."""
    storage: Storage = Storage()
    """The volume that holds the data."""
    resources: Resources = Resources(
        requests=Amounts(cpu="100m", memory="256Mi"),
        limits=Amounts(memory="1Gi"),
    )
    """CPU and memory of the PostgreSQL container. Given, it replaces the default as a whole."""
    point_in_time: PointInTime | None = None
    """Keep an archive of the database's log, for recovery to points in time; absent, there is none. It needs
    `spec.backup`. Switching it on or off restarts the database."""


class ExternalDatabase(Model):
    """A PostgreSQL that is already there. The operator connects and migrates; it never creates or deletes it."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "sslMode verify-full needs caSecret: the certificate must be checked against something",
            "self.sslMode != 'verify-full' || has(self.caSecret)",
            ".caSecret",
            Refusal.REQUIRED,
        ),
        Rule(
            "caSecret is used by sslMode verify-full only",
            "self.sslMode == 'verify-full' || !has(self.caSecret)",
            ".caSecret",
            Refusal.FORBIDDEN,
        ),
        Rule(
            "the application must not log in as the migrator: name two different Secrets",
            "self.applicationSecret != self.migratorSecret",
            ".applicationSecret",
        ),
    )

    host: ServerAddress
    """DNS name or IP address of the server."""
    port: Port = 5432
    """Port of the server."""
    name: DatabaseName
    """Name of the database."""
    ssl_mode: SslMode = SslMode.REQUIRE
    """Protection of the connection: `disable`, `prefer`, `require` (encrypted), `verify-full` (also checked)."""
    ca_secret: ObjectName | None = None
    """Secret with the certificate authority of the server under the key `ca.crt`, for `sslMode: verify-full`."""
    migrator_secret: ObjectName
    """Secret with `username` and `password` of the login that owns and migrates the schema."""
    application_secret: ObjectName
    """Secret with `username` and `password` of the login that the ERP works with; it must not own the schema."""


def _size(of: str) -> str:
    """The CEL of the wanted size, also where the block is absent; optional chaining would break CEL's cost budget."""
    return f"(has({of}.embedded) ? string({of}.embedded.storage.size) : '{DEFAULT_STORAGE}')"


def _has_class(of: str) -> str:
    return f"(has({of}.embedded) && has({of}.embedded.storage.className))"


class Database(Model):
    """Where the business data lives."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "engine External needs the block external: where the server is and which Secrets hold the logins",
            "self.engine != 'External' || has(self.external)",
            ".external",
            Refusal.REQUIRED,
        ),
        Rule(
            "the block external belongs to engine External",
            "self.engine == 'External' || !has(self.external)",
            ".external",
            Refusal.FORBIDDEN,
        ),
        Rule(
            "the block embedded belongs to engine Embedded",
            "self.engine == 'Embedded' || !has(self.embedded)",
            ".embedded",
            Refusal.FORBIDDEN,
        ),
        Rule(
            "engine can't be changed: no data would move. Make a new ValeoERP and restore a backup into it",
            "self.engine == oldSelf.engine",
            ".engine",
        ),
        Rule(
            "the volume can't shrink",
            f"!isQuantity({_size('self')}) || quantity({_size('self')}).compareTo(quantity({_size('oldSelf')})) >= 0",
            ".embedded.storage.size",
        ),
        Rule(
            "the storage class of a volume can't be changed",
            f"{_has_class('self')} == {_has_class('oldSelf')} && (!{_has_class('self')}"
            " || self.embedded.storage.className == oldSelf.embedded.storage.className)",
            ".embedded.storage.className",
        ),
    )

    engine: Engine = Engine.EMBEDDED
    """Who runs the database: the operator (`Embedded`), or somebody else (`External`). It can't be changed later."""
    embedded: EmbeddedDatabase | None = None
    """The operator's own PostgreSQL, with `engine: Embedded`. Absent, every default holds."""
    external: ExternalDatabase | None = None
    """The connection to a PostgreSQL that is already there, with `engine: External`."""


class ClientSecret(Model):
    """Where the secret of the ERP's OIDC client stands."""

    name: ObjectName
    """Name of the Secret."""
    key: SecretKey = "client-secret"
    """Entry of the Secret that holds the client's secret."""


class DevelopmentProvider(Model):
    """An identity provider with demo users and no passwords, for development. Never for real business."""

    public_url: Origin = Field(default="http://127.0.0.1:8081", alias="publicURL")
    """Where the user's browser reaches the development provider; it is the issuer of its tokens."""
    node_port: NodePort | None = None
    """Port that every node opens for the development provider; absent, it is reached from within the cluster only."""


class Auth(Model):
    """Who may sign in: an OpenID Connect issuer, or the development provider."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "name exactly one of issuer and developmentProvider",
            "has(self.issuer) != has(self.developmentProvider)",
            ".issuer",
            Refusal.REQUIRED,
        ),
        Rule(
            "internalURL belongs to issuer: the operator knows where its development provider is",
            "!has(self.internalURL) || has(self.issuer)",
            ".internalURL",
            Refusal.FORBIDDEN,
        ),
        Rule(
            "clientSecret belongs to issuer: the development provider takes every client",
            "!has(self.clientSecret) || has(self.issuer)",
            ".clientSecret",
            Refusal.FORBIDDEN,
        ),
    )

    issuer: (
        Annotated[
            str,
            Field(
                max_length=512,
                json_schema_extra=rules(
                    Rule(
                        "the issuer must be an https address without query or fragment, as its tokens name it",
                        "isURL(self) && self.matches('^https://[^/?#@\\\\s]+(/[^?#\\\\s]*)?$')",
                    )
                ),
            ),
        ]
        | None
    ) = None
    """OpenID Connect issuer, exactly as in the `iss` claim of its tokens. https only."""
    audience: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^\S+$")] = "valeo-erp"
    """Client id of the ERP at the issuer; tokens must carry it in their `aud` claim."""
    internal_url: Origin | None = None
    """Where the ERP's pods reach the issuer when they can't reach its public address."""
    client_secret: ClientSecret | None = None
    """Secret of the ERP's client at the issuer; absent, the ERP is a public client with PKCE."""
    roles_claim: ClaimPath = "roles"
    """Claim that lists the user's roles; dots lead into nested claims, as `realm_access.roles`."""
    tenant_claim: ClaimPath = "tenant"
    """Claim that names the user's tenant; dots lead into nested claims."""
    development_provider: DevelopmentProvider | None = None
    """Run an identity provider with demo users and no passwords beside the ERP. For development only."""


class Service(Model):
    """How the active release is reached inside the cluster and through the nodes."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "nodePort belongs to type NodePort",
            "!has(self.nodePort) || self.type == 'NodePort'",
            ".nodePort",
            Refusal.FORBIDDEN,
        ),
    )

    type: ServiceType = ServiceType.CLUSTER_IP
    """`ClusterIP`: from within the cluster or through an Ingress. `NodePort`: also through a port of every node."""
    node_port: NodePort | None = None
    """The port that every node opens, with `type: NodePort`; absent, the cluster chooses one."""


class Tls(Model):
    """Where the certificate of the host comes from."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "name exactly one of secretName and certManagerIssuer",
            "has(self.secretName) != has(self.certManagerIssuer)",
            ".secretName",
            Refusal.REQUIRED,
        ),
    )

    secret_name: ObjectName | None = None
    """Secret of type kubernetes.io/tls with certificate and key of the host."""
    cert_manager_issuer: ObjectName | None = None
    """ClusterIssuer that cert-manager asks for the certificate."""


class Ingress(Model):
    """How users reach the ERP from outside by name."""

    host: Host
    """DNS name that users type, as `erp.example.com`."""
    class_name: ObjectName | None = None
    """Ingress class; absent, the cluster's default one."""
    tls: Tls | None = None
    """Certificate of the host; absent, the address is http."""


class RequiredElsewhere(Model):
    """That the same image was ready to go live in another installation first, shown by its signed results."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule("only results of staging can be asked for", "self.environment == 'staging'", ".environment"),
    )

    environment: Environment = Environment.STAGING
    """Environment of the other installation; it can only be `staging`."""
    signed_by: Annotated[tuple[KeyName, ...], Field(min_length=1, max_length=10)]
    """Keys that may have signed the results: names in `evidence.publicKeys` of the operator's chart."""
    maximum_age: Duration = "7d"
    """How long results hold after they were written down."""


class GoLive(Model):
    """The gates of the go-live checklist, which the operator evaluates every minute."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "an installation for staging can't require that an image passed in staging",
            "!has(self.requires) || self.environment != self.requires.environment",
            ".requires",
        ),
    )

    environment: Environment = Environment.PRODUCTION
    """What the installation is for. Lines about staging are shown by a `staging` installation."""
    requires: RequiredElsewhere | None = None
    """Ask for the results of a staging installation: one more gate, `passed-in-staging`, and the lines about staging
    are shown by those results. Absent, those lines are Unknown."""
    checklist: ObjectName | None = None
    """GoLiveChecklist in the same namespace; absent, the one that is built into the operator holds."""
    requested_by: UserName
    """User who asks for this release, as the API server names him; whoever changes the spec writes himself in here.
    A policy refuses another name. He can't be the only approver, and can't waive."""
    enforce: bool = False
    """Let no release go on before its gates allow it, nor go live before somebody promotes it. False: gates are shown
    and stand in nobody's way."""


class ValeoERPSpec(Model):
    """The wanted installation."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "publicURL is needed where no ingress.host tells it: sign-in must lead users back to somewhere",
            "has(self.publicURL) || has(self.ingress)",
            ".publicURL",
            Refusal.REQUIRED,
        ),
        Rule(
            "publicURL must name the host of the ingress",
            "!has(self.publicURL) || !has(self.ingress) || !isURL(self.publicURL)"
            " || url(self.publicURL).getHostname() == self.ingress.host",
            ".publicURL",
        ),
        Rule(
            "http is for development: with an issuer, publicURL must be https or a loopback address",
            "!has(self.publicURL) || !has(self.auth.issuer) || self.publicURL.startsWith('https://')"
            f" || self.publicURL.matches('{_LOOPBACK}')",
            ".publicURL",
        ),
        Rule(
            "with an issuer, an ingress needs tls: session cookies must not travel in the clear",
            "!has(self.auth.issuer) || !has(self.ingress) || has(self.ingress.tls)",
            ".ingress.tls",
            Refusal.REQUIRED,
        ),
        *(
            Rule(
                f"autoscaling.{kind}Percent needs resources.requests.{kind}: it is a part of what is requested",
                f"!has(self.autoscaling) || !has(self.autoscaling.{kind}Percent)"
                f" || (has(self.resources.requests) && has(self.resources.requests.{kind}))",
                f".autoscaling.{kind}Percent",
            )
            for kind in ("cpu", "memory")
        ),
        Rule(
            "database.embedded.pointInTime needs spec.backup: recovered points are restored by its rules",
            "has(self.backup) || !has(self.database.embedded) || !has(self.database.embedded.pointInTime)",
            ".backup",
            Refusal.REQUIRED,
        ),
        Rule(
            "rollout.numbersFrom Prometheus needs monitoring.prometheusURL: somebody must say where it is",
            "self.rollout.numbersFrom != 'Prometheus' || has(self.monitoring.prometheusURL)",
            ".monitoring.prometheusURL",
            Refusal.REQUIRED,
        ),
        Rule(
            "service.nodePort and auth.developmentProvider.nodePort must differ: a node opens a port once",
            "!has(self.service.nodePort) || !has(self.auth.developmentProvider)"
            " || !has(self.auth.developmentProvider.nodePort)"
            " || self.service.nodePort != self.auth.developmentProvider.nodePort",
            ".service.nodePort",
        ),
        Rule(
            "auth.developmentProvider.publicURL must differ from publicURL: two programs can't answer at one address",
            "!has(self.publicURL) || !has(self.auth.developmentProvider)"
            " || self.publicURL != self.auth.developmentProvider.publicURL",
            ".auth.developmentProvider.publicURL",
        ),
    )

    image: Image
    """Image of the ERP with tag or digest. A change makes a new release, which is staged in the other colour."""
    image_pull_policy: PullPolicy = PullPolicy.IF_NOT_PRESENT
    """When nodes ask the registry for the images of this installation: `Always`, `IfNotPresent`, or `Never`."""
    replicas: Annotated[int, Field(ge=1, le=20)] = 2
    """How many pods of the active colour run; with `autoscaling`, how many the first release begins with."""
    autoscaling: Autoscaling | None = None
    """Let the number of pods follow their load; absent, it stays at `replicas`."""
    suspend: bool = False
    """Hold forward movement: no new release, migration or switch begins. What runs is kept running; abort and rollback
    are never held."""
    mode: Mode = Mode.APPLY
    """Bring the installation to this spec (`Apply`), or only tell what would be done (`Plan`)."""
    rollout: Rollout = Rollout()
    """How a release is brought to active, watched, and brought back."""
    resources: Resources = Resources(
        requests=Amounts(cpu="100m", memory="256Mi"),
        limits=Amounts(memory="1Gi"),
    )
    """CPU and memory of the ERP container. Given, it replaces the default as a whole."""
    database: Database = Database()
    """Where the business data lives."""
    auth: Auth
    """Who may sign in."""
    public_url: Origin | None = None
    """Where users reach the ERP (scheme, host, port). Absent, it is made from `ingress.host`."""
    service: Service = Service()
    """How the active release is reached inside the cluster and through the nodes."""
    ingress: Ingress | None = None
    """How users reach the ERP from outside by name; absent, there is no Ingress."""
    backup: Backup | None = None
    """Make backups and prove them by restores; absent, there are none."""
    rotation: Rotation | None = None
    """Replace credentials when they get old; absent, they are replaced when somebody asks."""
    go_live: GoLive | None = None
    """Evaluate the gates of the go-live checklist; absent, there are none."""
    quota: Quota | None = None
    """Limit what the namespace may use; absent, there is no ResourceQuota and no LimitRange of ours."""
    monitoring: Monitoring = Monitoring()
    """How the installation is watched."""
    tracing: Tracing | None = None
    """Send traces of requests; absent, none are made."""
    deletion_policy: DeletionPolicy = DeletionPolicy.RETAIN
    """Whether the data stays (`Retain`) or goes (`Delete`) when this resource is deleted."""

    @property
    def embedded_database(self) -> EmbeddedDatabase | None:
        """The operator's own PostgreSQL with every default filled in; None where the database is somebody else's."""
        if self.database.engine is Engine.EXTERNAL:
            return None
        return self.database.embedded or EmbeddedDatabase()

    @property
    def public_address(self) -> str:
        """Where users reach the ERP: scheme, host and port."""
        if self.public_url:
            return self.public_url
        if self.ingress is None:
            raise ValueError("spec.publicURL is absent and there is no spec.ingress.host")
        return f"{'https' if self.ingress.tls else 'http'}://{self.ingress.host}"


class Kept(Model):
    """Something that stayed when the resource was deleted."""

    kind: ShortText
    """Kind of the object, as `PersistentVolumeClaim`."""
    name: ShortText
    """Name of the object."""
    why: Message
    """Why it was kept, and how to remove it."""


class Trail(Model):
    """The end of the trail of the go-live gates, to compare an export with."""

    entries: Annotated[int, Field(ge=0)] = 0
    """How many entries it has."""
    head: Digest | None = None
    """Hash of the last entry, which holds that of the one before."""


class GoLiveTotals(Model):
    """How many gates have each result."""

    passed: Annotated[int, Field(ge=0, alias="pass")] = 0
    """Gates that pass."""
    fail: Annotated[int, Field(ge=0)] = 0
    """Gates that don't hold."""
    unknown: Annotated[int, Field(ge=0)] = 0
    """Gates of which nothing is known."""
    stale: Annotated[int, Field(ge=0)] = 0
    """Gates that held, too long ago."""
    pending: Annotated[int, Field(ge=0)] = 0
    """Gates that wait for a person or for evidence."""
    waived: Annotated[int, Field(ge=0)] = 0
    """Gates that somebody took the responsibility for."""
    not_applicable: Annotated[int, Field(ge=0)] = 0
    """Gates that don't concern this environment."""


class GoLiveStatus(Model):
    """How the go-live gates stand."""

    gates: ShortText | None = None
    """Gates that pass, of all: `12/143`."""
    totals: GoLiveTotals = GoLiveTotals()
    """Every result with its number."""
    checklist_hash: Digest | None = None
    """Checklist that holds; approvals and waivers name it."""
    release: ShortText | None = None
    """ValeoRelease that is judged."""
    digest: Digest | None = None
    """Digest of its image; approvals and waivers name it."""
    author: ShortText | None = None
    """Who asked for the release, as it was when it was first seen."""
    open: Annotated[tuple[Message, ...], Field(max_length=10)] = ()
    """The first gates that stand in the way, blockers first: what was seen, and the next step."""
    may_deploy: bool | None = None
    """Whether every gate that is due before a deployment passes or is waived, or the glass is broken."""
    before_deployment: Annotated[tuple[Message, ...], Field(max_length=10)] = ()
    """The first gates that are due before a deployment and stand in its way."""
    emergency: Message | None = None
    """Who broke the glass, why, and until when."""
    trail: Trail = Trail()
    """The end of the trail."""


class ValeoERPStatus(Model):
    """What the operator observed. It writes this; nobody else does."""

    observed_generation: Annotated[int, Field(ge=0)] = 0
    """Generation of the spec that this status speaks of."""
    version: ShortText | None = None
    """Version that the active release reports of itself."""
    phase: Phase | None = None
    """How far the release that the spec asks for has come."""
    phase_since: Moment | None = None
    """When this phase began."""
    deadline: Moment | None = None
    """When this phase must have ended; absent in a final phase."""
    active_colour: Colour | None = None
    """Colour that the Service selects."""
    active_release: ShortText | None = None
    """ValeoRelease that is active."""
    target_release: ShortText | None = None
    """ValeoRelease that the spec asks for; while a rollback goes on, and after it, the one that was gone back from."""
    previous_release: ShortText | None = None
    """ValeoRelease that was active before; a rollback leads to it."""
    acts: Acts = Acts()
    """Acts of persons that were taken up."""
    course: Course = Course()
    """What was observed of the rollout that goes on."""
    ended: Ended | None = None
    """Why the rollout ended without success; absent otherwise."""
    given_up: Annotated[tuple[ShortText, ...], Field(max_length=16)] = ()
    """Requests whose rollout ended without success; none of them is begun again by itself."""
    planned: Annotated[tuple[Message, ...], Field(max_length=16)] = ()
    """What would be done, with `mode: Plan`."""
    schema_revision: ShortText | None = None
    """Schema revision read back from the database."""
    ready_replicas: Annotated[int, Field(ge=0)] = 0
    """Ready pods of the active colour."""
    desired_replicas: Annotated[int, Field(ge=0)] = 0
    """Wanted pods of the active colour."""
    backup: ShortText | None = None
    """When the last good backup was made; `never` when there is none."""
    backups: BackupsStatus | None = None
    """How backups and drills stand."""
    point_in_time: PointInTimeStatus | None = None
    """How far the archive of the embedded database reaches; absent where none is asked for."""
    rotation: RotationStatus | None = None
    """How old each credential is, and how its replacement stands."""
    url: ShortText | None = None
    """Where users reach the ERP."""
    message: Message | None = None
    """What the operator is doing or waiting for, in a sentence."""
    go_live: GoLiveStatus | None = None
    """How the go-live gates stand."""
    kept: Annotated[tuple[Kept, ...], Field(max_length=32)] = ()
    """What stays behind when the resource is deleted."""
    conditions: Annotated[
        tuple[Condition, ...],
        Field(
            max_length=32,
            json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
        ),
    ] = ()
    """Observed facts, one per type."""


class ValeoERP(Model):
    """One installation of the ERP: the operator runs the ERP, its database, its credentials and its releases."""

    RULES: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "metadata.name must have at most 40 characters: names of Services and Jobs are made from it",
            "self.metadata.name.size() <= 40",
            ".metadata.name",
        ),
        Rule(
            "metadata.name must start with a letter and hold only small letters, digits and -: a Service is named so",
            "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
            ".metadata.name",
        ),
    )

    api_version: Literal["valeoerp.io/v1alpha1"] = "valeoerp.io/v1alpha1"
    """Group and version of the resource."""
    kind: Literal["ValeoERP"] = "ValeoERP"
    """Kind of the resource."""
    metadata: ObjectMeta
    """Name, namespace and bookkeeping of the API server."""
    spec: ValeoERPSpec
    """The wanted installation."""
    status: ValeoERPStatus = ValeoERPStatus()
    """What the operator observed."""
