"""What `--verbose` says of files of a deployment that are not understood, or not wholly."""

import pytest

from tests.cli.conftest import DEPLOYMENT, Repository

KUSTOMIZATION = "resources:\n  - {resource}\n"
CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
OBJECT = "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: shop\n"


def gaps(repository: Repository) -> list[str]:
    lines = repository.run("check", "--verbose", "--exit-zero", ".").out.splitlines()
    return [line for line in lines if ": not understood: " in line]


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("https://example.com/base?ref=v1", "is not in the project: what it brings is not known"),
        ("../../elsewhere", "is not in the project: what it brings is not known"),
        ("base", "is not in the project: what it brings is not known"),
        ("notes.yaml", "holds no object that is read"),
    ],
)
def test_what_a_kustomization_builds_from(repository: Repository, resource: str, reason: str) -> None:
    repository.write("notes.yaml", "title: nothing\n")
    repository.write("kustomization.yaml", KUSTOMIZATION.format(resource=resource))
    assert gaps(repository) == [f"kustomization.yaml:2:5: not understood: `{resource}` {reason}"]


def test_no_password_of_a_remote_base_is_shown(repository: Repository) -> None:
    repository.write("kustomization.yaml", KUSTOMIZATION.format(resource="https://me:hunter2@example.com/b"))
    assert "`https://example.com/b`" in gaps(repository)[0]


def test_a_kustomization_of_what_is_here_has_no_gap(repository: Repository) -> None:
    repository.write("base/kustomization.yaml", KUSTOMIZATION.format(resource="web.yaml"))
    repository.write("base/web.yaml", DEPLOYMENT)
    repository.write("overlays/live/kustomization.yaml", KUSTOMIZATION.format(resource="../../base"))
    assert gaps(repository) == []


def test_charts_and_transformers_of_a_kustomization(repository: Repository) -> None:
    text = "helmCharts:\n  - name: redis\n    version: 1.0.0\ntransformers:\n  - labels.yaml\n"
    repository.write("kustomization.yaml", text)
    assert gaps(repository) == [
        "kustomization.yaml:2:5: not understood: the objects of chart `redis` are made when it is built",
        "kustomization.yaml:4:1: not understood: what `transformers` makes of the objects is not worked out",
    ]


@pytest.mark.parametrize("repository_of_it", ["https://charts.example.com", ""])
def test_a_chart_that_another_brings_along(repository: Repository, repository_of_it: str) -> None:
    needs = f'dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: "{repository_of_it}"\n'
    repository.write("chart/Chart.yaml", CHART + needs)
    assert gaps(repository) == [
        "chart/Chart.yaml:5:5: not understood: chart `redis` is not in the project: its objects are not known"
    ]
    repository.write("chart/charts/redis/Chart.yaml", CHART.replace("shop", "redis"))
    assert gaps(repository) == []


def test_a_template_that_prints_what_a_library_defines(repository: Repository) -> None:
    repository.write("chart/Chart.yaml", CHART)
    repository.write("chart/templates/web.yaml", '{{ include "library.deployment" . }}\n')
    repository.write("chart/templates/names.yaml", '{{- define "shop.name" }}shop{{ end }}\n')
    assert gaps(repository) == [
        "chart/templates/web.yaml:1:1: not understood: its objects are known only when the chart is rendered"
    ]


def test_kinds_of_others_are_told_once(repository: Repository) -> None:
    monitor = OBJECT.format(version="example.com/v1", kind="Backup")
    repository.write("k8s/backup.yaml", f"{monitor}---\n{monitor}")
    assert gaps(repository) == [
        "k8s/backup.yaml:2:7: not understood: of `Backup`, a kind of `example.com`, "
        "only its name and labels are read (and in 1 more place)"
    ]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("include:\n  - ${PLACE}/shop.yaml\nservices: {}\n", "2:5", "whoever runs it says what"),
        ("include:\n  - shop.yaml\nservices: {}\n", "2:5", "`shop.yaml` is not in the project"),
        (
            "services:\n  web:\n    extends:\n      file: shop.yaml\n      service: base\n",
            "5:16",
            "service `base` is not in the project",
        ),
        ("services:\n  web:\n    build: https://example.com/web.git\n", "3:12", "is not in the project"),
    ],
)
def test_what_a_compose_file_takes_from_elsewhere(
    repository: Repository, text: str, place: str, reason: str
) -> None:
    repository.write("compose.yaml", text)
    (line,) = gaps(repository)
    assert line.startswith(f"compose.yaml:{place}: not understood: ")
    assert reason in line


def test_a_base_image_that_only_the_builder_knows(repository: Repository) -> None:
    repository.write("Dockerfile", 'ARG BASE\nFROM ${BASE}\nCMD ["web"]\n')
    assert gaps(repository) == [
        "Dockerfile:2:6: not understood: whoever builds it says what the base image `${BASE}` is"
    ]
    repository.write("Dockerfile", 'ARG BASE=example/base:1.4\nFROM ${BASE}\nCMD ["web"]\n')
    assert gaps(repository) == []


def test_tools_that_are_known_by_name_only(repository: Repository) -> None:
    for path in ("infra/main.tf", "infra/dns.tf", "skaffold.yaml"):
        repository.write(path, "apiVersion: skaffold/v4beta1\nkind: Config\n")
    assert gaps(repository) == [
        "skaffold.yaml:1:1: not understood: a file of Skaffold, which is not read",
        "infra/dns.tf:1:1: not understood: a file of Terraform, which is not read (and in 1 more place)",
    ]


def test_an_object_of_a_kind_that_is_a_tools_own(repository: Repository) -> None:
    repository.write("cluster.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n")
    assert gaps(repository) == [
        "cluster.yaml:1:1: not understood: "
        "`Cluster` of `kind.x-k8s.io/v1alpha4` is no kind of object that is read"
    ]


def test_other_texts_have_no_gaps(repository: Repository) -> None:
    repository.write("translations/de.yaml", "hello: hallo\n")
    assert gaps(repository) == []


ALEMBIC = 'revision = "0123456789ab"\ndown_revision = None\n\n\ndef upgrade():\n    {body}\n'
RAILS = "class AddNote < ActiveRecord::Migration[7.1]\n  def up\n    {body}\n  end\nend\n"
KNEX = "exports.up = async (knex) => {{\n  {body};\n}};\nexports.down = async () => {{}};\n"
PROGRAMS = [
    ("alembic/versions/1_note.py", ALEMBIC),
    ("db/migrate/20260102000000_add_note.rb", RAILS),
    ("migrations/20260102_note.js", KNEX),
]


@pytest.mark.parametrize(("path", "program"), PROGRAMS)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"note({'(' * 120}1{')' * 120})", "nested more than 100 deep"),
        (f"note('{'x' * 200_000}')", "larger than 200000 characters"),
    ],
)
def test_a_migration_in_a_program_that_is_refused(
    repository: Repository, path: str, program: str, body: str, reason: str
) -> None:
    repository.write(path, program.format(body=body))
    assert gaps(repository) == [f"{path}:1:1: not understood: a migration that is not read: {reason}"]


@pytest.mark.parametrize("path", ["migrations/data.js", "migrations/seeds/data.py"])
def test_other_large_programs_beside_migrations_are_no_gap(repository: Repository, path: str) -> None:
    repository.write(path, f"rows = '{'x' * 200_000}'\n")
    assert gaps(repository) == []


@pytest.mark.parametrize(
    ("path", "program", "call"),
    [
        (*PROGRAMS[0], "op.execute('''DROP TABLE orders; -- {}''')"),
        (*PROGRAMS[1], "execute <<~SQL\n      DROP TABLE orders; -- {}\n    SQL"),
        (*PROGRAMS[2], "await knex.raw(`DROP TABLE orders; -- {}`)"),
        (*PROGRAMS[2], "await knex.raw('DROP TABLE orders; -- {}')"),
    ],
)
def test_brackets_in_strings_are_no_nesting(
    repository: Repository, path: str, program: str, call: str
) -> None:
    imports = "from alembic import op\n" if path.endswith(".py") else ""
    repository.write(path, imports + program.format(body=call.format("[" * 150)))
    assert gaps(repository) == []
    assert "`orders` is dropped" in repository.run("check", "--exit-zero", ".").out


def test_a_change_log_that_nobody_includes(repository: Repository) -> None:
    sql = "--liquibase formatted sql\n--changeset ann:1\nALTER TABLE orders ADD note text;\n"
    root = "databaseChangeLog:\n  - include: {{file: orders.sql, relativeToChangelogFile: true}}\n{more}"
    for path in ("changelog/orders.sql", "changelog/old/gone.sql", "elsewhere/changelog/mine.sql"):
        repository.write(path, sql)
    assert gaps(repository) == []
    repository.write("changelog/root.yaml", root.format(more=""))
    told = "not understood: no change log includes it: it is not part of the history"
    assert gaps(repository) == [f"changelog/old/gone.sql:1:1: {told}"]
    repository.write("changelog/root.yaml", root.format(more="  - includeAll: {path: '${where}'}\n"))
    assert gaps(repository) == []
