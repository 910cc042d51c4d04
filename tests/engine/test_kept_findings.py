"""What a server knows after any edits is what a fresh one finds, fixes included."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from rollsafe.engine import Found
from rollsafe.engine.project import Project
from rollsafe.rules import Rule
from rollsafe.rules.docs import examples
from rollsafe.workspace.settings import Settings
from tests.checking import ALL_RULES, open_project

SHOP = Path(__file__).parents[2] / "examples" / "shop"
SHOWN = sorted(
    (example.path, example.text)
    for rule in ALL_RULES
    for heading in ("Bad", "Good")
    for example in examples(rule.doc, heading)
    if not example.is_base
)
WORDS = (
    "a",
    "0",
    "#",
    "  ",
    '"',
    "x: y\n",
    "\n",
    "---\n",
    "latest",
    ";",
    "# rollsafe: ignore",
    "${A}",
    "&a ",
    "*a",
)
EDITS_OF_ONE_FILE = 12
SETTINGS = Settings(level="auditor")


def told(found: Found) -> object:
    """Return everything a finding tells; of another place its line, which is what others rest on."""
    related = [
        (one.file.path, one.file.line_number(one.where), one.file.slice(one.where), one.message)
        for one in found.related
    ]
    judged = (found.severity, found.confidence, found.level, found.sensitive, found.detail)
    words = (found.message, found.equivalents, found.also)
    return (found.path, found.rule.name, found.span, found.subject, judged, words, related, found.fixes)


def all_told(project: Project) -> list[object]:
    return [told(found) for found in project.engine.all_findings()]


def changed(chance: random.Random, text: str) -> str:
    """Return a text with one edit: typed, deleted, a line doubled, two lines or stretches exchanged."""
    at = chance.randrange(len(text) + 1)
    lines = text.splitlines(keepends=True) or [""]
    line = chance.randrange(len(lines))
    match chance.randrange(6):
        case 0 | 1:
            return text[:at] + chance.choice(WORDS) + text[at:]
        case 2:
            return text[:at] + text[at + chance.choice((1, 1, 2, 20)) :]
        case 3:
            return "".join([*lines[: line + 1], *lines[line:]])
        case 4:
            return "".join([*lines[:line], *lines[line + 1 :]])
        case _:
            other = chance.randrange(len(lines))
            lines[line], lines[other] = lines[other], lines[line]
            return "".join(lines)


def assert_as_fresh(project: Project) -> None:
    files = {path: file.text for path, file in project.snapshot.files.items()}
    assert not project.engine.failures, project.engine.failures
    assert all_told(project) == all_told(open_project(files, SETTINGS))


def edit_at_random(project: Project, chance: random.Random, edits: int) -> None:
    """Edit files, mostly the same one for a while, undo now and then, and compare after each edit.

    Now and then a file is looked at again as if it had been edited.
    """
    path, before = chance.choice(sorted(project.snapshot.files)), ""
    for count in range(edits):
        files = project.snapshot.files
        if count % EDITS_OF_ONE_FILE == 0 or chance.random() < 0.1:
            path, before = chance.choice(sorted(files)), ""
        text = files[path].text
        new = before if before and chance.random() < 0.15 else changed(chance, text)
        before = text
        project.replace({path: new})
        assert_as_fresh(project)
        if count % 5 == 0:
            project.engine.practise(path)
            project.analyse()
            assert_as_fresh(project)


def some_of(chance: random.Random, wanted: Callable[[str], bool], count: int) -> dict[str, str]:
    """Return files that rules show."""
    return joined(chance.sample([one for one in SHOWN if wanted(one[0])], count))


def joined(shown: list[tuple[str, str]]) -> dict[str, str]:
    """Return files; of several at one path, manifests and migrations follow each other in one."""
    found: dict[str, str] = {}
    for path, text in shown:
        before = found.get(path)
        if before is None:
            found[path] = text
        elif path.endswith(".sql"):
            found[path] = before + text
        elif is_manifest(path) and "apiVersion" in before and "apiVersion" in text:
            found[path] = f"{before}---\n{text}"
    return found


def is_manifest(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) and not path.startswith(".")


KINDS: Mapping[str, Callable[[str], bool]] = {
    "manifests": is_manifest,
    "dockerfiles": lambda path: "ockerfile" in path,
    "migrations": lambda path: path.endswith(".sql"),
    "workflows": lambda path: path.startswith(".github/"),
    "interfaces": lambda path: re.search(r"openapi|swagger|asyncapi", path) is not None,
    "all": lambda path: True,
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_random_edits_of_examples(kind: str, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    edit_at_random(open_project(some_of(chance, KINDS[kind], 12), SETTINGS), chance, 24)


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_of_a_workflow_with_many_jobs(seed: int) -> None:
    chance = random.Random(f"jobs {seed}")
    shown = [text for path, text in SHOWN if path.startswith(".github/workflows/") and "\njobs:\n  " in text]
    text = one_workflow(chance.sample(shown, 7))
    edit_at_random(open_project({".github/workflows/all.yml": text}, SETTINGS), chance, 30)


JOBS = """\
on: push
permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    strategy:
      matrix:
        python: ["3.11"]
    steps:
      - run: make ${{ matrix.python }}
      - uses: ./.github/actions/greet
        with: {who: world}
  lint:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - run: make lint
"""
ACTION = """\
name: greet
description: Greets
inputs:
  who: {description: whom}
runs:
  using: composite
  steps:
    - run: echo
      shell: bash
"""


HALF_TYPED = """\
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: make test
      - if: failure()
  typed:
    runs-on: ubuntu-24.04
 steps:
      - run: make typed{more}
"""


def test_what_is_damaged_is_judged_anew_once_it_is_whole() -> None:
    """Where nobody knows what an error damages, steps count as damaged that say the same later on."""
    path = ".github/workflows/test.yml"
    project = open_project({path: HALF_TYPED.format(more="")}, SETTINGS)
    for more in ("-a", "-b", "-c"):
        project.replace({path: HALF_TYPED.format(more=more)})
        assert_as_fresh(project)
    project.replace({path: HALF_TYPED.format(more="-c").replace("\n steps:", "\n    steps:")})
    assert_as_fresh(project)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (".github/workflows/all.yml", "python: [", "pythons: ["),
        (".github/workflows/all.yml", "strategy:\n      matrix:", "x:\n      matrix:"),
        (".github/workflows/all.yml", "  lint:", "  test2:\n    needs: test\n  lint:"),
        (".github/workflows/all.yml", "permissions: {}", "env: {A: b}"),
        (".github/actions/greet/action.yml", "  who:", "  whom:"),
        (".github/actions/greet/action.yml", "inputs:\n  who: {description: whom}\n", ""),
    ],
)
def test_what_is_elsewhere_decides_about_steps(path: str, before: str, after: str) -> None:
    """The place that is edited is not the one where something else is found then."""
    files = {".github/workflows/all.yml": JOBS, ".github/actions/greet/action.yml": ACTION}
    project = open_project(files, SETTINGS)
    for count in range(4):
        project.replace({".github/workflows/all.yml": f"{JOBS}      - run: make {count}\n"})
        assert_as_fresh(project)
    known, text = all_told(project), project.snapshot.files[path].text
    project.replace({path: text.replace(before, after)})
    assert all_told(project) != known
    assert_as_fresh(project)
    project.replace({path: text})
    assert all_told(project) == known


def one_workflow(texts: list[str]) -> str:
    """Return a workflow with the head of the first and the jobs of all; an id that is taken gets a number."""
    heads, jobs = zip(*(text.split("\njobs:\n", 1) for text in texts), strict=True)
    taken: set[str] = set()
    found: list[str] = []
    for count, body in enumerate(jobs):
        ids = re.findall(r"^  ([\w-]+):", body, re.M)
        for one in sorted(set(ids) & taken):
            body = re.sub(rf"\b{one}\b(?=[:\],\n])", f"{one}-{count}", body)
        taken.update(ids)
        found.append(body if body.endswith("\n") else f"{body}\n")
    return f"{heads[0]}\njobs:\n{''.join(found)}"


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_of_a_dockerfile_with_many_stages(seed: int) -> None:
    chance = random.Random(f"stages {seed}")
    shown = [text for path, text in SHOWN if KINDS["dockerfiles"](path) and "FROM " in text]
    stages = chance.sample(shown, 9) + BUILT_ON_EACH_OTHER
    chance.shuffle(stages)
    texts = {"Dockerfile": "".join(text if text.endswith("\n") else f"{text}\n" for text in stages)}
    edit_at_random(open_project(texts, SETTINGS), chance, 40)


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_of_migrations_with_many_statements(seed: int) -> None:
    chance = random.Random(f"statements {seed}")
    shown = [text for path, text in SHOWN if path.endswith(".sql")]
    paths = ("db/migrations/0001_first.up.sql", "db/migrations/0002_second.up.sql")
    texts = {path: "".join(f"{text}\n" for text in chance.sample(shown, 10)) for path in paths}
    edit_at_random(open_project(texts, SETTINGS), chance, 30)


def test_each_statement_of_a_migration_replaced_and_put_back() -> None:
    path = "db/migrations/0001_first.up.sql"
    project = open_project({path: "".join(STATEMENTS)}, SETTINGS)
    for at in range(len(STATEMENTS)):
        for other in OTHER_STATEMENTS:
            project.replace({path: "".join([*STATEMENTS[:at], other, *STATEMENTS[at + 1 :]])})
            assert_as_fresh(project)
    project.replace({path: "".join(STATEMENTS)})
    assert_as_fresh(project)


OTHER_STATEMENTS = [
    "BEGIN;\n",
    "COMMIT;\n",
    "RESET search_path;\n",
    "DROP TABLE IF EXISTS notes;\n",
    "DROP TABLE IF EXISTS others;\n",
    "ALTER TABLE lines ADD COLUMN note text;\n",
]
STATEMENTS = [
    "SET search_path = shop;\n",
    "CREATE TABLE notes (id bigint PRIMARY KEY);\n",
    "CREATE INDEX notes_idx ON notes (id);\n",
    "DROP TABLE IF EXISTS lines;\n",
    "CREATE TABLE lines (id bigint);\n",
    "ALTER TABLE orders ADD COLUMN note text;\n",
    "ALTER TABLE orders ADD COLUMN state text;\n",
    "CREATE INDEX orders_note_idx ON orders (note);\n",
    "CREATE INDEX orders_note_and_state_idx ON orders (note, state);\n",
    "ALTER TABLE public.orders ADD COLUMN total bigint;\n",
    "CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);\n",
    "DELETE FROM orders;\n",
]
"""Statements of which each changes what is said of another."""


def test_each_line_of_stages_that_build_on_each_other_taken_out_and_put_back() -> None:
    text = "".join(BUILT_ON_EACH_OTHER)
    project = open_project({"Dockerfile": text}, SETTINGS)
    lines = text.splitlines(keepends=True)
    for at in range(len(lines)):
        for edited in ("".join([*lines[:at], *lines[at + 1 :]]), text):
            project.replace({"Dockerfile": edited})
            assert_as_fresh(project)


BUILT_ON_EACH_OTHER = [
    "FROM node:22.9.0-slim AS base\nENV HOME_OF=/srv\nWORKDIR /srv\nRUN useradd -u 1234 shop\n",
    "FROM base AS made\nUSER shop\nCOPY --from=base a b\nRUN cd /srv && make | tee log\n",
    'FROM made\nSHELL ["/bin/bash", "-c"]\nUSER root\nCMD node server.js\n',
]
"""Stages that build on each other when they follow each other."""


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_of_an_interface_with_many_paths(seed: int) -> None:
    chance = random.Random(f"paths {seed}")
    shown = [text for _, text in SHOWN if "paths:\n  /" in text and text.startswith("openapi: 3")]
    text = one_interface(chance.sample(shown, 12))
    edit_at_random(open_project({"api/openapi.yaml": text}, SETTINGS), chance, 30)


def one_interface(texts: list[str]) -> str:
    """Return an interface with the head of the first, and the paths, schemas and parameters of all.

    A path that is taken gets a number.
    """
    paths: dict[str, str] = {}
    components: dict[str, dict[str, str]] = {}
    for text in texts:
        found = entries(text)
        for name, body in entries(found.get("paths", ""), 2).items():
            paths[f"{name}-{len(paths)}" if name in paths else name] = body
        for kind, body in entries(found.get("components", ""), 2).items():
            components.setdefault(kind, {}).update(entries(body, 4))
    below = "".join(f"  {kind}:\n{written(some, 4)}" for kind, some in components.items() if some)
    head = texts[0].split("\npaths:\n", 1)[0]
    return f"{head}\npaths:\n{written(paths, 2)}" + (f"components:\n{below}" if below else "")


def entries(text: str, indent: int = 0) -> dict[str, str]:
    """Return the block below each key that stands at a column and is followed by one."""
    found = re.findall(rf"^ {{{indent}}}([^\s#'\"-].*?):\n((?:(?: {{{indent + 1}}}.*)?\n)+)", text, re.M)
    return dict(found)


def written(found: dict[str, str], indent: int) -> str:
    return "".join(f"{' ' * indent}{name}:\n{body}" for name, body in found.items())


VALUE = re.compile(
    r"^ *(?:- )*(?P<key>[\w./-]+): (?P<value>[^\s#&*!|>{\[].*)$|^ *- (?P<item>[^\s:#{\[&*]+)$", re.M
)


def values_by_key() -> dict[str, list[str]]:
    """Return what manifests of examples say at each key."""
    found: dict[str, set[str]] = {}
    for path, text in SHOWN:
        if is_manifest(path):
            for match in VALUE.finditer(text):
                found.setdefault(match["key"] or "", set()).add(match["value"] or match["item"])
    return {key: sorted(values) for key, values in found.items()}


@pytest.mark.parametrize("seed", range(8))
def test_values_typed_over_and_over(seed: int) -> None:
    """One value becomes another and another that the key has elsewhere, which tells all who look at it."""
    chance, known = random.Random(f"values {seed}"), values_by_key()
    some = [text for path, text in SHOWN if is_manifest(path) and "\nkind: " in text]
    project = open_project({"k8s/all.yaml": "---\n".join(chance.sample(some, 8))}, SETTINGS)
    for _ in range(8):
        text = project.snapshot.files["k8s/all.yaml"].text
        match = chance.choice(list(VALUE.finditer(text)))
        group = "value" if match["key"] else "item"
        others = chance.choices([*known[match["key"] or ""], f"{match[group]}x"], k=3)
        for other in (*others, match[group]):
            typed = f"{text[: match.start(group)]}{other}{text[match.end(group) :]}"
            project.replace({"k8s/all.yaml": typed})
            assert_as_fresh(project)


def test_random_edits_of_the_shop() -> None:
    texts = {
        path.relative_to(SHOP).as_posix(): path.read_text() for path in SHOP.rglob("*") if path.is_file()
    }
    edit_at_random(open_project(texts, SETTINGS), random.Random(1), 24)


SLICES = 16


@pytest.mark.parametrize("part", range(SLICES))
def test_from_what_is_bad_to_what_is_good_and_back(part: int) -> None:
    """Each rule's examples turn into each other document by document, all files looked at by then."""
    for rule in ALL_RULES[part::SLICES]:
        bad, good = (gathered(rule, heading) for heading in ("Bad", "Good"))
        project = open_project(bad, SETTINGS)
        project.replace({path: f"{text}\n" for path, text in bad.items()})
        for path, text in stages(bad, good):
            project.replace({path: text})
            assert_as_fresh(project)


def gathered(rule: Rule, heading: str) -> dict[str, str]:
    """Return the files a rule shows; all manifests in one, so that what they ask of each other is near."""
    shown = [(one.path, one.text) for one in examples(rule.doc, heading) if not one.is_base]
    objects = [
        text for path, text in shown if is_manifest(path) and "\nkind:" in text and "kustom" not in path
    ]
    if len(objects) < 2:
        return dict(shown)
    rest = {path: text for path, text in shown if text not in objects}
    return {**rest, "k8s/all.yaml": "---\n".join(objects)}


def stages(bad: dict[str, str], good: dict[str, str]) -> Iterator[tuple[str, str | None]]:
    """Yield edits that lead from one to the other and back, a few documents or lines at a time."""
    for old, new in ((bad, good), (good, bad)):
        for path in sorted({*old, *new}):
            was, becomes = parts(old.get(path)), parts(new.get(path))
            for count in range(1, len(becomes)):
                yield path, "".join([*becomes[:count], *was[count:]])
            yield path, new.get(path)


def parts(text: str | None) -> list[str]:
    """Return a text cut at its documents, else in two halves."""
    if text is None:
        return []
    cut = re.split(r"(?<=\n)(?=---\n)", text)
    lines = text.splitlines(keepends=True)
    return cut if len(cut) > 1 else ["".join(lines[: len(lines) // 2]), "".join(lines[len(lines) // 2 :])]
