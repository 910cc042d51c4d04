"""Files beside migrations say whether these run in a transaction: Alembic's `env.py`, Flyway's `.conf`."""

import pytest

from tests.cli.conftest import Repository

REVISION = (
    "from alembic import op\n\nrevision = '1'\ndown_revision = None\n\n\ndef upgrade():\n"
    "    op.execute('CREATE INDEX CONCURRENTLY i ON a (b)')\n    op.execute('ANALYZE a')\n"
)
CONFIGURED = (
    "from alembic import context\n\nwith engine.connect() as c:\n    context.configure(connection=c{})\n"
)
MIXED = "ALTER TABLE orders ADD COLUMN code int;\nCREATE INDEX CONCURRENTLY by_code ON orders (code);\n"


def refused(repository: Repository) -> list[str]:
    found = repository.run("check", "--select=refused-in-transaction", "--format", "json", ".").findings
    return [path for path, _ in found]


@pytest.mark.parametrize(
    "environment",
    [
        CONFIGURED.format(", transactional_ddl=False"),
        f"engine = create_engine(url, isolation_level='AUTOCOMMIT')\n{CONFIGURED.format('')}",
        f"engine = engine.execution_options(isolation_level='AUTOCOMMIT')\n{CONFIGURED.format('')}",
        "from alembic import context\nfrom storage import run_migrations\n\nrun_migrations(context)\n",
    ],
)
def test_an_environment_keeps_revisions_out_of_a_transaction(
    repository: Repository, environment: str
) -> None:
    repository.write("db/versions/1_a.py", REVISION)
    assert refused(repository) == ["db/versions/1_a.py"]
    repository.write("db/env.py", environment)
    assert refused(repository) == []


@pytest.mark.parametrize(
    ("path", "environment"),
    [
        ("db/env.py", CONFIGURED.format("")),
        ("db/env.py", CONFIGURED.format(", transactional_ddl=True, transaction_per_migration=True")),
        ("other/env.py", CONFIGURED.format(", transactional_ddl=False")),
        ("db/env.py", "AUTOCOMMIT = False\n"),
    ],
)
def test_other_environments_say_nothing(repository: Repository, path: str, environment: str) -> None:
    repository.write("db/versions/1_a.py", REVISION)
    repository.write(path, environment)
    assert refused(repository) == ["db/versions/1_a.py"]


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ("executeInTransaction=false\n", []),
        ("executeInTransaction = FALSE\n", []),
        ("encoding=UTF-8\n", ["db/migrations/V2__a.sql"]),
        ("# executeInTransaction=false\n", ["db/migrations/V2__a.sql"]),
        ("executeInTransaction=true\n", ["db/migrations/V2__a.sql"]),
    ],
)
def test_only_its_word_keeps_a_script_of_flyway_out_of_a_transaction(
    repository: Repository, configuration: str, expected: list[str]
) -> None:
    repository.write("db/migrations/V2__a.sql", MIXED)
    repository.write("db/migrations/V2__a.sql.conf", configuration)
    assert refused(repository) == expected
