"""What is read part by part is what is read at once."""

import random

import pytest

from rollsafe.formats.nodes import Node, Scalar, Tree, walk
from rollsafe.formats.yaml import read_yaml

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


def told(tree: Tree) -> list[object]:
    return [[shape(node) for node in walk(root)] for root in tree.documents]


def shape(node: Node) -> tuple[object, ...]:
    words = (node.text, node.plain, node.block, node.tag) if isinstance(node, Scalar) else ()
    return (type(node), node.start, node.end, *words)


def assert_as_at_once(text: str) -> None:
    tree, whole = read_yaml(text), read_yaml(text + AT_ONCE)
    assert told(tree) == told(whole)
    assert [one.message for one in tree.problems] == [one.message for one in whole.problems]


@pytest.mark.parametrize("seed", range(60))
def test_an_edited_workflow(seed: int) -> None:
    chance = random.Random(seed)
    text = workflow(8)
    for _ in range(4):
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(WORDS) + text[at + chance.randrange(2) :]
        assert_as_at_once(text + "\n")


def test_a_key_behind_the_jobs() -> None:
    assert_as_at_once(workflow(8) + "env:\n  A: b\n")


def test_a_list_goes_on_at_the_column_of_the_jobs() -> None:
    assert_as_at_once(workflow(8).replace("[ubuntu-24.04,", "[ubuntu-24.04,\n  b,", 1))


def test_what_moved_is_where_it_is_now() -> None:
    read_yaml(workflow(8))
    assert_as_at_once("# a line more\n" + workflow(8))
