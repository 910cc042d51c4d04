"""Environment files: which files they are, which variables they set."""

import pytest

from rollsafe.artefacts.dotenv import EnvFile, recognise
from rollsafe.artefacts.source import SourceFile


def env_file(text: str, path: str = ".env") -> EnvFile:
    artefact = recognise(SourceFile(path, text))
    assert artefact is not None
    return artefact.env_file


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (".env", True),
        ("deploy/.env.production", True),
        ("prod.env", True),
        (".env.example", True),
        (".envrc", False),
        ("env", False),
        (".env.ts", False),
        ("src/.env.d.ts", False),
        (".env.enc", False),
        ("settings.environment", False),
    ],
)
def test_recognition(path: str, is_one: bool) -> None:
    assert (recognise(SourceFile(path, "A=1\n")) is not None) is is_one


def test_names() -> None:
    one = env_file("A=1\nB=2\nA=3\n")
    assert list(one.names) == ["A", "B"]
    assert one.names["A"].value == "3"
    assert [entry.value for entry in one.repeated] == ["1"]
    assert set(one.graph_keys()) == {"path:.env"}
    assert (one.start, one.end) == (0, 12)


@pytest.mark.parametrize(
    ("path", "is_example"),
    [
        (".env", False),
        (".env.example", True),
        (".env.dev.sample", True),
        ("template.env", True),
        (".env.prod", False),
    ],
)
def test_examples(path: str, is_example: bool) -> None:
    assert env_file("A=\n", path).is_example is is_example


def test_problems_are_handed_on_and_values_are_not_printed() -> None:
    artefact = recognise(SourceFile(".env", "KEY='s3cret\n"))
    assert artefact is not None
    assert [problem.message for problem in artefact.problems] == ["quote is not closed"]
    assert "s3cret" not in repr(artefact.elements) + repr(artefact.env_file.names)
