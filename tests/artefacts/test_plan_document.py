"""Plans: which documents are some, what they speak of, what they name and mean to do with it."""

import time
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.plan_document import (
    Intent,
    Mention,
    MentionKind,
    PlanDocument,
    PlanKind,
    recognise,
)
from rollsafe.artefacts.source import SourceFile
from tests.artefacts.kubernetes_files import ask_everything

PATH = "docs/plans/orders.md"
FRAME = "# Orders\n\n## Goal\n\nFaster.\n\n## Steps\n\n{}\n"


def read(text: str, path: str = PATH) -> PlanDocument | None:
    seen = recognise(SourceFile(path, dedent(text)))
    if seen is None:
        return None
    document = seen.elements[0]
    assert isinstance(document, PlanDocument)
    return document


def plan(text: str, path: str = PATH) -> PlanDocument:
    document = read(text, path)
    assert document is not None
    return document


def mentions(text: str, path: str = PATH) -> list[Mention]:
    """Return what a plan with `text` among its steps mentions."""
    whole = FRAME.format(dedent(text))
    seen = recognise(SourceFile(path, whole))
    assert seen is not None
    found = [element for element in seen.elements if isinstance(element, Mention)]
    for mention in found:
        assert whole[mention.start : mention.end] == mention.text
    return found


def named(text: str) -> list[tuple[str, str]]:
    return [(mention.kind.value, mention.text) for mention in mentions(text)]


STEPS = "# T\n## Goal\n## Steps\n"
RECORD = "# T\n## Status\n## Context\n## Decision\n## Consequences\n"
PROPOSAL = "# T\n## Motivation\n## Detailed design\n## Alternatives\n"


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("docs/plans/orders.md", STEPS, PlanKind.PLAN),
        ("docs/orders-plan.md", STEPS, PlanKind.PLAN),
        ("IMPLEMENTATION_PLAN.md", STEPS, PlanKind.PLAN),
        ("docs/plans/2026-01-02-orders-design.md", PROPOSAL, PlanKind.DESIGN),
        ("docs/orders-rollout.md", STEPS, PlanKind.ROLLOUT),
        ("docs/DEPLOYMENT-PLAN.md", STEPS, PlanKind.ROLLOUT),
        ("docs/adr/0007-use-queues.md", RECORD, PlanKind.ADR),
        ("docs/decisions/0007-use-queues.md", RECORD, PlanKind.ADR),
        ("doc/adr-12.md", RECORD, PlanKind.ADR),
        ("rfcs/0001-events.md", PROPOSAL, PlanKind.RFC),
        ("docs/RFC-events.markdown", PROPOSAL, PlanKind.RFC),
        ("design/events.md", PROPOSAL, PlanKind.DESIGN),
        ("services/web/docs/plans/x.md", STEPS, PlanKind.PLAN),
    ],
)
def test_plans_are_known_by_path_and_headings(path: str, text: str, kind: PlanKind) -> None:
    assert plan(text, path).kind is kind


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/plans/README.md", STEPS),
        ("docs/plans/CHANGELOG.md", STEPS),
        ("docs/plans/index.md", STEPS),
        ("docs/plans/template.md", STEPS),
        ("docs/adr/0000-template.md", RECORD),
        ("docs/adr/templates/short.md", RECORD),
        ("docs/guide.md", STEPS),
        ("docs/explanation.md", STEPS),
        ("docs/pricing-plans.md", "# Plans\n## Free\n## Team\n"),
        ("docs/plans/pricing.md", "# Plans\n## Free\n## Team\n"),
        ("docs/plans/notes.md", "# Notes\n## Background\n## Overview\n"),
        ("docs/plans/empty.md", ""),
        ("docs/plans/flat.md", "# Implementation plan\n\njust text\n"),
        ("docs/adr/list.md", "# Decisions\n## Databases\n## Queues\n"),
        ("design/colors.md", "# Design\n## Palette\n## Fonts\n"),
        (".assistant/skills/plan.md", STEPS),
        ("skills/deployment-plan/SKILL.md", STEPS),
        ("prompts/orders.plan.prompt.md", STEPS),
        ("node_modules/x/docs/plans/a.md", STEPS),
        ("docs/adr/0001.md", RECORD.replace("# T", "# ADR-NNN: [short title]", 1)),
        ("docs/adr/0001.md", RECORD.replace("## Status\n", "Status: Proposed | Accepted\n\n## X\n")),
        ("docs/plans/form.md", STEPS.replace("# T", "# Rollout plan template", 1)),
        ("docs/plans/a.txt", "".join(STEPS.splitlines())),
    ],
)
def test_other_documents_are_not_plans(path: str, text: str) -> None:
    assert read(text, path) is None


def test_title_and_sections() -> None:
    document = plan(
        """\
        # Move orders

        ## 1. Rollout steps
        first
        ### Staging
        second
        ## 2. Risks & mitigation
        third
        """
    )
    assert document.title is not None
    assert document.title.text == "Move orders"
    assert [section.heading.text for section in document.sections] == [
        "1. Rollout steps", "Staging", "2. Risks & mitigation",
    ]  # fmt: skip
    assert document.sections[0].text.split() == ["first", "###", "Staging", "second"]
    assert document.sections[1].text.strip() == "second"
    assert document.section_named("mitigations?") is document.sections[2]
    assert document.section_named("owners") is None


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ("", True),
        ("TBD", True),
        ("**TODO**", True),
        ("_To be defined_", True),
        ("- \n- ...\n", True),
        ("<!-- explain how to go back -->", True),
        ("none", False),
        ("TBD by the data team on Monday", False),
        ("```sh\nhelm rollback web\n```", False),
        ("### Sub\n", True),
        ("| a |\n|--|\n| b |", False),
    ],
)
def test_sections_that_say_nothing(body: str, empty: bool) -> None:
    document = plan(f"# T\n## Steps\nx\n## Rollback\n{body}\n## Tasks\ny\n")
    section = document.section_named("rollback")
    assert section is not None
    assert section.is_empty is empty


@pytest.mark.parametrize(
    ("text", "rollback", "risks", "validation"),
    [
        ("## Rollback\nx", True, False, False),
        ("## Back-out plan\nx", True, False, False),
        ("## Risks and mitigations\nx", False, True, False),
        ("## What could go wrong?\nx", False, True, False),
        ("## Test plan\nx", False, False, True),
        ("## Success criteria\nx", False, False, True),
        ("- **Rollback:** delete the row", True, False, False),
        ("1. Risk (high): none", False, True, False),
        ("| step | rollback | check |\n|--|--|--|\n| a | b | c |", True, False, True),
        ("If orders fail we roll back with the chart.", True, False, False),
        ("```sh\nkubectl rollout undo deploy/web\n```", True, False, False),
        ("Verify that no row is left.", False, False, True),
        ("Nothing about it.", False, False, False),
        ("We go forward and bring the latest test-free code.", False, False, False),
        ("## Background\nLast year we had to roll back; a risk we verified.", False, False, False),
    ],
)
def test_what_a_plan_speaks_of(text: str, rollback: bool, risks: bool, validation: bool) -> None:
    document = plan(f"# T\n## Goal\nGo.\n## Steps\nGo.\n\n{text}\n")
    assert (document.has_rollback, document.has_risks, document.has_validation) == (
        rollback, risks, validation,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "live"),
    [
        ("---\nstatus: superseded\n---\n# T\n## Context\n## Decision\n", "superseded", False),
        ("# T\n\nStatus: Accepted\nDate: today\n\n## Context\n## Decision\n", "Accepted", True),
        ("# T\n\n- **Status:** Rejected\n\n## Context\n## Decision\n", "Rejected", False),
        ("# T\n\n* Status: draft\n\n## Context\n## Decision\n", "draft", True),
        ("# T\n\n| Field | Value |\n|--|--|\n| Status | Done |\n\n## Context\n## Decision\n", "Done", False),
        ("# T\n## Status\n\nRetired: [9](9.md)\n\n## Context\n## Decision\n", "Retired: [9](9.md)", False),
        ("# T\n## Status\n~~Ok~~ Superseded\n## Context\n## Decision\n", "~~Ok~~ Superseded", False),
        ("# T\n## Context\nThe status: of things\n## Decision\n", None, True),
        ("# T\n## Context\n## Decision\n", None, True),
    ],
)  # fmt: skip
def test_status(text: str, status: str | None, live: bool) -> None:
    document = plan(text, "adr/0001-x.md")
    found = document.status
    assert (found.text if found else None) == status
    assert document.is_live is live
    if found is not None:
        assert document.file.text[found.start : found.end].strip("'\"") == found.text


@pytest.mark.parametrize(
    ("text", "path", "operational"),
    [
        (STEPS, PATH, False),
        ("# T\n## Goal\n## Deployment\n", PATH, True),
        ("# T\n## Goal\n## Phase 2: backfill\n", PATH, True),
        (STEPS, "docs/rollout.md", True),
    ],
)
def test_plans_that_change_what_runs(text: str, path: str, operational: bool) -> None:
    assert plan(text, path).is_operational is operational


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see `k8s/web.yaml`", [("file", "k8s/web.yaml")]),
        ("see `k8s/web.yaml:12-14`", [("file", "k8s/web.yaml")]),
        (
            "see `./deploy/Dockerfile` and `values.yaml`",
            [("file", "./deploy/Dockerfile"), ("file", "values.yaml")],
        ),
        ("`../k8s/overlays/`", [("directory", "../k8s/overlays/")]),
        (
            "`.github/workflows/ci.yml` `.env.example`",
            [("file", ".github/workflows/ci.yml"), ("file", ".env.example")],
        ),
        ("[chart](../../charts/shop/values.yaml#image)", [("file", "../../charts/shop/values.yaml")]),
        ("[`chart.yaml`](../chart.yaml)", [("file", "../chart.yaml")]),
        ("[site](https://x.test/a.yaml) [top](#a.md) [mail](mailto:a@b.md)", []),
        ("[page](guide/intro) [picture](a.png)", []),
        ("`apps/v1` `shop/web` `application/json` `feature/x` `and/or`", []),
        ("`/etc/nginx/nginx.conf` `~/.kube/config.yaml` `https://x.test/a.yaml`", []),
        ("`db/*.sql` `{env}.yaml` `<name>.yaml` `$DIR/a.yaml` `a b.yaml`", []),
        ("`path/to/file.yaml` `YYYY-MM-DD-x.md` `V1/NNNN_x.sql` `foo.py` `phase-N.yaml`", []),
        ("`Node.js` `console.log` `process.env` `github.com/a/b.go` `1.2.3` `...`", []),
        ("```\n`k8s/web.yaml`\n```", []),
        ("<!-- `k8s/web.yaml` -->", []),
    ],
)
def test_files_are_mentioned_by_path(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the `orders` service", [("service", "orders")]),
        ("service `orders`", [("service", "orders")]),
        (
            "services: `orders`, `web` and `mail`",
            [("service", "orders"), ("service", "web"), ("service", "mail")],
        ),
        ("`orders` and `web` services", [("service", "orders"), ("service", "web")]),
        ("the `orders` table", [("table", "orders")]),
        ("table `public.orders`", [("table", "public.orders")]),
        ("in the `staging` environment", [("environment", "staging")]),
        ("port `8080`", [("port", "8080")]),
        ("env var `DATABASE_URL`", [("variable", "DATABASE_URL")]),
        ("the environment variable `LEVEL`", [("variable", "LEVEL")]),
        ("| Service | Port |\n|--|--|\n| `orders` | `8080` |", [("service", "orders"), ("port", "8080")]),
        ("`orders` `web` `DATABASE_URL` `8080`", []),
        ("the `builder` service account", []),
        ("a hash table `users`", []),
        ("the `kubectl apply` service", []),
        ("self-service `portal`", []),
        ("status `ok`", []),
    ],
)
def test_other_things_are_mentioned_by_the_words_around(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Edit `a/b.yaml`", Intent.NAMED),
        ("Create `a/b.yaml`", Intent.CREATED),
        ("- Add a new file `a/b.yaml`", Intent.CREATED),
        ("Add a probe to `a/b.yaml`", Intent.NAMED),
        ("Rename `x` to `a/b.yaml`", Intent.CREATED),
        ("`a/b.yaml` (new)", Intent.CREATED),
        ("`a/b.yaml` will be created", Intent.CREATED),
        ("- Test: `a/b.yaml`", Intent.CREATED),
        ("Files to create:\n\n- `a/b.yaml`", Intent.CREATED),
        ("Files to change:\n\n- `a/b.yaml`", Intent.NAMED),
        ("### New files\n- `a/b.yaml`", Intent.CREATED),
        ("| File | Change |\n|--|--|\n| `a/b.yaml` | new |", Intent.CREATED),
        ("Delete `a/b.yaml`", Intent.REMOVED),
        ("`a/b.yaml` is removed", Intent.REMOVED),
        ("Create x. Then edit `a/b.yaml`", Intent.NAMED),
        ("[x](a/b.yaml)", Intent.NAMED),
        ("Create [x](a/b.yaml)", Intent.CREATED),
        ("Add a probe to [x](a/b.yaml)", Intent.NAMED),
        ("[x](a/b.yaml) is removed", Intent.REMOVED),
    ],
)
def test_what_the_plan_means_to_do(text: str, intent: Intent) -> None:
    (found,) = [one for one in mentions(text) if one.text == "a/b.yaml"]
    assert found.intent is intent


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("`k8s/web.yaml`", ("k8s/web.yaml", "docs/plans/k8s/web.yaml")),
        ("`../../k8s/web.yaml`", ("k8s/web.yaml",)),
        ("[w](../../k8s/web.yaml)", ("k8s/web.yaml",)),
        ("[w](/k8s/web.yaml?raw=1)", ("k8s/web.yaml",)),
        ("[w](../a%20b.md)", ("docs/a b.md",)),
        ("`k8s/prod/`", ("k8s/prod", "docs/plans/k8s/prod")),
    ],
)
def test_where_a_mentioned_file_would_be(text: str, paths: tuple[str, ...]) -> None:
    (found,) = mentions(text)
    assert found.paths == paths


def test_links_out_of_the_project_name_no_file() -> None:
    assert mentions("[w](../../../other/a.md)") == []


def test_bare_names() -> None:
    bare, placed = mentions("`values.yaml` and then `a/values.yaml`")
    assert (bare.is_bare_name, placed.is_bare_name) == (True, False)


def test_known_names_are_found_in_prose() -> None:
    document = plan(FRAME.format("orders calls pay-api, not pay.\n\n| a |\n|--|\n| orders |\n\n    orders\n"))
    found = [
        (name, document.file.text[place.start : place.end])
        for name, place in document.places_naming(["orders", "pay", "pay-api", "mail", ""])
    ]
    assert found == [(name, name) for name in ("orders", "pay-api", "pay", "orders")]
    assert list(document.places_naming([])) == []


def test_kinds_are_plain_words() -> None:
    assert [kind.value for kind in MentionKind][:2] == ["file", "directory"]
    assert set(plan(STEPS).graph_keys()) == {"document:plan"}


@pytest.mark.parametrize(
    "body",
    [
        "create " * 30_000 + "`a/b.yaml`",
        "`a/b.yaml`, " * 15_000,
        "| `a` |\n|--|\n" + "| `a/b.yaml` |\n" * 4_000,
        "rename " * 20_000 + "`a/b.yaml`",
        "## Step\n" * 4_900,
        "## Background\nx\n" * 2_400,
        "## Rollback\nTBD\n" * 2_400,
        "#" + "# Risk\n" * 4_900,
        "Status: " + "~~" * 100_000,
        "- x\n" * 4_900,
    ],
)
def test_hostile_plans_are_read_in_time(body: str) -> None:
    began = time.process_time()
    seen = recognise(SourceFile(PATH, FRAME.format(body)))
    assert seen is not None
    for element in seen.elements[:1]:
        ask_everything(element)
    document = seen.elements[0]
    assert isinstance(document, PlanDocument)
    empty = [section.is_empty for section in document.sections]
    assert len(empty) == len(document.markdown.headings) - 1
    assert time.process_time() - began < 5


PIECES = st.sampled_from(
    ["# T\n", "## Steps\n", "## Rollback\n", "### x\n", "Status: done\n", "`a/b.yaml`", "`orders`",
     " service ", "[a](b.md)", "| a | `b` |\n", "|--|--|\n", "create ", "TBD\n", "\n\n", "- ", ". ", "```\n",
     "---\n",
     "status: x\n", "\r", "\0", "\ud800", "é😋", "`", "]("]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40))
def test_half_typed_plans_are_read_without_errors(pieces: list[str]) -> None:
    text = "# T\n## Goal\n## Steps\n" + "".join(pieces)
    seen = recognise(SourceFile(PATH, text))
    for element in seen.elements if seen is not None else ():
        assert 0 <= element.start <= element.end <= len(text)
        assert ask_everything(element) >= 1
