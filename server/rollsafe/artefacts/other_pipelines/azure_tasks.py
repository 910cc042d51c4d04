"""What tasks of Azure are for."""

from collections.abc import Mapping
from typing import Final

from rollsafe.artefacts.recognition import Classification, Role, classify, role_of_name
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.formats.shell import read_shell

_DEPLOYING: Final = frozenset(
    listed(
        "azurewebapp azurermwebappdeployment azurefunctionapp azurecontainerapps azurespringcloud"
        " azurefunctionappcontainer azurewebappcontainer azureappservicemanage azurestaticwebapp"
        " azureresourcemanagertemplatedeployment azureresourcegroupdeployment servicefabricdeploy"
        " servicefabriccomposedeploy iiswebappdeploymentonmachinegroup azurefilecopy copyfilesoverssh"
        " windowsmachinefilecopy azurevmssdeployment lambdadeployfunction beanstalkdeployapplication"
        " cloudformationcreateorupdatestack codedeploydeployapplication s3upload"
    )
)
_MIGRATING: Final = frozenset(
    listed("sqlazuredacpacdeployment sqldacpacdeploymentonmachinegroup azuremysqldeployment")
)
_KUBERNETES: Final = frozenset(listed("apply create set patch rollout replace"))
_MANIFEST: Final = frozenset(listed("deploy promote patch scale"))
_SETTLED: Final = frozenset({"kubernetesmanifest", "helmdeploy"})
"""Tasks that wait until what they deploy is there."""


def classify_task(name: str, inputs: Mapping[str, str]) -> Classification | None:
    """Say what the task `name`, without its version, is for with these inputs; None for others."""
    command = (inputs.get("command") or inputs.get("action") or "").lower()
    lowered = name.lower()
    if lowered == "awscli":
        words = (inputs.get(key, "") for key in ("awsCommand", "awsSubCommand", "awsArguments"))
        script = read_shell(f"aws {' '.join(words)}")
        return next((found for one in script.commands if (found := classify(one)) is not None), None)
    roles = _roles(lowered, command, inputs)
    if not roles:
        return None
    waits = lowered in _SETTLED and inputs.get("waitForExecution", "true").lower() != "false"
    return Classification(name, frozenset(roles), command, self_verifying=waits and Role.DEPLOY in roles)


def _roles(name: str, command: str, inputs: Mapping[str, str]) -> set[Role]:
    if name in _DEPLOYING or name in _MIGRATING:
        return {Role.MIGRATE} if name in _MIGRATING else {Role.DEPLOY}
    match name:
        case "kubernetes":
            return {Role.DEPLOY} if command in _KUBERNETES else set()
        case "kubernetesmanifest":
            return {Role.DEPLOY} if command in _MANIFEST else set()
        case "helmdeploy":
            return _of_helm(command)
        case "docker":
            return {Role.BUILD, Role.PUBLISH} if command in ("push", "buildandpush", "") else {Role.BUILD}
        case "ecrpushimage" | "nugetcommand":
            return {Role.PUBLISH} if name == "ecrpushimage" or command == "push" else set()
        case _:
            return _of_build(name, command, inputs)


def _of_helm(command: str) -> set[Role]:
    if command == "rollback":
        return {Role.DEPLOY, Role.ROLLBACK}
    if command in ("uninstall", "delete"):
        return {Role.DEPLOY, Role.TEARDOWN}
    return {Role.DEPLOY} if command in ("upgrade", "install") else set()


def _of_build(name: str, command: str, inputs: Mapping[str, str]) -> set[Role]:
    if name.startswith("terraform") and command in ("apply", "destroy"):
        return {Role.DEPLOY} if command == "apply" else {Role.DEPLOY, Role.TEARDOWN}
    if name == "vstest" or (name == "dotnetcorecli" and command == "test"):
        return {Role.TEST}
    if name == "maven":
        goals = inputs.get("goals", "package")
        return {Role.BUILD} if "skipTests" in inputs.get("options", "") + goals else {Role.TEST, Role.BUILD}
    if name == "gradle":
        tasks = inputs.get("tasks", "build").split()
        return {Role.TEST, Role.BUILD} if {"build", "test", "check"} & {*tasks} else {Role.BUILD}
    if name == "npm" and command == "custom":
        role = role_of_name(inputs.get("customCommand", "").removeprefix("run "))
        return {Role.TEST} if role is Role.TEST else set()
    return set()
