"""The reader of JavaScript and TypeScript: programs, positions, half-typed files, hostile input."""

import json
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rollsafe.formats.code import (
    Argument,
    Assign,
    Block,
    Call,
    Class,
    Code,
    Function,
    Items,
    Literal,
    Name,
    Pairs,
    Text,
    walk,
)
from rollsafe.formats.code.javascript import read_javascript


def shown(code: Code) -> str:  # noqa: C901 - one case a kind of node
    """Return a node in short: what tests compare."""
    match code:
        case Text():
            return repr(code.value) + ("?" if code.is_partial else "")
        case Literal():
            return str(code.value)
        case Name():
            return code.path
        case Items():
            return f"[{listed(code.items)}]"
        case Pairs():
            return f"{{{listed(code.entries)}}}"
        case Argument():
            return f"{code.name or '…'}: {shown(code.value)}"
        case Call():
            return (
                f"{shown(code.on) + '.' if code.on is not None else ''}{code.name}({listed(code.arguments)})"
            )
        case Function():
            return f"{code.name}({', '.join(code.parameters)}) {{{listed(code.body)}}}"
        case Class():
            return f"class {code.name}({', '.join(code.bases)}) {{{listed(code.body)}}}"
        case Assign():
            return f"{code.name} = {shown(code.value)}"
        case Block():
            return f"{code.kind}({listed(code.head)}) {{{listed(code.body)}}}"
        case _:
            return f"opaque({listed(code.parts)})"


def listed(codes: tuple[Code, ...] | tuple[Argument, ...]) -> str:
    return ", ".join(map(shown, codes))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f('a', \"b\", `c`)", "f('a', 'b', 'c')"),
        ("f(1, 1_000, 0x10, -2, 1.5, true)", "f(1, 1000, 16, -2, 1.5, True)"),
        ("f(null, undefined, void 0)", "f(None, None, None)"),
        ("await knex.schema.dropTable('t');", "knex.schema.dropTable('t')"),
        ("await (knex as any)!.schema.dropTable<T>('t' as string);", "knex.schema.dropTable('t')"),
        ("await (<any>knex).raw('x');", "knex.raw('x')"),
        ("k?.a().b(1).c()", "k.a().b(1).c()"),
        ("new Q.TableColumn({ name: 'a', 'isNullable': false, [x]: 1, ...rest, both })",
         "Q.TableColumn({name: 'a', isNullable: False, …: 1, …: rest, both: both})"),
        ("f({ async up(k) { k.a() }, down: function (k) {} })", "f({up: up(k) {k.a()}, down: (k) {}})"),
        ("exports.up = async (knex) => knex.raw('x')", "exports.up = (knex) {knex.raw('x')}"),
        ("exports.up = exports.down = f", "exports.up = exports.down = f"),
        ("export async function up({ context: queryInterface }, b = 1) {}", "up(queryInterface, b) {}"),
        ("export const up = (a: Knex): Promise<void> => a.b(), c = 1", "up = (a) {a.b()}, c = 1"),
        ("export default { up }", "default = {up: up}"),
        ("export = make", "module.exports = make"),
        ("export { go as up, down }", "up = go"),
        ("export default class A extends B.C implements D, E<F> { x = 1; public y: T = 'z'; u(q) {} }",
         "class A(B.C, D, E<F>) {x = 1, y = 'z', u(q) {}}"),
        ("if (a) b(); else { c() }", "if(a) {b(), if() {block() {c()}}}"),
        ("for (const t of ['a']) f(t)", "for(['a']) {f(t)}"),
        ("try { a() } catch (e) { throw new E('x') }",
         "try() {block() {a()}, try() {block() {throw() {E('x')}}}}"),
        ("a && b()", "opaque(a, b())"),
        ("sql`x`", "sql('x')"),
        ("let a, { b } = c", " = c"),
        ("/* only */ // comments", ""),
    ],
)  # fmt: skip
def test_a_program_is_what_it_says(text: str, expected: str) -> None:
    program = read_javascript(text)
    assert listed(program.body) == expected
    assert not program.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"'it\'s \x41\u0042\u{43}\n'", repr("it's ABC\n")),
        ("'a\\\nb'", "'ab'"),
        ("'a' + \"b\" + `c` + 1", "'abc1'"),
        ("'a' + b + 'c'", "'a?c'?"),
        ("`a ${b} c`", "'a ? c'?"),
        ("`a ${'b'} ${2} c`", "'a b 2 c'"),
        ("['a', 'b'].join(' ')", "'a b'"),
        ("`\n a `.trim()", repr("\n a ")),
        ("a + b", "opaque(a, b)"),
    ],
)
def test_strings_are_put_together_and_what_is_computed_is_left_out(text: str, expected: str) -> None:
    assert shown(read_javascript(f"f({text})").body[0]) == f"f({expected})"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const T = 'orders'; f(T, `${T}_x`)", "f('orders', 'orders_x')"),
        ("const T = ['a', 'b']; f(T, [...T, 'c'])", "f(['a', 'b'], ['a', 'b', 'c'])"),
        ("const T = { a: 'x' }; f(T.a, T.b, { ...T })", "f('x', T.b, {a: 'x'})"),
        ("let t = 'orders'; f(t)", "f(t)"),
        ("f(T); const T = 'orders'", "f(T)"),
        ("const T = 'orders'; g((T) => { f(T) })", "f(T)"),
        ("const T = 'orders'; for (const T of x) f(T)", "f(T)"),
        ("const T = 'orders'; g(() => { const T = 'lines'; f(T) })", "f('lines')"),
        ("g(() => { const T = 'lines' }); f(T)", "f(T)"),
    ],
)
def test_constants_stand_for_their_values_where_they_are_in_scope(text: str, expected: str) -> None:
    program = read_javascript(text)
    found = [one for code in program.body for one in walk(code) if isinstance(one, Call) and one.name == "f"]
    assert shown(found[0]) == expected


def test_imports_say_what_names_stand_for() -> None:
    text = """
    import type { Knex as K } from 'knex';
    import typeorm, { Table } from "typeorm";
    import * as S from 'sequelize';
    import pg = require('pg');
    const { DataTypes, literal: raw } = require('sequelize');
    const knex = require('knex');
    """
    program = read_javascript(text)
    assert program.imports == {
        **{"K": "knex.Knex", "typeorm": "typeorm", "Table": "typeorm.Table", "S": "sequelize", "pg": "pg"},
        **{"DataTypes": "sequelize.DataTypes", "raw": "sequelize.literal", "knex": "knex"},
    }
    assert program.full_name("S.DataTypes") == "sequelize.DataTypes"


def test_places_are_code_points_and_verbatim_strings_have_exact_ones() -> None:
    text = "// é😀\r\nf('é😀', `a\nb`, 'c\\td')"
    program = read_javascript(text)
    call = program.body[0]
    assert isinstance(call, Call)
    first, second, third = (one for one in call.arguments if isinstance(one, Text))
    assert [text[one.inner.start : one.inner.end] for one in (first, second)] == ["é😀", "a\nb"]
    assert (first.is_verbatim, second.is_verbatim, third.is_verbatim) == (True, True, False)
    assert text[call.start : call.end] == text[7:]
    assert text[call.name_at.start : call.name_at.end] == "f"
    assert [one.body for one in program.comments] == ["é😀"]


def test_a_constant_is_placed_where_it_is_used() -> None:
    text = "const T = 'orders'; f(T)"
    call = read_javascript(text).body[1]
    assert isinstance(call, Call)
    assert isinstance(used := call.arguments[0], Text)
    assert (text[used.start : used.end], used.is_verbatim) == ("T", False)


def test_long_chains_and_sums_are_read_whole() -> None:
    chain = "knex" + "".join(f".a{number}()" for number in range(3_000))
    call = read_javascript(chain).body[0]
    links = 0
    while isinstance(call, Call) and call.on is not None:
        links, call = links + 1, call.on
    assert links == 3_000
    added = read_javascript("f(" + "+\n".join(["'ab'"] * 3_000) + ")").body[0]
    assert shown(added) == f"f('{'ab' * 3_000}')"


@pytest.mark.parametrize(
    "text",
    [
        "exports.up = async (knex) => { await knex.raw('a'); await knex.schema.alterTable('t', (t) => { t.",
        "exports.up = async (knex) => { await knex.raw('a'); await knex.raw(`b",
        "exports.up = async (knex) => { await knex.raw('a'); await }",
        "exports.up = async (knex) => { await knex.raw('a'); if (",
    ],
)
def test_a_half_typed_file_keeps_what_stands_before(text: str) -> None:
    program = read_javascript(text)
    calls = [one for code in program.body for one in walk(code) if isinstance(one, Call)]
    assert "knex.raw('a')" in [shown(one) for one in calls]
    assert program.problems


HOSTILE = {
    "deep": "f(" * 100_000,
    "deep and closed": "(" * 100_000 + ")" * 100_000,
    "blocks": "{" * 100_000,
    "large": "a;\n" * 1_700_000,
    "unterminated template": "f(`" + "a" * 190_000,
    "templates in templates": "`${" * 60_000,
    "regular expressions": "/[" * 90_000,
    "comparisons or types": "a<b|" * 40_000,
    "types": "a<b," * 40_000,
    "arrows": "(a)=>" * 30_000,
    "questions": "a?" * 90_000,
    "doubling strings": "const a0 = 'xx';\n"
    + "".join(f"const a{n + 1} = a{n} + a{n};\n" for n in range(90)),
    "doubling lists": "const a0 = ['x'];\n"
    + "".join(f"const a{n + 1} = [...a{n}, ...a{n}];\n" for n in range(90)),
    "patterns": "var {a:" * 25_000,
    "nothing": "\0" * 150_000,
}  # fmt: skip


def test_hostile_files_neither_kill_nor_stall() -> None:
    """In a process of its own, since what a parser may do is to end it."""
    script = (
        "import sys, json; from rollsafe.formats.code.javascript import read_javascript as r\n"
        "for name, text in json.load(sys.stdin).items(): r(text); print(name, flush=True)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, input=json.dumps(HOSTILE), text=True, capture_output=True, timeout=120, check=False
    )
    assert done.stdout.splitlines() == list(HOSTILE), done.stderr


def test_a_file_that_is_too_much_says_so() -> None:
    assert [one.message for one in read_javascript("(" * 101 + ")" * 101).problems] == [
        "nested more than 100 deep"
    ]
    assert read_javascript("a;" * 150_000).problems[0].message == "larger than 200000 characters"
    assert read_javascript("a<b|" * 40_000).problems[0].fatal


@given(st.text(st.sampled_from("aé😀(){}[]<>`$'\"/*+-=;:,.?! \n\r\\#@&|\0\ud800"), max_size=60))
@example("const {")
@example("class A extends {}")
@example("export {a as} from")
@example("`${}`")
@example("[...]")
@example("import")
def test_any_text_is_read(text: str) -> None:
    program = read_javascript(text)
    for code in program.body:
        for one in walk(code):
            assert 0 <= one.start <= one.end <= len(text)
