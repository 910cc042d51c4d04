"""Kubernetes and infrastructure tools."""

from typing import Final

from rollsafe.artefacts.recognition.roles import Mark, Role
from rollsafe.artefacts.recognition.rows import ALWAYS, Row, row
from rollsafe.formats.shell import ShellCommand
from rollsafe.text.patterns import lazily

_DEPLOY, _TEARDOWN, _ROLLBACK = Role.DEPLOY, Role.TEARDOWN, Role.ROLLBACK
_VERIFY, _PLAN, _BUILD, _PUBLISH = Role.VERIFY, Role.PLAN, Role.BUILD, Role.PUBLISH

_LASTING: Final = lazily(
    r"(ns|namespaces?|pvc|persistentvolumeclaims?|pv|persistentvolumes?|deploy(ments?)?|sts"
    r"|statefulsets?|crds?|customresourcedefinitions?|svc|services?|ing|ingress(es)?|all)(\.|/|,|$)"
)

_HELM_WAIT: Final = "--wait --atomic --rollback-on-failure"
_HELM_BACK: Final = "--atomic --rollback-on-failure --cleanup-on-fail"


def _deletes_lasting(command: ShellCommand) -> bool:
    """Say whether `kubectl delete` removes more than pods, jobs and other things that come back."""
    if command.has_flag("-f", "--filename", "-k", "--kustomize"):
        return True
    return any(_LASTING.match(operand) for operand in command.operands[1:])


def _not_created_for_pipe(command: ShellCommand) -> bool:
    """Leave out `create … -o yaml`, which only prints."""
    return "yaml" not in (command.option("-o", "--output") or "")


def _applies_saved_undo(command: ShellCommand) -> bool:
    return command.has_flag("-destroy", "--destroy")


def _checks_status(command: ShellCommand) -> bool:
    return command.option("--status-check") != "false"


_KUBECTL: Final = (
    row("rollout status", _VERIFY),
    row("wait", _VERIFY),
    row("rollout undo", _DEPLOY, _ROLLBACK),
    row("rollout restart", _DEPLOY),
    row("argo rollouts status", _VERIFY),
    row("argo rollouts undo|abort", _DEPLOY, _ROLLBACK),
    row("argo rollouts promote|set|restart", _DEPLOY),
    row("cnpg promote|restart|reload|destroy", _DEPLOY),
    row("set image|env|resources", _DEPLOY, idempotent=True),
    row("apply view-last-applied|edit-last-applied"),
    row("apply|replace", _DEPLOY, idempotent=True),
    row("create", _DEPLOY, when=_not_created_for_pipe),
    row("patch|scale|autoscale|expose|run", _DEPLOY, idempotent=True),
    row("delete", _DEPLOY, _TEARDOWN, when=_deletes_lasting),
    row("delete", _DEPLOY),
    row("diff", _PLAN),
)

_HELM: Final = (
    row("upgrade", _DEPLOY, verifies=_HELM_WAIT, rolls_back=_HELM_BACK, idempotent=True),
    row("install", _DEPLOY, verifies=_HELM_WAIT, rolls_back=_HELM_BACK),
    row("rollback", _DEPLOY, _ROLLBACK, verifies="--wait"),
    row("uninstall|delete", _DEPLOY, _TEARDOWN),
    row("test", _VERIFY),
    row("push|cm-push", _PUBLISH),
    row("diff", _PLAN),
)

_TERRAFORM: Final = (
    row("apply", _DEPLOY, _TEARDOWN, when=_applies_saved_undo),
    row("apply|refresh", _DEPLOY),
    row("destroy", _DEPLOY, _TEARDOWN),
    row("import", _DEPLOY),
    row("state rm|mv|push", _DEPLOY),
    row("plan", _PLAN),
)

_TERRAGRUNT: Final = (
    row("run-all|run apply", _DEPLOY),
    row("run-all|run destroy", _DEPLOY, _TEARDOWN),
    row("run-all|run plan", _PLAN),
    row("apply|apply-all|import", _DEPLOY),
    row("destroy|destroy-all", _DEPLOY, _TEARDOWN),
    row("plan|plan-all", _PLAN),
)

_OPENSHIFT: Final = (
    row("rollout status", _VERIFY),
    row("wait", _VERIFY),
    row("rollout undo|cancel", _DEPLOY, _ROLLBACK),
    row("rollback", _DEPLOY, _ROLLBACK),
    row("apply|replace|set|patch|scale|rollout|new-app|create|start-build", _DEPLOY),
    row("delete", _DEPLOY, _TEARDOWN, when=_deletes_lasting),
)

_CDK: Final = (
    row(
        "deploy",
        _DEPLOY,
        verifies=ALWAYS,
        rolls_back=ALWAYS,
        idempotent=True,
        unless="--no-rollback --no-execute",
    ),
    row("deploy", _DEPLOY, verifies=ALWAYS, idempotent=True, unless="--no-execute"),
    row("destroy", _DEPLOY, _TEARDOWN),
    row("diff|synth", _PLAN),
)

CLUSTER_TABLES: Final[dict[str, tuple[Row, ...]]] = {
    "kubectl": _KUBECTL,
    "helm": _HELM,
    "oc": _OPENSHIFT,
    "terraform": _TERRAFORM,
    "terragrunt": _TERRAGRUNT,
    "cdk": _CDK,
    "helmfile": (
        row("apply|sync", _DEPLOY, verifies="--wait", idempotent=True),
        row("destroy|delete", _DEPLOY, _TEARDOWN),
        row("diff", _PLAN),
    ),
    "werf": (
        row("converge|bundle", _DEPLOY, verifies=ALWAYS, rolls_back="--auto-rollback -R"),
        row("dismiss", _DEPLOY, _TEARDOWN),
        row("build", _BUILD),
    ),
    "skaffold": (
        row("run|deploy|apply", _DEPLOY, verifies=ALWAYS, when=_checks_status),
        row("run|deploy|apply", _DEPLOY),
        row("delete", _DEPLOY, _TEARDOWN),
        row("build", _BUILD),
        row("verify", _VERIFY),
    ),
    "ko": (row("apply|create", _DEPLOY), row("build|publish|resolve", _BUILD, _PUBLISH)),
    "kapp": (
        row("deploy|app-group", _DEPLOY, verifies=ALWAYS, unless="--diff-run"),
        row("delete", _DEPLOY, _TEARDOWN),
    ),
    "tanka": (row("apply", _DEPLOY), row("delete|prune", _DEPLOY, _TEARDOWN), row("diff", _PLAN)),
    "devspace": (row("deploy", _DEPLOY), row("purge", _DEPLOY, _TEARDOWN)),
    "okteto": (row("deploy", _DEPLOY), row("destroy", _DEPLOY, _TEARDOWN)),
    "garden": (row("deploy", _DEPLOY), row("test", Role.TEST)),
    "argocd": (
        row("app wait", _VERIFY),
        row("app rollback", _DEPLOY, _ROLLBACK),
        row("app sync|set|create|patch|actions", _DEPLOY, idempotent=True),
        row("app delete", _DEPLOY, _TEARDOWN),
        row("app diff", _PLAN),
    ),
    "kubectl-argo-rollouts": (
        row("status", _VERIFY),
        row("undo|abort", _DEPLOY, _ROLLBACK),
        row("promote|set|restart", _DEPLOY),
    ),
    "flux": (
        row("reconcile", _DEPLOY, verifies=ALWAYS, idempotent=True),
        row("push artifact", _DEPLOY),
        row("bootstrap|create", _DEPLOY, unless="--export"),
        row("delete", _DEPLOY, _TEARDOWN),
        row("diff", _PLAN),
    ),
    "pulumi": (
        row("up|update|refresh", _DEPLOY, unless="--preview-only"),
        row("destroy", _DEPLOY, _TEARDOWN),
        row("preview", _PLAN),
    ),
    "cdktf": (row("deploy|apply", _DEPLOY), row("destroy", _DEPLOY, _TEARDOWN)),
    "sst": (row("deploy", _DEPLOY, verifies=ALWAYS), row("remove", _DEPLOY, _TEARDOWN)),
    "sam": (
        row("deploy", _DEPLOY, verifies=ALWAYS, rolls_back=ALWAYS, unless="--disable-rollback"),
        row("deploy", _DEPLOY, verifies=ALWAYS),
        row("sync", _DEPLOY, verifies=ALWAYS),
        row("delete", _DEPLOY, _TEARDOWN),
        row("build|package", _BUILD),
    ),
    "bicep": (row("deploy", _DEPLOY),),
    "ansible-playbook": (
        row("", _DEPLOY, unless="--check -C --syntax-check --list-tasks --list-hosts --list-tags"),
    ),
    "nixos-rebuild": (row("switch|boot", _DEPLOY),),
    "packer": (row("build", _BUILD),),
    "nomad": (
        row("job run", _DEPLOY, verifies=ALWAYS, unless="-detach --detach"),
        row("run", _DEPLOY, verifies=ALWAYS, unless="-detach --detach"),
        row("job run", _DEPLOY),
        row("run", _DEPLOY),
        row("job revert", _DEPLOY, _ROLLBACK),
        row("job stop", _DEPLOY, _TEARDOWN),
        row("job plan", _PLAN),
    ),
    "waypoint": (row("up|deploy|release", _DEPLOY), row("destroy", _DEPLOY, _TEARDOWN)),
    "crossplane": (row("install|upgrade", _DEPLOY),),
    "curl": (
        row("", marks=Mark.LOCAL_CLUSTER, when=lambda c: any("get.k3s.io" in text for text in c.texts)),
    ),
    "k3s": (row("server|agent", marks=Mark.LOCAL_CLUSTER),),
    "kind": (row("create cluster", marks=Mark.LOCAL_CLUSTER),),
    "minikube": (row("start", marks=Mark.LOCAL_CLUSTER),),
    "k3d": (row("cluster create", marks=Mark.LOCAL_CLUSTER),),
    "k0s": (row("start|install", marks=Mark.LOCAL_CLUSTER),),
    "microk8s": (row("start|enable|status", marks=Mark.LOCAL_CLUSTER),),
    "ct": (
        row("install|lint-and-install", Role.TEST, marks=Mark.LOCAL_CLUSTER),
        row("lint", Role.TEST),
    ),
    "eksctl": (
        row("create|upgrade|scale", _DEPLOY),
        row("delete", _DEPLOY, _TEARDOWN),
    ),
}
"""By canonical tool name; of several rows the first that fits applies."""
