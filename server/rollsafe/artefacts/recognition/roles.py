"""What a step of a pipeline can be for, and what is known about one that was recognised."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from rollsafe.text.records import record


def listed(words: str) -> tuple[str, ...]:
    """Return the words of a text: long tables of names are easier to read without quotes."""
    return tuple(words.split())


class Role(StrEnum):
    """What a command, an action or a job does.

    `DEPLOY` changes a running environment, `PUBLISH` only puts an artifact somewhere. `TEARDOWN` and
    `DESTROY_DATA` remove infrastructure and data. `PLAN` computes a change without making it.
    """

    DEPLOY = "deploy"
    MIGRATE = "migrate"
    TEST = "test"
    VERIFY = "verify"
    ROLLBACK = "rollback"
    PUBLISH = "publish"
    BUILD = "build"
    BACKUP = "backup"
    NOTIFY = "notify"
    PLAN = "plan"
    TEARDOWN = "teardown"
    DESTROY_DATA = "destroy-data"
    AUTHENTICATE = "authenticate"


class Mark(StrEnum):
    """A circumstance that one step creates and the meaning of another depends on."""

    LOCAL_CLUSTER = "local-cluster"
    REMOTE_DOCKER = "remote-docker"
    CLOUDFRONT = "cloudfront"
    SELF_HOSTED = "self-hosted"
    TEST_DATABASE = "test-database"


@record
class Classification:
    """What was recognised: the `tool`, its subcommand `verb`, and the roles it plays.

    `self_verifying`: it fails when the new version does not become healthy. `self_rolling_back`: on
    failure the old version comes back by itself. `idempotent`: doing it twice is doing it once.
    `probable`: known by name only. `requires`: it plays its roles only under this circumstance.
    `marks`: it creates this circumstance.
    """

    tool: str
    roles: frozenset[Role]
    verb: str = ""
    self_verifying: bool = False
    self_rolling_back: bool = False
    idempotent: bool = False
    probable: bool = False
    requires: Mark | None = None
    marks: Mark | None = None

    def __contains__(self, role: Role) -> bool:
        return role in self.roles


CLUSTER_TOOLS: Final = frozenset(
    listed(
        "kubectl helm helmfile kustomize skaffold werf ko kapp tanka devspace okteto garden argocd"
        " argo-rollouts flux oc"
    )
)
"""Tools whose deployments do not count in a job that starts its own cluster."""

NO_ROLES: Final[frozenset[Role]] = frozenset()


def roles_of(classifications: Iterable[Classification]) -> frozenset[Role]:
    """Return the union of the roles of `classifications`."""
    return NO_ROLES.union(*(found.roles for found in classifications))
