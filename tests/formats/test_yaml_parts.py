"""What is read part by part is what is read at once."""

import random
import re
from collections.abc import Callable, Iterable

import pytest

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, Tree, walk
from rollsafe.formats.yaml import read_yaml
from rollsafe.text import Span

JOB = """\
  build-{n}:
    # what it is for
    runs-on: [ubuntu-24.04, "x"]
    env: {{A: 'b', C: }}
    steps:
      - name: Test
        run: |
          echo {n}

          make # not a comment
      - uses: a/b@v1
        with:
          text: >-
            folded
              more

"""
PATH = """\
  /things{n}/{{id}}:
    # what it is for
    get:
      operationId: getThing{n}
      description: |
        Get one

        or "none
      tags: [a, 'b']
      responses:
        "200": {{description: ok, content: {{a/b: {{schema: {{$ref: "#/c/schemas/T{n}"}}}}}}}}
"""
SCHEMA = """\
    T{n}:
      type: object
      required:
      - id

      properties:
        id: {{type: string}}
        "x y": "quoted
          twice"
"""
OBJECT = """\
  - apiVersion: v1
    # what it is for
    kind: Deployment
    metadata: {{name: "a{n}", labels: }}
    spec:
      template:
        containers:
        - name: main
          args:
          - --one
          -
          - - a
            - "b
              c: d"
          command:
            - sh
            # why
            - -c
            - |
              echo {n}
              - not: an item

              # not a comment
        - {{name: side}}
        -   image: x
            env:
              - name: A{n}
                value: 'it''s {n}'
              - name: B
                value: >-
                  folded
                    more
"""
DATA = """\
  key-{n}: value {n}
  "quoted {n}": |
    - text: {n}
  empty-{n}:
"""
WORDS = (
    *'x "[]{}|#&:*-\t',
    "\n",
    "  ",
    "- ",
    "a: b\n",
    "\n  b:\n",
    "\nz: 1\n",
    "'",
    "{{ x }}",
    "&a ",
    "*a",
    "---\n",
)
AT_ONCE = "# an &anchor, so that parts may depend on each other\n"


def workflow(jobs: int) -> str:
    return "name: x\non:\n  push:\njobs: # all\n" + "".join(JOB.format(n=n) for n in range(jobs))


def interface(paths: int) -> str:
    head = "openapi: 3.0.3\ninfo: {title: a, version: '1'}\ntags:\n- name: a\npaths:\n"
    schemas = "".join(SCHEMA.format(n=n) for n in range(paths))
    return f"{head}{''.join(PATH.format(n=n) for n in range(paths))}components:\n  schemas:\n{schemas}"


def listing(objects: int) -> str:
    return "apiVersion: v1\nkind: List\nitems: # all\n" + "".join(OBJECT.format(n=n) for n in range(objects))


def one_long_object(items: int) -> str:
    """Return an object with a long sequence deep inside of it, and a long mapping behind that."""
    head = "apiVersion: v1\nkind: Thing\nspec:\n  versions:\n"
    data = "data:\n" + "".join(DATA.format(n=n) for n in range(items * 8))
    return head + "".join(OBJECT.format(n=n) for n in range(items)) + data


def told(tree: Tree) -> list[object]:
    return [[shape(node) for node in walk(root)] for root in tree.documents]


def shape(node: Node) -> tuple[object, ...]:
    words: tuple[object, ...] = ()
    if isinstance(node, Scalar):
        words = (node.text, node.plain, node.block, node.tag)
    elif isinstance(node, Mapping | Sequence):
        words = (node.flow, node.tag)
    return (type(node), node.start, node.end, *words)


def assert_as_at_once(text: str) -> None:
    """Compare with reading at once: the same if that finds nothing wrong, else the same around it."""
    tree, whole = read_yaml(text), read_yaml(text + AT_ONCE)
    assert [(one.message, min(one.start, len(text))) for one in tree.problems[:1]] == [
        (one.message, min(one.start, len(text))) for one in whole.problems[:1]
    ]
    if not tree.damaged:
        assert told(tree) == told(whole)
        return
    mended = read_yaml(without(text, tree.damaged) + AT_ONCE)
    assert not mended.problems
    assert scalars_outside(tree, tree.damaged) == scalars_outside(mended, tree.damaged)


def without(text: str, places: Iterable[Span]) -> str:
    """Return a text with comments in these places."""
    for start, end in places:
        blank = re.sub("[^\n]", " ", text[start:end])
        text = text[:start] + blank + text[end:]
        begins = start if text[start - 1 : start] in ("", "\n") else text.find("\n", start) + 1
        text = text[:begins] + "#" + text[begins + 1 :]
    return text


def scalars_outside(tree: Tree, places: Iterable[Span]) -> list[object]:
    """Return what the scalars outside of these places say; none for a key that has lost its value."""
    scalars = [node for root in tree.documents for node in walk(root) if isinstance(node, Scalar)]
    return [
        shape(one)
        for one in scalars
        if one.start < one.end and not any(start <= one.start <= end for start, end in places)
    ]


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("make", [workflow, interface])
def test_an_edited_file(make: Callable[[int], str], seed: int) -> None:
    chance = random.Random(seed)
    text = make(8)
    for _ in range(4):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + chance.randrange(2) :]
        assert_as_at_once(text + "\n")


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("make", [listing, one_long_object])
def test_an_edited_file_of_very_many_lines(make: Callable[[int], str], seed: int) -> None:
    chance = random.Random(seed)
    text = make(36)
    for _ in range(4):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + chance.randrange(2) :]
        assert_as_at_once(text + "\n")


@pytest.mark.parametrize(
    "line",
    ["  deploy", "deploy", '    name: "Deploy', "    deploy", "      - run: [a, b", "    if: 'x' y", "\t- a"],
)
def test_a_damaged_line_costs_nothing_of_other_jobs(line: str) -> None:
    text = workflow(8)
    at = text.index("    steps:", text.index("build-5:"))
    tree = read_yaml(f"{text[:at]}{line}\n{text[at:]}")
    assert tree.problems
    jobs = tree.documents[0].map_at("jobs")
    assert jobs is not None
    assert [one.name for one in jobs.entries] == [f"build-{n}" for n in range(8)]
    sound = [one.name for one in jobs.entries if not is_damaged(tree, Span(one.start, one.end))]
    assert sound == [f"build-{n}" for n in range(8) if n != 5]


def is_damaged(tree: Tree, place: Span) -> bool:
    return tree.damaged is None or any(one.touches(place) for one in tree.damaged)


def test_a_key_without_a_colon() -> None:
    text = listing(36)
    at = text.index("    kind: ", len(text) // 2)
    assert_as_at_once(f"{text[:at]}    ? lone\n    # and nothing else\n\n{text[at:]}")


def test_a_key_behind_the_jobs() -> None:
    assert_as_at_once(workflow(8) + "env:\n  A: b\n")


def test_a_list_goes_on_at_the_column_of_the_jobs() -> None:
    assert_as_at_once(workflow(8).replace("[ubuntu-24.04,", "[ubuntu-24.04,\n  b,", 1))


def test_quotes_over_the_column_of_keys() -> None:
    text = interface(8)
    assert_as_at_once(text.replace("operationId: getThing3", 'summary: "one\n    two: three"\n      x: y', 1))
    assert_as_at_once(text.replace("title: a", 'title: "a\npaths: b"', 1))


def test_what_moved_is_where_it_is_now() -> None:
    read_yaml(workflow(8))
    assert_as_at_once("# a line more\n" + workflow(8))
