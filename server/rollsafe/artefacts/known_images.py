"""What is known about widely used images: what they are, where they listen, how to ask them.

A health check is listed only where its program is part of the image and it succeeds with the settings
the image ships with, passwords or none; otherwise the entry has none. Checks go to 127.0.0.1 rather than
through a socket where the image runs a private server while it initialises, which would answer too early.
"""

from enum import StrEnum
from typing import Final

from rollsafe.artefacts.images import ImageReference
from rollsafe.text.records import record, replace


class Layer(StrEnum):
    """What an image does for the others."""

    DATABASE = "database"
    CACHE = "cache"
    QUEUE = "queue"
    SEARCH = "search"
    STORAGE = "storage"
    PROXY = "proxy"
    COORDINATION = "coordination"
    IDENTITY = "identity"
    TELEMETRY = "telemetry"


@record
class KnownImage:
    """An image of this `title`.

    `health_test` is a Compose `test` list, `$` doubled as Compose wants it; empty when no check is sure
    to be right. `data` is the directory whose loss loses data; a volume may be mounted below it.
    """

    title: str
    layer: Layer
    port: int | None
    health_test: tuple[str, ...] = ()
    data: str | None = None

    @property
    def keeps_data(self) -> bool:
        """Whether there is something to lose when the container is replaced."""
        return self.data is not None


def _shell(command: str) -> tuple[str, ...]:
    return ("CMD-SHELL", command)


def _command(command: str) -> tuple[str, ...]:
    return ("CMD", *command.split(" "))


_POSTGRES: Final = KnownImage(
    "PostgreSQL",
    Layer.DATABASE,
    5432,
    _shell(
        "pg_isready -h 127.0.0.1 -U $${POSTGRES_USER:-postgres}"
        " -d $${POSTGRES_DB:-$${POSTGRES_USER:-postgres}}"
    ),
    "/var/lib/postgresql",
)
_BITNAMI_POSTGRES: Final = replace(
    _POSTGRES, health_test=_command("pg_isready -h 127.0.0.1 -U postgres"), data="/bitnami/postgresql"
)
_MYSQL: Final = KnownImage(
    "MySQL",
    Layer.DATABASE,
    3306,
    _command("mysqladmin ping -h 127.0.0.1 --silent"),
    "/var/lib/mysql",
)
_MARIADB: Final = KnownImage(
    "MariaDB",
    Layer.DATABASE,
    3306,
    _command("healthcheck.sh --connect --innodb_initialized"),
    "/var/lib/mysql",
)
_MONGO: Final = KnownImage(
    "MongoDB",
    Layer.DATABASE,
    27017,
    ("CMD", "mongosh", "--quiet", "--eval", "quit(db.adminCommand({ ping: 1 }).ok ? 0 : 2)"),
    "/data/db",
)
_OLD_MONGO: Final = replace(_MONGO, health_test=("CMD", "mongo", *_MONGO.health_test[2:]))
_REDIS: Final = KnownImage("Redis", Layer.CACHE, 6379, _command("redis-cli ping"), "/data")
_VALKEY: Final = KnownImage("Valkey", Layer.CACHE, 6379, _command("valkey-cli ping"), "/data")
_MEMCACHED: Final = KnownImage("Memcached", Layer.CACHE, 11211)
_RABBITMQ: Final = KnownImage(
    "RabbitMQ",
    Layer.QUEUE,
    5672,
    _command("rabbitmq-diagnostics -q check_port_connectivity"),
    "/var/lib/rabbitmq",
)
_KAFKA: Final = KnownImage("Kafka", Layer.QUEUE, 9092)
_APACHE_KAFKA: Final = replace(
    _KAFKA,
    health_test=_shell(
        "/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server localhost:9092 > /dev/null"
    ),
    data="/var/lib/kafka/data",
)
_BITNAMI_KAFKA: Final = replace(
    _KAFKA,
    health_test=_shell("kafka-broker-api-versions.sh --bootstrap-server localhost:9092 > /dev/null"),
    data="/bitnami/kafka",
)
_CONFLUENT_KAFKA: Final = replace(_KAFKA, data="/var/lib/kafka/data")
_REDPANDA: Final = KnownImage(
    "Redpanda",
    Layer.QUEUE,
    9092,
    _shell("rpk cluster health | grep -E 'Healthy:.+true'"),
    "/var/lib/redpanda/data",
)
_NATS: Final = KnownImage("NATS", Layer.QUEUE, 4222)
# Whether the server speaks TLS depends on its settings; an answer of any status means that it is up.
_SEARCH_TEST: Final = _shell(
    "curl -sk -o /dev/null https://127.0.0.1:9200 || curl -s -o /dev/null http://127.0.0.1:9200"
)
_ELASTICSEARCH: Final = KnownImage(
    "Elasticsearch", Layer.SEARCH, 9200, _SEARCH_TEST, "/usr/share/elasticsearch/data"
)
_OPENSEARCH: Final = KnownImage("OpenSearch", Layer.SEARCH, 9200, _SEARCH_TEST, "/usr/share/opensearch/data")
_MEILISEARCH: Final = KnownImage(
    "Meilisearch",
    Layer.SEARCH,
    7700,
    _command("curl -fsS -o /dev/null http://127.0.0.1:7700/health"),
    "/meili_data",
)
_MINIO: Final = KnownImage("MinIO", Layer.STORAGE, 9000, _command("mc ready local"), "/data")
_CLICKHOUSE: Final = KnownImage(
    "ClickHouse",
    Layer.DATABASE,
    8123,
    _command("wget -q --spider http://127.0.0.1:8123/ping"),
    "/var/lib/clickhouse",
)
_CASSANDRA: Final = KnownImage(
    "Cassandra", Layer.DATABASE, 9042, _shell("cqlsh -e 'describe cluster'"), "/var/lib/cassandra"
)
_COUCHDB: Final = KnownImage(
    "CouchDB",
    Layer.DATABASE,
    5984,
    _command("curl -fsS -o /dev/null http://127.0.0.1:5984/_up"),
    "/opt/couchdb/data",
)
_INFLUXDB: Final = KnownImage("InfluxDB", Layer.DATABASE, 8086, _command("influx ping"), "/var/lib/influxdb2")
_OLD_INFLUXDB: Final = replace(
    _INFLUXDB,
    health_test=("CMD", "influx", "-execute", "SHOW DATABASES"),
    data="/var/lib/influxdb",
)
_NEO4J: Final = KnownImage(
    "Neo4j", Layer.DATABASE, 7687, _command("wget -q --spider http://127.0.0.1:7474"), "/data"
)
_SQL_SERVER: Final = KnownImage("SQL Server", Layer.DATABASE, 1433, data="/var/opt/mssql")
_COCKROACH: Final = KnownImage(
    "CockroachDB",
    Layer.DATABASE,
    26257,
    data="/cockroach/cockroach-data",
)
_ETCD: Final = KnownImage("etcd", Layer.COORDINATION, 2379, _command("etcdctl endpoint health"), "/etcd-data")
_ZOOKEEPER: Final = KnownImage("ZooKeeper", Layer.COORDINATION, 2181, data="/data")
_CONSUL: Final = KnownImage("Consul", Layer.COORDINATION, 8500, _command("consul members"), "/consul/data")
_VAULT: Final = KnownImage("Vault", Layer.IDENTITY, 8200, data="/vault/file")
_KEYCLOAK: Final = KnownImage("Keycloak", Layer.IDENTITY, 8080)
_NGINX: Final = KnownImage("nginx", Layer.PROXY, 80)
_TRAEFIK: Final = KnownImage("Traefik", Layer.PROXY, 80)
_CADDY: Final = KnownImage("Caddy", Layer.PROXY, 80, data="/data")
_HAPROXY: Final = KnownImage("HAProxy", Layer.PROXY, None)
_ENVOY: Final = KnownImage("Envoy", Layer.PROXY, None)
_PGBOUNCER: Final = KnownImage("PgBouncer", Layer.PROXY, 6432)
_PROMETHEUS: Final = KnownImage(
    "Prometheus",
    Layer.TELEMETRY,
    9090,
    _command("wget -q --spider http://127.0.0.1:9090/-/ready"),
    "/prometheus",
)
_GRAFANA: Final = KnownImage("Grafana", Layer.TELEMETRY, 3000, data="/var/lib/grafana")

_BY_PATH: Final = {
    "postgres": _POSTGRES,
    "postgis/postgis": _POSTGRES,
    "pgvector/pgvector": _POSTGRES,
    "timescale/timescaledb": _POSTGRES,
    "timescale/timescaledb-ha": replace(_POSTGRES, data="/home/postgres/pgdata"),
    "supabase/postgres": _POSTGRES,
    "bitnami/postgresql": _BITNAMI_POSTGRES,
    "bitnamilegacy/postgresql": _BITNAMI_POSTGRES,
    "mysql": _MYSQL,
    "mysql/mysql-server": _MYSQL,
    "percona": _MYSQL,
    "mariadb": _MARIADB,
    "mongo": _MONGO,
    "redis": _REDIS,
    "redis/redis-stack": _REDIS,
    "redis/redis-stack-server": _REDIS,
    "valkey/valkey": _VALKEY,
    "memcached": _MEMCACHED,
    "rabbitmq": _RABBITMQ,
    "apache/kafka": _APACHE_KAFKA,
    "bitnami/kafka": _BITNAMI_KAFKA,
    "bitnamilegacy/kafka": _BITNAMI_KAFKA,
    "confluentinc/cp-kafka": _CONFLUENT_KAFKA,
    "redpandadata/redpanda": _REDPANDA,
    "nats": _NATS,
    "elasticsearch": _ELASTICSEARCH,
    "elasticsearch/elasticsearch": _ELASTICSEARCH,
    "opensearchproject/opensearch": _OPENSEARCH,
    "getmeili/meilisearch": _MEILISEARCH,
    "minio/minio": _MINIO,
    "clickhouse": _CLICKHOUSE,
    "clickhouse/clickhouse-server": _CLICKHOUSE,
    "cassandra": _CASSANDRA,
    "couchdb": _COUCHDB,
    "influxdb": _INFLUXDB,
    "neo4j": _NEO4J,
    "mssql/server": _SQL_SERVER,
    "cockroachdb/cockroach": _COCKROACH,
    "coreos/etcd": _ETCD,
    "etcd-development/etcd": _ETCD,
    "zookeeper": _ZOOKEEPER,
    "confluentinc/cp-zookeeper": replace(_ZOOKEEPER, data="/var/lib/zookeeper"),
    "consul": _CONSUL,
    "hashicorp/consul": _CONSUL,
    "vault": _VAULT,
    "hashicorp/vault": _VAULT,
    "keycloak/keycloak": _KEYCLOAK,
    "nginx": _NGINX,
    "nginxinc/nginx-unprivileged": replace(_NGINX, port=8080),
    "traefik": _TRAEFIK,
    "caddy": _CADDY,
    "haproxy": _HAPROXY,
    "envoyproxy/envoy": _ENVOY,
    "edoburu/pgbouncer": _PGBOUNCER,
    "bitnami/pgbouncer": _PGBOUNCER,
    "prom/prometheus": _PROMETHEUS,
    "prometheus/prometheus": _PROMETHEUS,
    "grafana/grafana": _GRAFANA,
}
_BY_NAME: Final = {
    path.rpartition("/")[2]: replace(known, health_test=(), data=None)
    for path, known in _BY_PATH.items()
    if path.rpartition("/")[2] not in ("server", "cockroach")
}
"""What the last part of a name tells; another publisher's image may hold other programs."""

PRODUCTS: Final = {known.title.lower(): known.title for known in _BY_PATH.values()}
"""What widely used images are called, by the name in lower case."""

_SINCE: Final = {"mongo": (5, _OLD_MONGO), "influxdb": (2, _OLD_INFLUXDB)}
"""By path, the major version the entry begins with and what holds for older ones."""


def known_image(image: ImageReference) -> KnownImage | None:
    """Return what is known about `image`.

    Official images are found under any registry, because mirrors keep their content. Of an unknown
    publisher's image with a known name only title, layer and port are told.
    """
    path = image.path
    known = _BY_PATH.get(path) or _BY_PATH.get(_without_mirror(path))
    if known is None:
        return _BY_NAME.get(image.name)
    version = image.major_version
    since, older = _SINCE.get(image.name, (0, known))
    return older if version is not None and version < since else known


def _without_mirror(path: str) -> str:
    """Return the path behind `library/`, which a mirror puts its own prefix before."""
    before, library, official = path.rpartition("/library/")
    return official if library and before else path
