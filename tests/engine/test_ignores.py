"""What ignore comments silence, when they lapse, and what is said about them."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import Seen, check

WORKER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
spec:
  replicas: 2
{above}  revisionHistoryLimit: 0{beside}
  selector:
    matchLabels: {{app: worker}}
  template:
    metadata:
      labels: {{app: worker}}
    spec:
      containers:
        - name: worker
          image: registry.example/worker:2.0.1
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
"""


def found(above: str = "", beside: str = "", settings: Settings | None = None) -> list[tuple[str, int]]:
    text = WORKER.format(above=above, beside=beside)
    return [(one.rule, one.line) for one in check({"k8s/w.yaml": text}, settings)]


def test_without_a_comment_it_is_reported() -> None:
    assert found() == [("rollback-disabled", 7)]


@pytest.mark.parametrize(
    ("above", "beside"),
    [
        ("", "  # rollsafe: ignore[rollback-disabled] -- why"),
        ("  # rollsafe: ignore[rollback-disabled] -- why\n", ""),
        ("  # rollsafe: ignore[rollback-disabled] -- why\n\n  # another comment\n", ""),
        ("", "  # rollsafe: ignore[rollback-disabled] until=2026-06-01 -- why"),
        ("# rollsafe: ignore-file[rollback-disabled] -- why\n", ""),
        ("", "  #rollsafe:ignore[ rollback-disabled ] -- why"),
    ],
)
def test_silenced(above: str, beside: str) -> None:
    assert found(above, beside) == []


def test_the_element_that_begins_there_is_meant_too() -> None:
    text = "# rollsafe: ignore[rollback-disabled] -- the registry keeps releases\n" + WORKER
    assert check({"k8s/w.yaml": text.format(above="", beside="")}) == []


LAPSED = ["expired-ignore", "rollback-disabled"]


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("  # rollsafe: ignore[rollback-disabled] until=2026-05-31 -- why", LAPSED),
        ("  # rollsafe: ignore[rollback-disabled] until=soon -- why", LAPSED),
        ("  # rollsafe: ignore -- why", ["rollback-disabled", "unexplained-ignore"]),
        ("  # rollsafe: ignore[rollback-disabled]", ["unexplained-ignore"]),
        ("  # rollsafe: ignore[rollback-disable] -- why", ["rollback-disabled", "unused-ignore"]),
        ("  # rollsafe: ignore[rollback-disabled, unbounded-job] -- why", ["unused-ignore"]),
    ],
)  # fmt: skip
def test_comments_are_judged(beside: str, expected: list[str]) -> None:
    assert sorted(rule for rule, _ in found(beside=beside)) == expected


def test_a_rule_that_does_not_run_is_not_called_unused() -> None:
    comment = "  # rollsafe: ignore[rollback-disabled] -- why"
    assert found(beside=comment, settings=Settings(ignore=("rollback-disabled",))) == []


def test_text_inside_of_a_value_is_no_comment() -> None:
    note = "  strategy: {type: 'x#rollsafe: ignore[rollback-disabled]'}\n"
    text = WORKER.format(above=note, beside="")
    assert "rollback-disabled" in {one.rule for one in check({"k8s/w.yaml": text})}


def test_sql_and_dockerfile_comments() -> None:
    dockerfile = (
        '# rollsafe: ignore[floating-image-tag] -- mirrored by date\nFROM node:latest\nCMD ["node"]\n'
    )
    assert [one for one in check({"Dockerfile": dockerfile}) if one.rule == "floating-image-tag"] == []


def test_settings_change_severity_and_switch_off() -> None:
    text = WORKER.format(above="", beside="")
    off = check({"k8s/w.yaml": text}, Settings(severity={"rollback-disabled": "off"}))
    assert off == []
    only: list[Seen] = check({"k8s/w.yaml": text}, Settings(select=("workflow-orchestrator",)))
    assert only == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Dockerfile", "# hadolint ignore=DL3006\nFROM node\n"),
        ("Dockerfile", "# hadolint global ignore=DL3008,DL3007\nFROM node:latest\n"),
        ("migrations/0002_b.up.sql", "-- squawk-ignore ban-drop-column\nALTER TABLE t DROP COLUMN c;\n"),
        ("migrations/0002_b.up.sql", "/* squawk-ignore-file */\nALTER TABLE t DROP COLUMN c;\n"),
    ],
)
def test_what_was_judged_in_another_tool_is_left_alone(path: str, text: str) -> None:
    rules = {"floating-image-tag", "column-dropped"}
    assert not [one for one in check({path: text}) if one.rule in rules]


def test_comments_of_other_tools_speak_of_their_place_and_rule_alone() -> None:
    text = "# hadolint ignore=DL3008\nFROM node\n"
    assert "floating-image-tag" in [one.rule for one in check({"Dockerfile": text})]
    text = "-- squawk-ignore ban-drop-column\nALTER TABLE t DROP COLUMN c;\nALTER TABLE t DROP COLUMN d;\n"
    found = check({"migrations/0002_b.up.sql": text})
    assert [one.line for one in found if one.rule == "column-dropped"] == [3]
