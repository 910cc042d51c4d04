"""Pipelines of GitLab in several files: names count in all of them, and each is told of its own faults."""

from tests.checking import check_rule

_ROOT = """\
stages: [build, test]
include:
  - local: ci/base.yml
  - local: /ci/jobs.yml
a:
  extends: .base
  stage: build
b:
  extends: .bse
  stage: test
  needs: [a, lint, lnt]
  script: [docker compose -f other.yml up]
"""
_JOBS = """\
lint:
  extends: .base
  stage: test
  needs: [gone]
deploy:
  stage: deploy
  script: [x]
"""
_FILES = {
    ".gitlab-ci.yml": _ROOT,
    "ci/base.yml": ".base:\n  script: [make]\n",
    "ci/jobs.yml": _JOBS,
    "other.yml": "services:\n  a:\n    image: node:22\n",
}


def places(rule: str, files: dict[str, str]) -> list[tuple[str, int]]:
    return [(one.path, one.line) for one in check_rule(rule, files)]


def test_names_count_in_all_files() -> None:
    assert places("unknown-job-template", _FILES) == [(".gitlab-ci.yml", 9)]
    assert places("unknown-needed-job", _FILES) == [(".gitlab-ci.yml", 11), ("ci/jobs.yml", 4)]
    assert places("unknown-stage", _FILES) == [("ci/jobs.yml", 6)]
    assert places("unknown-pipeline-key", _FILES) == []


def test_what_comes_from_elsewhere_may_have_any_name() -> None:
    remote = {
        **_FILES,
        "ci/base.yml": "include: [{remote: https://example.com/a.yml}]\n.base:\n  script: [x]\n",
    }
    assert places("unknown-job-template", remote) == []
    assert places("unknown-needed-job", remote) == []


def test_a_job_in_two_files_is_put_together() -> None:
    files = {
        ".gitlab-ci.yml": "include: [{local: ci/a.yml}]\na:\n  stage: build\n",
        "ci/a.yml": "a:\n  script: [make]\n",
    }
    assert places("missing-pipeline-key", files) == []


def test_circles_through_several_files_are_told_once() -> None:
    files = {
        ".gitlab-ci.yml": "include: [{local: ci/a.yml}]\nb:\n  needs: [a]\n  script: [x]\n",
        "ci/a.yml": "a:\n  needs: [b]\n  script: [x]\n",
    }
    assert places("needs-cycle", files) == [("ci/a.yml", 2)]
