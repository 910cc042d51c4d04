"""What other checkers are told to leave alone in a manifest is left alone."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check

AUDITOR = Settings(level="auditor")
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  annotations:
    {annotation}
spec:
  hostPID: true
  containers:
    - name: main
      image: registry.example/agent:1.4.2
      securityContext:
        privileged: true
"""
PLAIN = 'note: "nothing"'


def rules(text: str) -> set[str]:
    return {one.rule for one in check({"k8s/pod.yaml": text}, AUDITOR)}


def pod(annotation: str, name: str = "agent") -> str:
    return POD.format(annotation=annotation, name=name)


@pytest.mark.parametrize(
    ("annotation", "silent"),
    [
        ('ignore-check.kube-linter.io/host-pid: "it reads processes"', "host-namespace-shared"),
        ('ignore-check.kube-linter.io/privileged-container: ""', "privileged-container"),
        ("kube-score/ignore: pod-probes,container-security-context-privileged", "privileged-container"),
        ('polaris.fairwinds.com/hostPIDSet-exempt: "true"', "host-namespace-shared"),
        ('polaris.fairwinds.com/exempt: "true"', "privileged-container"),
        ('kube-linter.io/ignore-all: "third party"', "host-namespace-shared"),
        ("checkov.io/skip1: CKV_K8S_16=It needs the devices", "privileged-container"),
    ],
)
def test_annotations_speak_of_their_object(annotation: str, silent: str) -> None:
    other = {"host-namespace-shared", "privileged-container"} - {silent}
    assert silent in rules(pod(PLAIN))
    found = rules(pod(annotation))
    assert silent not in found
    assert "exempt:" in annotation or "all:" in annotation or other <= found
    assert silent in rules(f"{pod(annotation)}---\n{pod(PLAIN, 'other')}")


def test_an_exemption_that_is_switched_off_says_nothing() -> None:
    assert "host-namespace-shared" in rules(pod('polaris.fairwinds.com/hostPIDSet-exempt: "false"'))


def test_items_of_a_list_are_objects_of_their_own() -> None:
    first = pod('ignore-check.kube-linter.io/host-pid: "why"').replace("\n", "\n    ").rstrip()
    second = pod(PLAIN, "other").replace("\n", "\n    ").rstrip()
    text = f"apiVersion: v1\nkind: List\nitems:\n  - {first}\n  - {second}\n"
    found = [
        one.line for one in check({"k8s/pod.yaml": text}, AUDITOR) if one.rule == "host-namespace-shared"
    ]
    assert found == [4 + first.count("\n") + 1 + 7]


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# checkov:skip=CKV_K8S_17:it reads processes", "host-namespace-shared"),
        ("# trivy:ignore:AVD-KSV-0017", "privileged-container"),
        ("#trivy:ignore:KSV010", "host-namespace-shared"),
    ],
)
def test_a_comment_above_a_document_speaks_of_it(comment: str, silent: str) -> None:
    assert silent not in rules(f"{comment}\n{pod(PLAIN)}")
    assert silent in rules(f"{pod(PLAIN)}---\n{comment}\n{pod(PLAIN, 'other')}")


def test_a_comment_above_a_key_speaks_of_that_block() -> None:
    text = pod(PLAIN).replace("  hostPID: true", "  # trivy:ignore:AVD-KSV-0010\n  hostPID: true")
    assert "host-namespace-shared" not in rules(text)
    assert "privileged-container" in rules(text)


def test_what_is_ignored_of_a_container_leaves_the_rest() -> None:
    annotated = pod('ignore-check.kube-linter.io/no-read-only-root-fs: "it writes"')
    (found,) = [
        one.message
        for one in check({"k8s/pod.yaml": annotated}, AUDITOR)
        if one.rule == "unhardened-container"
    ]
    assert "writable root filesystem" not in found
    assert "undropped capabilities" in found


@pytest.mark.parametrize(
    "text", ["kube-score/ignore: a", "  checkov.io/skip1: CKV_K8S_1", "# trivy:ignore:KSV1"]
)
def test_scraps_of_files_are_read(text: str) -> None:
    check({"k8s/pod.yaml": f"apiVersion: v1\nkind: Pod\n{text}\n"}, AUDITOR)
