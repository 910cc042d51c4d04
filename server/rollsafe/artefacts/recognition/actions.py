"""What a `uses:` step is for, by owner and repository of the action."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.recognition.commands import classify
from rollsafe.artefacts.recognition.named import is_deploy_workflow, role_of_name
from rollsafe.artefacts.recognition.roles import Classification, Mark, Role, listed
from rollsafe.formats.shell import read_shell
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple

_DEPLOY, _MIGRATE, _TEST, _VERIFY = Role.DEPLOY, Role.MIGRATE, Role.TEST, Role.VERIFY
_PUBLISH, _BUILD, _NOTIFY = Role.PUBLISH, Role.BUILD, Role.NOTIFY

Inputs = Mapping[str, str]
_TRUE: Final = frozenset({"true", "yes", "on", "1"})


class ActionRow(NamedTuple):
    """What an action is for. `when` decides by its inputs, `verifies` and `rolls_back` likewise.

    `command`: the input that holds a command line, after the words `prefix`.
    """

    tool: str
    roles: frozenset[Role]
    when: Callable[[Inputs], bool] | None = None
    verifies: Callable[[Inputs], bool] | None = None
    rolls_back: Callable[[Inputs], bool] | None = None
    idempotent: bool = False
    probable: bool = False
    marks: Mark | None = None
    command: str = ""
    prefix: str = ""


def _always(inputs: Inputs) -> bool:
    return True


def _is(name: str, *values: str, default: str = "") -> Callable[[Inputs], bool]:
    """Return a condition: the input `name`, lower-cased, is one of `values`."""

    def holds(inputs: Inputs) -> bool:
        return inputs.get(name, default).strip().lower() in values

    return holds


def _on(name: str) -> Callable[[Inputs], bool]:
    return _is(name, *_TRUE)


def _mentions(pattern: str) -> Callable[[Inputs], bool]:
    search = lazily(pattern, re.I).search

    def holds(inputs: Inputs) -> bool:
        return any(search(value) for value in inputs.values())

    return holds


def _row(
    tool: str,
    *roles: Role,
    when: Callable[[Inputs], bool] | None = None,
    verifies: Callable[[Inputs], bool] | None = None,
    rolls_back: Callable[[Inputs], bool] | None = None,
    idempotent: bool = False,
    probable: bool = False,
    marks: Mark | None = None,
    command: str = "",
    prefix: str = "",
) -> ActionRow:
    return ActionRow(
        tool,
        frozenset(roles),
        when,
        verifies,
        rolls_back,
        idempotent,
        probable,
        marks,
        command,
        prefix,
    )


def _atomic(
    tool: str, when: Callable[[Inputs], bool] | None = None, *, idempotent: bool = False
) -> ActionRow:
    """Build the row of a platform that switches over only to a version that works."""
    return _row(tool, _DEPLOY, when=when, verifies=_always, rolls_back=_always, idempotent=idempotent)


_PAGES: Final = _atomic("pages", idempotent=True)
_COPY: Final = _row("rsync", _DEPLOY, idempotent=True)
_NOTICE: Final = _row("notify", _NOTIFY)
_CLUSTER: Final = _row("kind", marks=Mark.LOCAL_CLUSTER)
_DATABASE: Final = _row("database", marks=Mark.TEST_DATABASE)
_TERRAFORM_APPLY: Final = _row("terraform", _DEPLOY)
_LOGIN: Final = _row("login", Role.AUTHENTICATE)

ACTIONS: Final[dict[str, ActionRow]] = {
    "azure/k8s-deploy": _row("kubectl", _DEPLOY, verifies=_always, idempotent=True),
    "azure/webapps-deploy": _row("az", _DEPLOY, idempotent=True),
    "azure/functions-action": _row("az", _DEPLOY, idempotent=True),
    "azure/container-apps-deploy-action": _row("az", _DEPLOY, idempotent=True),
    "azure/arm-deploy": _row("az", _DEPLOY, idempotent=True),
    "azure/bicep-deploy": _row("az", _DEPLOY, idempotent=True),
    "azure/static-web-apps-deploy": _row(
        "az", _DEPLOY, when=lambda inputs: inputs.get("action", "upload") != "close"
    ),
    "azure/aci-deploy": _row("az", _DEPLOY),
    "azure/cli": _row("az", command="inlineScript"),
    "azure/powershell": _row("az", command="inlineScript"),
    "azure/login": _LOGIN,
    "aws-actions/amazon-ecs-deploy-task-definition": _row(
        "ecs", _DEPLOY, verifies=_on("wait-for-service-stability"), idempotent=True
    ),
    "aws-actions/aws-cloudformation-github-deploy": _row(
        "cloudformation",
        _DEPLOY,
        verifies=_always,
        rolls_back=lambda inputs: inputs.get("disable-rollback", "0") in ("", "0", "false"),
        idempotent=True,
    ),
    "aws-actions/aws-lambda-deploy": _row("lambda", _DEPLOY, idempotent=True),
    "aws-actions/configure-aws-credentials": _LOGIN,
    "google-github-actions/auth": _LOGIN,
    "docker/login-action": _LOGIN,
    "google-github-actions/deploy-cloudrun": _atomic("gcloud", idempotent=True),
    "google-github-actions/deploy-cloud-functions": _atomic("gcloud"),
    "google-github-actions/deploy-appengine": _atomic("gcloud"),
    "google-github-actions/create-cloud-deploy-release": _row("gcloud", _DEPLOY),
    "google-github-actions/deploy-gke": _row("kubectl", _DEPLOY),
    "amondnet/vercel-action": _atomic("vercel"),
    "nwtgck/actions-netlify": _atomic("netlify"),
    "netlify/actions": _atomic("netlify"),
    "superfly/flyctl-actions": _row("fly", command="args", prefix="flyctl"),
    "cloudflare/pages-action": _atomic("wrangler"),
    "firebaseextended/action-hosting-deploy": _row(
        "firebase", _DEPLOY, when=_is("channelid", "live"), idempotent=True
    ),
    "w9jds/firebase-action": _row("firebase", command="args", prefix="firebase"),
    "akhileshns/heroku-deploy": _row(
        "heroku",
        _DEPLOY,
        verifies=lambda inputs: bool(inputs.get("healthcheck")),
        rolls_back=_on("rollbackonhealthcheckfailed"),
    ),
    "digitalocean/app_action": _row("doctl", _DEPLOY),
    "digitalocean/app_action/deploy": _row("doctl", _DEPLOY),
    "johnbeynon/render-deploy-action": _row("render", _DEPLOY),
    "jorgelnjunior/render-deploy": _row("render", _DEPLOY, verifies=_on("wait_deploy")),
    "bervproject/railway-deploy": _row("railway", _DEPLOY),
    "actions/deploy-pages": _PAGES,
    "peaceiris/actions-gh-pages": _PAGES,
    "jamesives/github-pages-deploy-action": _PAGES,
    "crazy-max/ghaction-github-pages": _PAGES,
    "appleboy/ssh-action": _row("ssh", _DEPLOY, probable=True),
    "appleboy/scp-action": _COPY,
    "easingthemes/ssh-deploy": _COPY,
    "burnett01/rsync-deployments": _COPY,
    "samkirkland/ftp-deploy-action": _row("ftp", _DEPLOY, when=lambda i: i.get("dry-run") != "true"),
    "deployphp/action": _row("dep", _DEPLOY, when=_mentions(r"\bdeploy\b")),
    "helmfile/helmfile-action": _row("helmfile", command="helmfile-args", prefix="helmfile"),
    "deliverybot/helm": _row("helm", _DEPLOY),
    "wyriharximus/github-action-helm3": _row("helm", command="exec"),
    "hashicorp/tfc-workflows-github/actions/apply-run": _TERRAFORM_APPLY,
    "dflook/terraform-apply": _TERRAFORM_APPLY,
    "dflook/tofu-apply": _TERRAFORM_APPLY,
    "dflook/terraform-destroy": _row("terraform", _DEPLOY, Role.TEARDOWN),
    "dflook/terraform-plan": _row("terraform", Role.PLAN),
    "op5dev/tf-via-pr": _row("terraform", _DEPLOY, when=_is("command", "apply")),
    "gruntwork-io/terragrunt-action": _row(
        "terragrunt", _DEPLOY, when=_mentions(r"^(run-all |run --all )?apply")
    ),
    "pulumi/actions": _row("pulumi", _DEPLOY, when=_is("command", "up", "update", "refresh")),
    "serverless/github-action": _row("serverless", command="args", prefix="serverless"),
    "youyo/aws-cdk-github-actions": _atomic("cdk", when=_is("cdk_subcommand", "deploy")),
    "einaregilsson/beanstalk-deploy": _row(
        "eb", _DEPLOY, verifies=lambda inputs: inputs.get("wait_for_deployment") != "false"
    ),
    "jakejarvis/s3-sync-action": _row("s3", _DEPLOY, idempotent=True),
    "reggionick/s3-deploy": _row("s3", _DEPLOY, idempotent=True),
    "actions-hub/kubectl": _row("kubectl", command="args", prefix="kubectl"),
    "steebchen/kubectl": _row("kubectl", command="args", prefix="kubectl"),
    "dawidd6/action-ansible-playbook": _row("ansible-playbook", _DEPLOY),
    "appleboy/lambda-action": _row("aws", _DEPLOY),
    "dokku/github-action": _row("dokku", _DEPLOY),
    "koyeb/action-git-deploy": _row("koyeb", _DEPLOY),
    "caprover/deploy-from-github": _row("caprover", _DEPLOY),
    "wyrihaximus/github-action-helm3": _row("helm", command="exec"),
    "kong/deck": _row("deck", _DEPLOY, when=_mentions(r"\bsync\b")),
    "octopusdeploy/deploy-release-action": _row("octopus", _DEPLOY),
    "distributhor/workflow-webhook": _row("webhook", _DEPLOY, when=_mentions("deploy")),
    # Migrations
    "ariga/atlas-action/migrate/apply": _row("atlas", _MIGRATE, idempotent=True),
    "ariga/atlas-action/migrate/down": _row("atlas", _MIGRATE, Role.ROLLBACK),
    "ariga/atlas-action/migrate/lint": _row("atlas", _TEST),
    "liquibase-github-actions/update": _row("liquibase", _MIGRATE, idempotent=True),
    "liquibase-github-actions/rollback": _row("liquibase", _MIGRATE, Role.ROLLBACK),
    "liquibase-github-actions/drop-all": _row("liquibase", _MIGRATE, Role.DESTROY_DATA),
    # Tests and verification
    "cypress-io/github-action": _row("cypress", _TEST),
    "jtalk/url-health-check-action": _row("curl", _VERIFY),
    "nev7n/wait_for_response": _row("curl", _VERIFY),
    "grafana/k6-action": _row("k6", _VERIFY),
    "grafana/run-k6-action": _row("k6", _VERIFY),
    "helm/chart-testing-action": _row("ct"),
    "datadog/synthetics-ci-github-action": _row("datadog-ci", _VERIFY),
    "golangci/golangci-lint-action": _row("golangci-lint", _TEST),
    "pre-commit/action": _row("pre-commit", _TEST),
    # Artifacts
    "docker/build-push-action": _row("docker", _BUILD, _PUBLISH, when=_on("push")),
    "docker/bake-action": _row("docker", _BUILD, _PUBLISH, when=_on("push")),
    "pypa/gh-action-pypi-publish": _row("pypi", _PUBLISH),
    "js-devtools/npm-publish": _row("npm", _PUBLISH),
    "softprops/action-gh-release": _row("gh", _PUBLISH),
    "ncipollo/release-action": _row("gh", _PUBLISH),
    "actions/create-release": _row("gh", _PUBLISH),
    "goreleaser/goreleaser-action": _row("goreleaser", _PUBLISH, when=_mentions(r"\brelease\b")),
    "changesets/action": _row("changeset", _PUBLISH, when=lambda inputs: bool(inputs.get("publish"))),
    "cycjimmy/semantic-release-action": _row("semantic-release", _PUBLISH),
    "stefanprodan/helm-gh-pages": _row("helm", _PUBLISH),
    "helm/chart-releaser-action": _row("helm", _PUBLISH),
    "octopusdeploy/create-release-action": _row("octopus", _PUBLISH),
    # Notifications
    **dict.fromkeys(
        listed(
            "slackapi/slack-github-action 8398a7/action-slack rtcamp/action-slack-notify"
            " ravsamhq/notify-slack-action act10ns/slack ilshidur/action-discord"
            " sarisia/actions-status-discord tsickert/discord-webhook appleboy/discord-action"
            " appleboy/telegram-action aliencube/microsoft-teams-actions"
            " jdcargile/ms-teams-notification skitionek/notify-microsoft-teams"
            " dawidd6/action-send-mail jasonetco/create-an-issue"
            " edge/simple-slack-notify voxmedia/github-action-slack-notify-build"
            " pagerduty/pagerduty-change-events-action"
            " toko-bifrost/ms-teams-deploy-card"
        ),
        _NOTICE,
    ),
    "actions/github-script": _row("github", _NOTIFY, when=_mentions(r"issues\.create\b")),
    # Databases and clusters that live as long as the job
    **dict.fromkeys(
        listed(
            "ikalnytskyi/action-setup-postgres harmon758/postgresql-action ankane/setup-postgres"
            " ankane/setup-mysql mirromutth/mysql-action shogo82148/actions-setup-mysql"
            " supercharge/mongodb-github-action"
        ),
        _DATABASE,
    ),
    **dict.fromkeys(
        listed(
            "helm/kind-action engineerd/setup-kind medyagh/setup-minikube manusa/actions-setup-minikube"
            " absaoss/k3d-action nolar/setup-k3d-k3s balchua/microk8s-actions container-tools/kind-action"
        ),
        _CLUSTER,
    ),
    # Command lines passed as inputs
    "nick-fields/retry": _row("retry", command="command"),
    "nick-invision/retry": _row("retry", command="command"),
    "wandalen/wretry.action": _row("retry", command="command"),
    "addnab/docker-run-action": _row("docker", command="run"),
}
"""By lower-case `owner/repo` or `owner/repo/path`; the longest name known applies."""

_PATTERNS: Final = (
    (lazily(r"bitovi/.*deploy"), _row("bitovi", _DEPLOY)),
    (lazily(r"bytebase/"), _row("bytebase", _MIGRATE)),
    (lazily(r"red-gate/flyway.*(migrate|deploy)"), _row("flyway", _MIGRATE)),
    (lazily(r"octopusdeploy/deploy-release"), _row("octopus", _DEPLOY)),
    (lazily(r"unlyed/.*await"), _row("vercel", _VERIFY)),
    (lazily(r"prisma/.*migrat"), _row("prisma", _MIGRATE)),
)
_WRANGLER: Final = "cloudflare/wrangler-action"
_WRANGLER_DEFAULT: Final = "deploy"


def classify_action(uses: str, inputs: Inputs) -> Classification | None:
    """Say what a step with `uses` (`owner/repo[/path][@ref]`) and its `with` inputs is for.

    Names of inputs are matched in lower case, as the runner does. A reusable workflow or a local
    action that is named as a deployment is `probable`.
    """
    name, _, _ = uses.partition("@")
    lowered = {key.lower(): value for key, value in inputs.items()}
    key = name.lower().strip("/")
    if key.startswith("./") or ".github/" in key:
        return _local(name)
    if key == _WRANGLER:
        return _command("wrangler", lowered.get("command") or _WRANGLER_DEFAULT)
    known = _lookup(key)
    return None if known is None else _classification(known, lowered)


@lru_cache(maxsize=1_024)
def is_known_action(uses: str) -> bool:
    """Say whether `classify_action` may have something to say about `uses`, whatever the inputs."""
    name = uses.partition("@")[0].lower().strip("/")
    if name.startswith("./") or ".github/" in name or name == _WRANGLER:
        return True
    return _lookup(name) is not None


@lru_cache(maxsize=1_024)
def command_input(uses: str) -> str:
    """Return the input of an action that holds a shell script, or nothing."""
    key = uses.partition("@")[0].lower()
    if key == "appleboy/ssh-action":
        return "script"
    known = ACTIONS.get(key)
    return known.command if known is not None and not known.prefix else ""


def _lookup(key: str) -> ActionRow | None:
    parts = key.split("/")
    for length in range(len(parts), 1, -1):
        known = ACTIONS.get("/".join(parts[:length]))
        if known is not None:
            return known
    return next((row for pattern, row in _PATTERNS if pattern.match(key)), None)


def _classification(known: ActionRow, inputs: Inputs) -> Classification | None:
    if known.prefix:
        return _command(known.prefix, inputs.get(known.command.lower(), ""))
    if known.when is not None and not known.when(inputs):
        return _only_build(known)
    if not known.roles and known.marks is None:
        return None
    return Classification(
        known.tool,
        known.roles,
        "",
        known.verifies is not None and known.verifies(inputs),
        known.rolls_back is not None and known.rolls_back(inputs),
        known.idempotent,
        known.probable,
        None,
        known.marks,
    )


def _only_build(known: ActionRow) -> Classification | None:
    """An action that builds and pushes builds even when it does not push."""
    if _BUILD in known.roles:
        return Classification(known.tool, frozenset({_BUILD}))
    return None


def _command(prefix: str, words: str) -> Classification | None:
    script = read_shell(f"{prefix} {words}")
    found = (classify(command) for command in script.commands)
    return next((one for one in found if one is not None), None)


def _local(name: str) -> Classification | None:
    path = name.removesuffix("/action.yml").removesuffix("/action.yaml").rstrip("/")
    if path.endswith((".yml", ".yaml")):
        kind = "workflow"
        role = _DEPLOY if is_deploy_workflow(path) else role_of_name(path)
    else:
        kind, role = "action", role_of_name(path)
    return None if role is None else Classification(kind, frozenset({role}), path, probable=True)
