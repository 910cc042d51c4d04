"""Makefiles, package scripts and shell scripts: what they run and how others find them."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.recognition import Role
from rollsafe.artefacts.scripts import (
    MakeTarget,
    Runnable,
    recognise_makefile,
    recognise_package,
    recognise_shell_script,
)
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml

MAKEFILE = """\
KUBECTL ?= kubectl
TAG := $(shell git rev-parse HEAD)
.PHONY: deploy test
%.o: %.c
\tcc $<

deploy: build push ## ship it
\t@$(KUBECTL) apply -f k8s/ \\
\t  --namespace $(NS)
\t-$$HOME/bin/notify && helm upgrade --install web ./chart
ifeq ($(CI),true)
\t$(MAKE) -C infra apply
endif
\tfor i in $$(seq 3); do echo $$i; done

# tests
test unit: ; pytest -q
other:=x:y
"""


def targets(text: str, path: str = "ops/Makefile") -> dict[str, MakeTarget]:
    artefact = recognise_makefile(SourceFile(path, text))
    assert artefact is not None
    found = [element for element in artefact.elements if isinstance(element, MakeTarget)]
    return {target.name: target for target in found}


def package(text: str, path: str = "web/package.json") -> dict[str, Runnable]:
    artefact = recognise_package(SourceFile(path, text), read_yaml(text))
    assert artefact is not None
    return {one.name: one for one in artefact.elements if isinstance(one, Runnable)}


def test_a_makefile_has_its_literal_targets() -> None:
    found = targets(MAKEFILE)
    assert list(found) == ["deploy", "test", "unit"]
    assert [list(target.graph_keys()) for target in found.values()] == [
        ["make:ops#deploy"],
        ["make:ops#test"],
        ["make:ops#unit"],
    ]
    assert found["deploy"].prerequisites == ["build", "push"]


def test_a_recipe_is_shell_after_make_has_read_it() -> None:
    deploy = targets(MAKEFILE)["deploy"]
    assert [" ".join(command.texts) for command in deploy.commands] == [
        "kubectl apply -f k8s/ --namespace ${NS}",
        "$HOME/bin/notify",
        "helm upgrade --install web ./chart",
        "make -C infra apply",
        "seq 3",
        "echo $i",
    ]
    assert deploy.roles == {Role.DEPLOY}


def test_words_of_a_recipe_stand_in_the_makefile() -> None:
    deploy = targets(MAKEFILE)["deploy"]
    apply, notify, upgrade, *_ = deploy.commands
    words = [deploy.file.slice(word) for word in apply.words]
    assert words == ["$(KUBECTL)", "apply", "-f", "k8s/", "--namespace", "$(NS)"]
    assert deploy.file.slice(notify) == "$$HOME/bin/notify"
    assert deploy.file.slice(upgrade) == "helm upgrade --install web ./chart"
    assert deploy.file.slice(deploy.key) == "deploy"


def test_what_a_target_calls() -> None:
    deploy = targets(MAKEFILE)["deploy"]
    assert [one.key for one in deploy.indirections] == [
        "make:ops#build",
        "make:ops#push",
        "make:ops/infra#apply",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a:\n\tx\n", ["a"]),
        ("a b :: c\n\tx\n", ["a", "b"]),
        ("a:\n\n\tx\n", ["a"]),
        ("a:\r\n\tx\r\n", ["a"]),
        ("a: B=1\n", ["a"]),
        ("A=b:c\nB := c:d\nC ::= d\n", []),
        ("$(X): y\n\tz\n", []),
        (".SUFFIXES: .c\n", []),
        ("\tx: y\n# a: b\n", []),
        ("", []),
    ],
)
def test_which_lines_are_targets(text: str, names: list[str]) -> None:
    artefact = recognise_makefile(SourceFile("Makefile", text))
    assert (
        [one.name for one in artefact.elements if isinstance(one, MakeTarget)] == names
        if artefact
        else not names
    )


def test_package_scripts_are_found_by_name() -> None:
    text = json.dumps(
        {"name": "x", "scripts": {"deploy": 'sh -c "vercel --prod"', "db": "prisma migrate deploy"}}
    )
    found = package(text)
    assert [list(one.graph_keys()) for one in found.values()] == [["script:web#deploy"], ["script:web#db"]]
    assert [set(one.roles) for one in found.values()] == [{Role.DEPLOY}, {Role.MIGRATE}]
    deploy = found["db"].classified[0][0]
    assert found["db"].file.slice(deploy) == "prisma migrate deploy"


def test_package_scripts_call_each_other() -> None:
    found = package('{"scripts": {"all": "npm run a && yarn b && node ci/x.js"}}')
    assert [one.key for one in found["all"].indirections] == [
        "script:web#a",
        "script:web#b",
        "path:web/ci/x.js",
    ]


@pytest.mark.parametrize("text", ["{}", "[]", '{"scripts": []}', "", '{"scripts'])
def test_a_package_without_scripts_is_nothing(text: str) -> None:
    assert recognise_package(SourceFile("package.json", text), read_yaml(text)) is None


def test_a_shell_script_is_one_element() -> None:
    text = "#!/usr/bin/env bash\nset -e\ndocker compose up -d\n./ci/other.sh\nkubectl apply -f x\n"
    artefact = recognise_shell_script(SourceFile("ci/deploy.sh", text))
    assert artefact is not None
    (script,) = artefact.elements
    assert isinstance(script, Runnable)
    assert list(script.graph_keys()) == ["path:ci/deploy.sh"]
    assert [one.key for one in script.indirections] == ["path:ci/other.sh"]
    assert [script.file.slice(command) for command, _ in script.classified] == ["kubectl apply -f x"]


@pytest.mark.parametrize(
    ("line", "known"), [("#!/bin/sh", True), ("", True), ("#!/usr/bin/env python3", False)]
)
def test_other_interpreters_are_left_alone(line: str, known: bool) -> None:
    assert (recognise_shell_script(SourceFile("x.sh", f"{line}\nx\n")) is not None) is known


@given(st.text("ab:=\t\n\r $(){}%#;\\@-?\0\ud800é", max_size=80))
def test_no_makefile_raises(text: str) -> None:
    artefact = recognise_makefile(SourceFile("Makefile", text))
    for target in artefact.elements if artefact else ():
        assert isinstance(target, MakeTarget)
        assert 0 <= target.start <= target.end <= len(text)
        for command in target.commands:
            assert 0 <= command.start <= command.end <= len(text)
        assert isinstance(target.indirections, list)


@pytest.mark.parametrize(
    "text",
    [
        "a:" * 100_000,
        "a:\n" * 60_000,
        "a:\n" + "\tx\n" * 60_000,
        "a: " + "b " * 100_000,
        "x" * 600_000,
        "a:\n\t" + "$(" * 90_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_bombs_are_refused_quickly(text: str) -> None:
    start = time.process_time()
    artefact = recognise_makefile(SourceFile("Makefile", text))
    for target in list(artefact.elements)[:3] if artefact else ():
        assert isinstance(target, MakeTarget)
        assert len(target.commands) < 20_000
    assert time.process_time() - start < 5
