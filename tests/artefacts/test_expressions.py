"""GitHub expressions: where they are, what they read, what a condition insists on."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.expressions import (
    Call,
    Comparison,
    Expr,
    Index,
    Literal,
    Logical,
    Name,
    Not,
    Property,
    Star,
    calls,
    conjuncts,
    context_paths,
    find_expressions,
    read_condition,
    read_expression,
    read_template,
    required_results,
    runs_after_failure,
    status_checks,
    walk,
)

TOKENS = (
    "github event a 'x' 'it''s' 1 -2.5e3 0xff true null ( ) [ ] . , ! && || == != < >= * always()"
    " ${{ }} ' \\ {"
)
texts = st.lists(st.sampled_from([*TOKENS.split(" "), " ", "\n", "\0", "\ud800", "é"])).map("".join)


def show(node: Expr) -> str:
    """Write a tree with every pair of brackets."""
    match node:
        case Literal():
            return repr(node.value)
        case Name():
            return node.name
        case Property():
            return f"{show(node.base)}.{node.name}"
        case Index():
            return f"{show(node.base)}[{show(node.index)}]"
        case Star():
            return f"{show(node.base)}.*"
        case Call():
            return f"{node.name}({', '.join(map(show, node.arguments))})"
        case Not():
            return f"!{show(node.operand)}"
        case Comparison():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case Logical():
            return f"({f' {node.operator} '.join(map(show, node.operands))})"
        case _:
            return "?"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("github.ref", "github.ref"),
        ("github.event.issue['title']", "github.event.issue['title']"),
        ("a.*.b[0]", "a.*.b[0.0]"),
        ("a[*]", "a.*"),
        ("'it''s'", '"it\'s"'),
        ("TRUE && null", "(True && None)"),
        ("0xff", "255.0"),
        ("-1.5e2", "-150.0"),
        ("!a == b", "(!a == b)"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("a || b || c", "(a || b || c)"),
        ("(a || b) && c", "((a || b) && c)"),
        ("a == 'x' && b != 1", "((a == 'x') && (b != 1.0))"),
        ("contains(fromJSON('[1]'), matrix.x)", "contains(fromJSON('[1]'), matrix.x)"),
        ("hashFiles()", "hashFiles()"),
        ("github.event-name", "github.event-name"),
    ],
)
def test_expressions_are_read_by_precedence(text: str, tree: str) -> None:
    read = read_expression(text)
    assert (show(read.root), read.problems) == (tree, ())


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("github.", "github."),
        ("a &&", "(a && ?)"),
        ("f(a, ", "f(a, ?)"),
        ("(a", "a"),
        ("'open", "'open'"),
        ("a b", "a"),
        ("", "?"),
        ("a ==", "(a == ?)"),
        ("a = b", "a"),
    ],
)
def test_half_typed_expressions_keep_what_is_there(text: str, tree: str) -> None:
    read = read_expression(text)
    assert show(read.root) == tree
    assert read.problems


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no", []),
        ("x ${{ a }} y ${{b}}", ["${{ a }}", "${{b}}"]),
        ("${{ format('}}', a) }} z", ["${{ format('}}', a) }}"]),
        ("${{ 'it''s }}' }}!", ["${{ 'it''s }}' }}"]),
        ("${{ open", ["${{ open"]),
        ("${{ }}", ["${{ }}"]),
    ],
)
def test_expressions_are_found_in_text(text: str, found: list[str]) -> None:
    expressions = list(find_expressions(text, 10))
    assert [text[one.start - 10 : one.end - 10] for one in expressions] == found
    for one in expressions:
        for node in walk(one.root):
            assert one.inner_start <= node.start <= node.end <= max(one.inner_end, one.inner_start) + 1


def test_a_template_knows_whether_it_is_one_expression() -> None:
    assert read_template(" ${{ a }} ").whole is not None
    assert read_template("v${{ a }}").whole is None
    assert read_template("${{ a }}${{ b }}").whole is None


def test_contexts_are_listed_with_their_longest_path() -> None:
    read = read_expression(
        "github.event.issue.title == needs['Build'].outputs.x && a[inputs.y].z || f(secrets.T)"
    )
    assert [path for path, _ in context_paths(read.root)] == [
        ("github", "event", "issue", "title"),
        ("needs", "build", "outputs", "x"),
        ("a", "*", "z"),
        ("inputs", "y"),
        ("secrets", "t"),
    ]


def test_a_node_stands_where_it_is_written() -> None:
    text = "always() && needs.test.result == 'success'"
    last = conjuncts(read_expression(text, 3).root)[-1]
    assert text[last.start - 3 : last.end - 3] == "needs.test.result == 'success'"


@pytest.mark.parametrize(
    ("text", "functions", "results", "after_failure"),
    [
        ("always()", {"always"}, set[str](), True),
        ("${{ always() && needs.test.result == 'success' }}", {"always"}, {"test"}, True),
        ("!cancelled() && 'success' == needs['e2e'].result", {"cancelled"}, {"e2e"}, True),
        ("failure() || cancelled()", {"failure", "cancelled"}, set[str](), True),
        ("success() && github.ref == 'refs/heads/main'", {"success"}, set[str](), False),
        ("needs.a.result == 'success' || needs.b.result == 'success'", set[str](), set[str](), False),
        ("needs.a.result == 'success' && (needs.b.result == 'success')", set[str](), {"a", "b"}, False),
        ("needs.a.result != 'success'", set[str](), set[str](), False),
        ("github.event_name == 'always()'", set[str](), set[str](), False),
        ("ALWAYS()", {"always"}, set[str](), True),
    ],
)
def test_what_a_condition_insists_on(
    text: str, functions: set[str], results: set[str], after_failure: bool
) -> None:
    root = read_condition(text).root
    assert (set(status_checks(root)), set(required_results(root))) == (functions, results)
    assert runs_after_failure(root) is after_failure


@pytest.mark.parametrize(
    ("text", "padded", "never"),
    [
        ("false", False, True),
        ("${{ false }}", False, True),
        ("${{ false }} ", True, False),
        ("${{ a }}\n", True, False),
        ("${{ a }} && ${{ b }}", True, False),
        ("a && b", False, False),
        ("'false'", False, False),
    ],
)
def test_padded_and_constant_conditions(text: str, padded: bool, never: bool) -> None:
    condition = read_condition(text)
    assert (condition.padded, condition.never) == (padded, never)


def test_the_parts_of_a_padded_condition_are_still_seen() -> None:
    assert calls(read_condition("${{ always() }} && ${{ failure() }}").root) == {"always", "failure"}


@given(texts)
def test_nothing_raises(text: str) -> None:
    condition = read_condition(text)
    status_checks(condition.root)
    required_results(condition.root)
    runs_after_failure(condition.root)
    for expression in find_expressions(text):
        assert 0 <= expression.start <= expression.end <= len(text)
        for node in walk(expression.root):
            assert 0 <= node.start <= node.end <= len(text) + 1


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "!" * 100_000,
        "a." * 100_000,
        "a[" * 100_000,
        "a && " * 50_000,
        "a == " * 50_000,
        "'" * 100_001,
        "${{ " * 50_000,
        "${{ '}}" * 20_000,
        "${{ a }}" * 20_000,
        "x" * 5_000_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_bombs_are_refused_quickly(text: str) -> None:
    start = time.process_time()
    root = read_condition(text).root
    status_checks(root)
    required_results(root)
    list(context_paths(root))
    assert time.process_time() - start < 5
