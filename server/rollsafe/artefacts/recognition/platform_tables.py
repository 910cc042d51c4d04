"""Clouds and platforms as a service."""

import re
from typing import Final

from rollsafe.artefacts.recognition.roles import Mark, Role, listed
from rollsafe.artefacts.recognition.rows import ALWAYS, Row, row
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_DEPLOY, _TEARDOWN, _ROLLBACK = Role.DEPLOY, Role.TEARDOWN, Role.ROLLBACK
_VERIFY, _PLAN, _BUILD, _PUBLISH = Role.VERIFY, Role.PLAN, Role.BUILD, Role.PUBLISH
_BACKUP, _MIGRATE = Role.BACKUP, Role.MIGRATE

_MIGRATION_WORD: Final = lazily(r"\bmigrat|db:migrate", re.I)
_S3_VALUED: Final = frozenset(
    listed(
        "--region --profile --exclude --include --acl --cache-control --content-type --expires"
        " --endpoint-url --storage-class --sse --metadata-directive --content-encoding"
    )
)
_REMOTE_GIT: Final = lazily(r"heroku|dokku|caprover|piku|scalingo|clever")


def _mentions_migration(command: ShellCommand) -> bool:
    return any(_MIGRATION_WORD.search(text) for text in command.texts[3:])


def _to_bucket(command: ShellCommand) -> bool:
    """Say whether `aws s3 sync|cp|mv` copies from here to a bucket."""
    paths: list[str] = []
    skip = False
    for text in command.texts[command.texts.index("s3") + 2 :]:
        if not skip and text[:1] != "-":
            paths.append(text)
        skip = text in _S3_VALUED
    return len(paths) > 1 and paths[0][:5] != "s3://" and paths[1].startswith(("s3://", "$"))


def _pushes_to_platform(command: ShellCommand) -> bool:
    return any(_REMOTE_GIT.search(operand) for operand in command.operands[1:])


def _is_remote(command: ShellCommand) -> bool:
    return command.remote


def _has_no_operand(command: ShellCommand) -> bool:
    return not command.operands


def _of_image(command: ShellCommand) -> bool:
    return command.option("--image", "-i") is not None


_AWS: Final = (
    row("ecs wait", _VERIFY),
    row("cloudformation wait", _VERIFY),
    row("deploy wait", _VERIFY),
    row("lambda wait", _VERIFY),
    row("elasticbeanstalk wait", _VERIFY),
    row("ecs run-task", _DEPLOY, _MIGRATE, when=_mentions_migration),
    row("ecs update-service", _DEPLOY, idempotent=True),
    row("ecs create-service|run-task|register-task-definition|create-task-set", _DEPLOY),
    row("lambda update-function-code|update-function-configuration", _DEPLOY, idempotent=True),
    row("lambda update-alias", _DEPLOY, idempotent=True),
    row("lambda publish-version|create-function", _DEPLOY),
    row(
        "cloudformation deploy",
        _DEPLOY,
        verifies=ALWAYS,
        unless="--disable-rollback --no-execute-changeset",
        rolls_back=ALWAYS,
        idempotent=True,
    ),
    row("cloudformation deploy", _DEPLOY, verifies=ALWAYS, unless="--no-execute-changeset"),
    row(
        "cloudformation create-stack|update-stack|execute-change-set",
        _DEPLOY,
        unless="--disable-rollback",
        rolls_back=ALWAYS,
    ),
    row("cloudformation create-stack|update-stack|execute-change-set", _DEPLOY),
    row("cloudformation delete-stack", _DEPLOY, _TEARDOWN),
    row("deploy create-deployment", _DEPLOY),
    row("elasticbeanstalk update-environment", _DEPLOY, idempotent=True),
    row("apprunner update-service|start-deployment", _DEPLOY),
    row("amplify start-job|start-deployment", _DEPLOY),
    row("stepfunctions update-state-machine|create-state-machine", _DEPLOY),
    row("autoscaling start-instance-refresh", _DEPLOY),
    row("ssm send-command", _DEPLOY, _MIGRATE, when=_mentions_migration),
    row("ssm send-command", _DEPLOY),
    row("cloudfront create-invalidation", _DEPLOY, idempotent=True, marks=Mark.CLOUDFRONT),
    row("s3 sync", _DEPLOY, only="--delete", when=_to_bucket, idempotent=True),
    row("s3 sync|cp|mv", _DEPLOY, requires=Mark.CLOUDFRONT, when=_to_bucket, idempotent=True),
    row("s3 rm", _DEPLOY, _TEARDOWN, only="--recursive"),
    row("s3 rb", _DEPLOY, _TEARDOWN, only="--force"),
    row("rds create-db-snapshot|create-db-cluster-snapshot", _BACKUP),
    row("dynamodb create-backup", _BACKUP),
    row("backup start-backup-job", _BACKUP),
    row("ec2 create-snapshot|create-image", _BACKUP),
    row("rds delete-db-instance|delete-db-cluster", _TEARDOWN, Role.DESTROY_DATA),
    row("dynamodb delete-table", _TEARDOWN, Role.DESTROY_DATA),
)

_GCLOUD: Final = (
    row("sql backups create", _BACKUP),
    row("sql export sql|bak", _BACKUP),
    row(
        "run services update-traffic",
        _DEPLOY,
        _ROLLBACK,
        only="--to-revisions",
        verifies=ALWAYS,
        rolls_back=ALWAYS,
    ),
    row("run deploy", _DEPLOY, unless="--async", verifies=ALWAYS, rolls_back=ALWAYS, idempotent=True),
    row(
        "run services update|update-traffic|replace",
        _DEPLOY,
        verifies=ALWAYS,
        rolls_back=ALWAYS,
        idempotent=True,
    ),
    row("run jobs execute", _DEPLOY, _MIGRATE, when=_mentions_migration),
    row("run deploy", _DEPLOY, rolls_back=ALWAYS, idempotent=True),
    row("run jobs execute", _DEPLOY),
    # A job serves nobody: the next run of it takes whatever it is then.
    row("run jobs deploy|update|replace", _DEPLOY, rolls_back=ALWAYS, idempotent=True),
    row("functions deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS, idempotent=True),
    row("app deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
    row("app services set-traffic", _DEPLOY),
    row("deploy releases create|promote", _DEPLOY),
    row("compute instance-groups managed rolling-action", _DEPLOY),
    row("compute instances update-container", _DEPLOY),
    row("deployment-manager deployments create|update", _DEPLOY),
    row("deployment-manager deployments delete", _DEPLOY, _TEARDOWN),
    row("container clusters delete", _DEPLOY, _TEARDOWN),
    row("sql instances delete", _TEARDOWN, Role.DESTROY_DATA),
    row("builds submit", _BUILD),
)

_AZ: Final = (
    row("deployment group|sub|mg|tenant create", _DEPLOY, idempotent=True),
    row("deployment group|sub|mg|tenant what-if", _PLAN),
    row("stack group|sub|mg create", _DEPLOY, idempotent=True),
    row("webapp deploy|up", _DEPLOY),
    row("webapp deployment slot swap", _DEPLOY),
    row("webapp deployment source", _DEPLOY),
    row("webapp config container set", _DEPLOY),
    row("webapp restart", _DEPLOY),
    row("functionapp deployment|deploy", _DEPLOY),
    row("containerapp up|update|revision|job", _DEPLOY),
    row("containerapp create", _DEPLOY),
    row("container create|restart", _DEPLOY),
    row("aks command invoke", _DEPLOY),
    row("staticwebapp deploy", _DEPLOY),
    row("group delete", _DEPLOY, _TEARDOWN),
    row("acr build", _BUILD, _PUBLISH),
    row("postgres|sql|mysql flexible-server backup create", _BACKUP),
    row("sql db export|copy", _BACKUP),
)

_VERCEL: Final = (
    row("rollback", _DEPLOY, _ROLLBACK, verifies=ALWAYS, rolls_back=ALWAYS),
    row("promote|redeploy|alias", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
    row("deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
    row("build|pull|link|env|login|whoami|inspect|list|ls|logs|remove|rm|dev|project"),
    row("", _DEPLOY, only="--prod --production --target", verifies=ALWAYS, rolls_back=ALWAYS),
    row("", _DEPLOY, when=_has_no_operand, verifies=ALWAYS, rolls_back=ALWAYS),
)

_WRANGLER: Final = (
    row("rollback", _DEPLOY, _ROLLBACK),
    row("versions deploy", _DEPLOY),
    row("pages deploy|publish", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
    row("deploy|publish", _DEPLOY, idempotent=True),
    row("d1 migrations apply", _MIGRATE, unless="--local"),
    row("delete", _DEPLOY, _TEARDOWN),
)

_FLY: Final = (
    row("deploy", _DEPLOY, _ROLLBACK, when=_of_image, unless="--detach", verifies=ALWAYS),
    row("deploy", _DEPLOY, unless="--detach --build-only", verifies=ALWAYS),
    row("deploy", _DEPLOY, unless="--build-only"),
    row("machine update|run", _DEPLOY),
    row("apps destroy", _DEPLOY, _TEARDOWN),
    row("postgres backup", _BACKUP),
)

_SERVERLESS: Final = (
    row("deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS, idempotent=True),
    row("rollback", _DEPLOY, _ROLLBACK),
    row("remove", _DEPLOY, _TEARDOWN),
    row("package", _BUILD),
)

PLATFORM_TABLES: Final[dict[str, tuple[Row, ...]]] = {
    "aws": _AWS,
    "gcloud": _GCLOUD,
    "az": _AZ,
    "vercel": _VERCEL,
    "wrangler": _WRANGLER,
    "fly": _FLY,
    "serverless": _SERVERLESS,
    "ecs-cli": (row("compose up|service", _DEPLOY),),
    "copilot": (
        row("svc|job|app|env deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
        row("deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
    ),
    "eb": (row("deploy|swap|upgrade", _DEPLOY, verifies=ALWAYS), row("terminate", _TEARDOWN)),
    "chalice": (row("deploy", _DEPLOY), row("delete", _DEPLOY, _TEARDOWN)),
    "zappa": (
        row("deploy|update", _DEPLOY),
        row("rollback", _DEPLOY, _ROLLBACK),
        row("undeploy", _DEPLOY, _TEARDOWN),
    ),
    "claudia": (row("update|create", _DEPLOY),),
    "up": (row("deploy", _DEPLOY),),
    "firebase": (
        row("deploy", _DEPLOY, idempotent=True),
        row("hosting:rollback", _DEPLOY, _ROLLBACK),
        row("hosting:channel:deploy", _DEPLOY),
    ),
    "func": (row("azure functionapp publish", _DEPLOY),),
    "swa": (row("deploy", _DEPLOY),),
    "azd": (row("up|deploy|provision", _DEPLOY), row("down", _DEPLOY, _TEARDOWN)),
    "netlify": (
        row("deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS),
        row("rollback", _DEPLOY, _ROLLBACK),
    ),
    "railway": (
        row("up|redeploy", _DEPLOY, verifies=ALWAYS, unless="--detach -d"),
        row("up|redeploy", _DEPLOY),
    ),
    "render": (row("deploys create", _DEPLOY),),
    "heroku": (
        row("container:release", _DEPLOY),
        row("releases:rollback|rollback", _DEPLOY, _ROLLBACK),
        row("pipelines:promote", _DEPLOY),
        row("pg:backups:capture", _BACKUP),
        row("pg:reset", Role.DESTROY_DATA),
        row("apps:destroy", _DEPLOY, _TEARDOWN),
    ),
    "git": (
        row("pull", _DEPLOY, when=_is_remote),
        row("reset", _DEPLOY, only="--hard", when=_is_remote),
        row("push", _DEPLOY, when=_pushes_to_platform),
        row("push", _PUBLISH, only="--tags --follow-tags"),
    ),
    "dokku": (row("git:from-image|git:sync|ps:rebuild|deploy", _DEPLOY),),
    "doctl": (
        row("apps create-deployment|update|create", _DEPLOY, verifies="--wait"),
        row("kubernetes cluster delete", _DEPLOY, _TEARDOWN),
    ),
    "cf": (
        row("push", _DEPLOY, verifies=ALWAYS),
        row("deploy", _DEPLOY),
        row("rollback", _DEPLOY, _ROLLBACK),
        row("delete", _DEPLOY, _TEARDOWN),
    ),
    "ibmcloud": (row("cf push", _DEPLOY), row("ce app|application|job update|create", _DEPLOY)),
    "koyeb": (row("deploy", _DEPLOY), row("service|services update|redeploy", _DEPLOY)),
    "northflank": (row("update|start|create|run", _DEPLOY),),
    "zeabur": (row("deploy", _DEPLOY),),
    "deployctl": (row("deploy", _DEPLOY),),
    "deno": (
        row("deploy", _DEPLOY),
        row("test", Role.TEST),
        row("publish", _PUBLISH),
    ),
    "surge": (row("teardown", _DEPLOY, _TEARDOWN), row("", _DEPLOY)),
    "gh-pages": (row("", _DEPLOY, only="-d --dist"),),
    "mkdocs": (row("gh-deploy", _DEPLOY),),
    "mike": (row("deploy", _DEPLOY, only="--push -p"),),
    "convex": (row("deploy", _DEPLOY),),
    "amplify": (row("publish|push", _DEPLOY), row("delete", _DEPLOY, _TEARDOWN)),
    "ampx": (row("pipeline-deploy", _DEPLOY),),
    "expo": (row("publish", _DEPLOY),),
    "eas": (row("submit|update", _DEPLOY), row("build", _BUILD)),
    "balena": (row("push|deploy", _DEPLOY),),
    "kamal": (
        row("deploy|redeploy|setup", _DEPLOY, verifies=ALWAYS),
        row("rollback", _DEPLOY, _ROLLBACK, verifies=ALWAYS),
        row("remove", _DEPLOY, _TEARDOWN),
        row("app boot|exec", _DEPLOY),
        row("build", _BUILD),
    ),
    "coolify": (row("deploy", _DEPLOY),),
    "dokploy": (row("deploy|app", _DEPLOY),),
    "caprover": (row("deploy", _DEPLOY),),
    "cap": (
        row("", _DEPLOY, _ROLLBACK, when=lambda command: "deploy:rollback" in command.texts),
        row("", _DEPLOY, when=lambda command: "deploy" in command.texts),
    ),
    "mina": (row("deploy", _DEPLOY), row("rollback", _DEPLOY, _ROLLBACK)),
    "dep": (row("deploy", _DEPLOY), row("rollback", _DEPLOY, _ROLLBACK)),
    "envoy": (row("run deploy", _DEPLOY), row("run rollback", _DEPLOY, _ROLLBACK)),
    "fab": (row("deploy", _DEPLOY), row("rollback", _DEPLOY, _ROLLBACK)),
    "clever": (row("deploy|restart", _DEPLOY),),
    "scalingo": (row("deploy|restart", _DEPLOY),),
    "upsun": (row("push|deploy|redeploy", _DEPLOY),),
    "platform": (row("push|redeploy", _DEPLOY),),
}
"""By canonical tool name; of several rows the first that fits applies."""
