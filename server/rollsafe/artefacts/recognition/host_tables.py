"""Containers, remote hosts and web requests."""

import re
from typing import Final

from rollsafe.artefacts.recognition.databases import is_database_image
from rollsafe.artefacts.recognition.roles import Mark, Role
from rollsafe.artefacts.recognition.rows import ALWAYS, Row, row
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_DEPLOY, _VERIFY, _NOTIFY = Role.DEPLOY, Role.VERIFY, Role.NOTIFY

_HOOK: Final = lazily(
    r"deploy[\w-]*hook|hook[\w-]*deploy|api\.render\.com/deploy"
    r"|api\.vercel\.com/v1/integrations/deploy|api\.netlify\.com/build_hooks|/api/v1/deploy\b",
    re.I,
)
_DISPATCH: Final = lazily(
    r"/workflows/[^/\s]*(deploy|rollout|promote)[^/\s]*/dispatches|/deployments\b", re.I
)
_NOTIFIER: Final = lazily(
    r"hooks\.slack\.com|slack\.com/api|discord(app)?\.com/api/webhooks|webhook\.office\.com"
    r"|api\.telegram\.org|events\.pagerduty\.com|api\.opsgenie\.com"
    r"|(slack|discord|teams|mattermost|chat)_?(bot_?)?(webhook|hook|url|token)",
    re.I,
)
_HEALTH: Final = lazily(
    r"health|ready|readiness|livez|liveness|/status\b|/ping\b|/version\b|/up\b|smoke", re.I
)
_DOWNLOADED_TO: Final = frozenset({"-o", "--output", "-O", "--remote-name", "-OL", "-LO"})
_SENDS: Final = ("-d", "--data", "--data-raw", "--data-binary", "-F", "--form", "-T", "--json")
_REMOTE_TARGET: Final = lazily(r"[^/]*:(?!//)|\$\{?\w*(HOST|SERVER|TARGET|DEST|REMOTE)", re.I)
_STATUS_CODE: Final = lazily(r"http_code|response_code|--fail")


def _starts_database(command: ShellCommand) -> bool:
    return not command.remote and any(is_database_image(text) for text in command.texts[2:])


def _mirrors(command: ShellCommand) -> bool:
    told = [*command.texts, *(one.target.text for one in command.redirects if one.operator.startswith("<<"))]
    return any("mirror" in text and ("-R" in text or "--reverse" in text) for text in told)


def _is_remote(command: ShellCommand) -> bool:
    return command.remote


def _prunes_named_volumes(command: ShellCommand) -> bool:
    """Say whether volumes with a name go, too, on another machine; they stay without `--all`."""
    return command.remote and (command.has_letter("a") or command.has_flag("--all"))


def _names_remote(command: ShellCommand) -> bool:
    """Say whether a docker command is told to talk to another machine's daemon."""
    host = command.option("-H", "--host", "--context", "-c") or command.variable("DOCKER_HOST")
    return command.remote or (host is not None and host != "default" and not _is_file(host))


def _is_file(text: str) -> bool:
    return text.endswith((".yml", ".yaml")) or text.startswith("unix:")


def _copies_to_host(command: ShellCommand) -> bool:
    words = command.bare_words
    return len(words) > 1 and _REMOTE_TARGET.match(words[-1]) is not None


def _method(command: ShellCommand) -> str:
    method = command.option("-X", "--request")
    if method is not None:
        return method.upper()
    attached = next((text[2:] for text in command.texts if text[:2] == "-X"), "")
    if attached:
        return attached.upper()
    return "POST" if command.has_flag(*_SENDS) else "GET"


def _calls_hook(command: ShellCommand) -> bool:
    return any(_HOOK.search(text) for text in command.texts[1:])


def _dispatches(command: ShellCommand) -> bool:
    if _method(command) != "POST":
        return False
    return any(_DISPATCH.search(text) for text in command.texts[1:])


def _calls_notifier(command: ShellCommand) -> bool:
    return any(_NOTIFIER.search(text) for text in command.texts[1:])


def _checks_response(command: ShellCommand) -> bool:
    """Say whether a request fails, or is looked at, when the service does not answer well."""
    if _method(command) not in ("GET", "HEAD") or _downloads(command):
        return False
    health = any(_HEALTH.search(text) for text in command.texts[1:])
    looked_at = command.surroundings.condition or command.separator_after == "|"
    fails = command.has_letter("f") or command.has_flag("--fail", "--fail-with-body")
    coded = any(_STATUS_CODE.search(text) for text in command.texts)
    return fails or coded or (health and (looked_at or command.surroundings.substitution))


def _downloads(command: ShellCommand) -> bool:
    """Say whether the response is kept as a file or piped into an interpreter."""
    target = command.option("-o", "--output")
    if target is not None:
        return target != "/dev/null"
    if any(redirect.operator in (">", ">>") for redirect in command.redirects):
        return not any(r.target.text == "/dev/null" for r in command.redirects)
    if command.has_letter("o"):
        return "/dev/null" not in command.texts
    return command.has_flag(*_DOWNLOADED_TO) or command.has_letter("O") or _is_piped_on(command)


def _is_piped_on(command: ShellCommand) -> bool:
    """Say whether a fetched script or archive seems to go through a pipe rather than an answer."""
    if command.separator_after != "|":
        return False
    return any(re.search(r"\.(sh|tgz|gz|xz|zip|asc|gpg|key)\b|install|raw\.g", t) for t in command.texts)


def _spider(command: ShellCommand) -> bool:
    return command.has_flag("--spider")


_COMPOSE: Final = (
    row("up|restart", _DEPLOY, when=_names_remote, verifies="--wait", idempotent=True),
    row("pull|down|stop", _DEPLOY, when=_names_remote, idempotent=True),
    row(
        "up",
        _DEPLOY,
        requires=Mark.REMOTE_DOCKER,
        marks=Mark.TEST_DATABASE,
        verifies="--wait",
        idempotent=True,
    ),
    row("build", Role.BUILD),
    row("push", Role.PUBLISH),
)

_DOCKER: Final = (
    *(row_._replace(words=(frozenset({"compose"}), *row_.words)) for row_ in _COMPOSE),
    row("context use", marks=Mark.REMOTE_DOCKER),
    row("stack deploy", _DEPLOY, idempotent=True),
    row("stack rm", _DEPLOY, Role.TEARDOWN),
    row("service rollback", _DEPLOY, Role.ROLLBACK),
    row(
        "service update|create|scale",
        _DEPLOY,
        verifies=ALWAYS,
        unless="-d --detach",
        rolls_back="--update-failure-action",
        idempotent=True,
    ),
    row("service update|create|scale", _DEPLOY, rolls_back="--update-failure-action"),
    row("volume prune", Role.TEARDOWN, Role.DESTROY_DATA, when=_prunes_named_volumes),
    row("pull|run|restart|start", _DEPLOY, when=_names_remote),
    row("run", marks=Mark.TEST_DATABASE, when=_starts_database),
    row("buildx build", Role.BUILD, Role.PUBLISH, only="--push"),
    row("buildx build", Role.BUILD),
    row("buildx bake", Role.BUILD),
    row("build", Role.BUILD),
    row("push", Role.PUBLISH),
    row("manifest push", Role.PUBLISH),
    row("buildx imagetools create", Role.PUBLISH),
)

_CURL: Final = (
    row("", _DEPLOY, when=_calls_hook, verifies="--fail"),
    row("", _DEPLOY, when=_dispatches, probable=True),
    row("", _NOTIFY, when=_calls_notifier),
    row("", _VERIFY, when=_checks_response),
)

HOST_TABLES: Final[dict[str, tuple[Row, ...]]] = {
    "docker": _DOCKER,
    "docker-compose": _COMPOSE,
    "rsync": (row("", _DEPLOY, when=_copies_to_host, idempotent=True, unless="-n"),),
    "scp": (row("", _DEPLOY, when=_copies_to_host, idempotent=True),),
    "lftp": (row("", _DEPLOY, when=_mirrors),),
    "systemctl": (
        row("restart|reload|reload-or-restart|start", _DEPLOY, when=_is_remote, idempotent=True),
        row("start", marks=Mark.TEST_DATABASE, when=_starts_database),
        row("restart|reload|reload-or-restart", _DEPLOY, requires=Mark.SELF_HOSTED),
        row("is-active", _VERIFY),
    ),
    "service": (row("", _DEPLOY, when=lambda c: c.remote and c.texts[-1:] == ["restart"]),),
    "pg_ctl": (row("", marks=Mark.TEST_DATABASE, when=lambda c: "start" in c.texts),),
    "pg_ctlcluster": (row("", marks=Mark.TEST_DATABASE, when=lambda c: "start" in c.texts),),
    "initdb": (row("", marks=Mark.TEST_DATABASE),),
    "pm2": (
        row("reload|restart|startOrReload|startOrRestart|start|deploy", _DEPLOY, when=_is_remote),
        row("deploy", _DEPLOY),
        row("reload|restart", _DEPLOY, requires=Mark.SELF_HOSTED),
    ),
    "supervisorctl": (row("restart|update|reload", _DEPLOY, when=_is_remote),),
    "curl": _CURL,
    "wget": (
        row("", _DEPLOY, when=_calls_hook),
        row("", _VERIFY, when=_spider),
    ),
    "http": (row("", _VERIFY, only="--check-status"),),
    "https": (row("", _VERIFY, only="--check-status"),),
    "wait-on": (row("", _VERIFY),),
    "http-wait": (row("", _VERIFY),),
    "wait-for-it": (row("", _VERIFY),),
    "newman": (row("run", _VERIFY),),
    "k6": (row("run|cloud", _VERIFY),),
    "invoke-webrequest": (row("", _DEPLOY, when=_calls_hook), row("", _VERIFY)),
    "datadog-ci": (row("deployment gate", _VERIFY), row("synthetics run-tests", _VERIFY)),
    "gh": (
        row("release create|upload", Role.PUBLISH),
        row("issue create", _NOTIFY),
        row(
            "workflow run",
            _DEPLOY,
            probable=True,
            when=lambda c: any(re.search(r"deploy|rollout|promote", t) for t in c.texts[3:]),
        ),
    ),
}
"""By canonical tool name; of several rows the first that fits applies."""
