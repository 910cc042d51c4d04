"""Rules about the powers of containers, where context decides."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import Seen, check, check_rule, open_project

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: app
spec:
{pod}
  containers:
    - name: main
      image: registry.example/app:1.4.2
      securityContext:
{own}
"""


def of(rule: str, own: str, pod: str = "restartPolicy: Always", path: str = "k8s/app.yaml") -> list[Seen]:
    indented = "\n".join(f"        {line}" for line in own.splitlines())
    settings = "\n".join(f"  {line}" for line in pod.splitlines())
    return check_rule(rule, {path: POD.format(pod=settings, own=indented)})


def message(rule: str, own: str, pod: str = "restartPolicy: Always") -> str:
    (found,) = of(rule, own, pod)
    return found.message


COMPLETE = """\
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [all]}"""
OF_THE_POD = """\
securityContext:
  runAsNonRoot: true
  runAsUser: 12000
  runAsGroup: 12000
  seccompProfile: {type: RuntimeDefault}"""


def test_what_the_pod_says_is_inherited() -> None:
    assert of("unhardened-container", COMPLETE, OF_THE_POD) == []


@pytest.mark.parametrize("setting", ["allowPrivilegeEscalation: false", "readOnlyRootFilesystem: true"])
def test_what_only_containers_have_is_not_inherited(setting: str) -> None:
    left = "\n".join(line for line in COMPLETE.splitlines() if line != setting)
    assert len(of("unhardened-container", left, f"{OF_THE_POD}\n  {setting}")) == 1


def test_a_container_decides_against_its_pod() -> None:
    own = f"{COMPLETE}\nrunAsUser: 0\nrunAsNonRoot: false"
    assert "told to run as root" in message("container-runs-as-root", own, OF_THE_POD)
    assert of("container-runs-as-root", "runAsNonRoot: true", "securityContext: {runAsUser: 12000}") == []


def test_settings_a_template_fills_in_are_not_missing() -> None:
    own = "{{- toYaml .Values.securityContext | nindent 8 }}"
    text = POD.format(pod="  restartPolicy: Always", own=f"        {own}")
    assert check_rule("unhardened-container", {"chart/templates/pod.yaml": text}) == []


def test_windows_knows_nothing_of_linux_settings() -> None:
    assert of("unhardened-container", "privileged: false", "os: {name: windows}") == []


def test_a_user_namespace_makes_ids_its_own() -> None:
    own = f"{COMPLETE}\nrunAsNonRoot: true\nseccompProfile: {{type: RuntimeDefault}}"
    assert of("unhardened-container", own, "hostUsers: false") == []
    assert of("low-user-id", f"{own}\nrunAsUser: 1000", "hostUsers: false") == []


def test_agents_of_nodes_are_for_auditors() -> None:
    text = POD.format(pod="  restartPolicy: Always", own="        privileged: true")
    assert "privileged-container" in {
        one.rule for one in check({"k8s/a.yaml": text}, Settings(level="pedantic"))
    }
    system = text.replace("  name: app", "  name: app\n  namespace: kube-system")
    for path, one in (("k8s/a.yaml", system), ("examples/dev/a.yaml", text)):
        found = {seen.rule for seen in check({path: one}, Settings(level="pedantic"))}
        assert "privileged-container" not in found


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("privileged: true\nallowPrivilegeEscalation: false", "privileged: true"),
        ("capabilities: {add: [CAP_SYS_ADMIN]}\nallowPrivilegeEscalation: false", "CAP_SYS_ADMIN"),
        ("runAsUser: 0\nrunAsNonRoot: true", "never starts"),
    ],
)
def test_contradictions_are_refused(own: str, words: str) -> None:
    assert words in message("refused-security-context", own)


def test_what_the_api_server_takes_is_not_refused() -> None:
    own = "capabilities: {add: [SYS_ADMIN]}\nallowPrivilegeEscalation: false"
    assert of("refused-security-context", own) == []


@pytest.mark.parametrize("value", ["RuntimeDefault", "Localhost", "{{ .Values.profile }}"])
def test_profiles_that_confine_are_no_weakness(value: str) -> None:
    assert of("weakened-isolation", f"seccompProfile: {{type: '{value}'}}") == []


@pytest.mark.parametrize("name", ["net.ipv4.tcp_syncookies", "net.ipv4.ip_local_port_range"])
def test_safe_sysctls_are_safe(name: str) -> None:
    assert (
        of("weakened-isolation", "privileged: false", f"securityContext: {{sysctls: [{{name: {name}}}]}}")
        == []
    )


def test_the_port_of_web_servers_is_allowed_with_its_capability() -> None:
    own = "capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}"
    assert of("powerful-capability-added", own) == []
    assert len(of("powerful-capability-added", "capabilities: {add: [NET_BIND_SERVICE]}")) == 1


SOCKET = "volumes:\n  - name: engine\n    hostPath: {path: %s}"


@pytest.mark.parametrize("path", ["/var/run/docker.sock", "/run/containerd/containerd.sock", "/var/run/"])
def test_sockets_of_engines_are_known(path: str) -> None:
    assert len(of("engine-socket-mounted", "privileged: false", SOCKET % path)) == 1
    assert of("host-path-mounted", "privileged: false", SOCKET % path) == []


def test_wrapped_pod_templates_are_judged() -> None:
    knative = """\
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: app}
spec:
  template:
    spec:
      hostPID: true
      containers:
        - name: main
          image: registry.example/app:1.4.2
          securityContext: {privileged: true}
"""
    found = {one.rule for one in check({"k8s/app.yaml": knative}, Settings(level="pedantic"))}
    assert {"privileged-container", "host-namespace-shared"} <= found


ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: app}
rules:
  - apiGroups: ["%s"]
    resources: [%s]
    verbs: [%s]
"""


@pytest.mark.parametrize(
    ("group", "resources", "verbs", "words"),
    [
        ("*", '"*"', '"*"', "do everything"),
        ("", "secrets", "list", "secrets"),
        ("", "pods/exec", "create", "run commands"),
        ("apps", "deployments", "create", "what runs"),
        ("rbac.authorization.k8s.io", "clusterroles", "bind", "give out rights"),
        ("", "users", "impersonate", "act as somebody else"),
        ("", "nodes/proxy", "get", "kubelets"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "update", "webhooks"),
        ("certificates.k8s.io", "certificatesigningrequests/approval", "update", "certificates"),
        ("", "pods/log", "delete", "pods/log"),
        ("", "configmaps", "update", "configmaps"),
        ("", "services", "update", "gets traffic"),
    ],
)
def test_powers_of_roles_are_known(group: str, resources: str, verbs: str, words: str) -> None:
    (found,) = check_rule("sweeping-role", {"k8s/role.yaml": ROLE % (group, resources, verbs)})
    assert words in found.message


@pytest.mark.parametrize(
    ("group", "resources", "verbs"),
    [
        ("", "pods", "get, list, watch"),
        ("", "configmaps", "get"),
        ("", "pods/log", "get"),
        ("apps", "secrets", "get"),
    ],
)
def test_modest_roles_are_left_alone(group: str, resources: str, verbs: str) -> None:
    assert check_rule("sweeping-role", {"k8s/role.yaml": ROLE % (group, resources, verbs)}) == []


def test_an_account_with_a_role_needs_its_token() -> None:
    text = """\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  serviceAccountName: app
  containers: [{name: main, image: "registry.example/app:1.4.2"}]
"""
    binding = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: app}
roleRef: {kind: Role, name: app, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: app}]
"""
    rule = "service-account-token-mounted"
    assert len(check_rule(rule, {"k8s/app.yaml": text})) == 1
    assert check_rule(rule, {"k8s/app.yaml": text, "k8s/binding.yaml": binding}) == []


BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: wide}}
rules:
  - apiGroups: [{group}]
    resources: [{resource}]
    verbs: [{verb}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: wide}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: wide}}
subjects:
  - {{kind: {subject}, name: worker, namespace: shop}}
"""


@pytest.mark.parametrize(
    ("group", "resource", "verb", "name"),
    [
        ("rbac.authorization.k8s.io", "rolebindings", "bind", "checkov:CKV2_K8S_1"),
        ("''", "nodes/proxy", "create", "checkov:CKV2_K8S_2"),
        ("''", "pods/exec", "create", "checkov:CKV2_K8S_2"),
        ("''", "users", "impersonate", "checkov:CKV2_K8S_3"),
        ("''", "secrets", "list", "checkov:CKV2_K8S_5"),
    ],
)
def test_a_way_to_more_rights_for_a_program(group: str, resource: str, verb: str, name: str) -> None:
    for subject, known in (("ServiceAccount", True), ("User", False)):
        text = BINDING.format(group=group, resource=resource, verb=verb, subject=subject)
        project = open_project({"k8s/rbac.yaml": text}, Settings(level="auditor"))
        everything = project.engine.all_findings()
        (found,) = (one for one in everything if one.rule.name == "binding-to-sweeping-role")
        assert (name in (found.equivalents or ())) is known
    harmless = BINDING.format(group=group, resource="pods", verb="get", subject="ServiceAccount")
    assert check_rule("binding-to-sweeping-role", {"k8s/rbac.yaml": harmless}) == []
