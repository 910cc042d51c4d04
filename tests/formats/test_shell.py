"""Shell scripts: which commands they run, how, and where each word stands."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.shell import MAX_CHARS, Dialect, ShellCommand, read_shell

PIECES = (
    "kubectl helm true false exit 0 echo a b -f --x=y --x A=1 $X ${X} ${{ a }} ${X:-y} if then else fi for"
    " x in do done while until case esac ;; { } ( ) (( )) [[ ]] ! && || | |& ; & < > >> << <<- <<< <("
    " EOF 2>&1 &> # \\ ' \" ` $( $(( function f() ssh h bash -c sudo env docker run xargs eval ="
)
scripts = st.lists(
    st.sampled_from([*PIECES.split(" "), " ", " ", "\n", "\n", "\r\n", "\t", "\\\n", "\0", "\ud800", "é😀"])
).map("".join)


def only(script: str, dialect: Dialect = Dialect.POSIX) -> ShellCommand:
    commands = read_shell(script, dialect=dialect).commands
    assert len(commands) == 1, commands
    return commands[0]


def lines(script: str, dialect: Dialect = Dialect.POSIX) -> list[str]:
    return [" ".join(command.texts) for command in read_shell(script, dialect=dialect).commands]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b\nc", ["a b", "c"]),
        ("a && b || c; d | e & f", ["a", "b", "c", "d", "e", "f"]),
        ("a \\\n  b \\\r\n  c", ["a b c"]),
        ("a # b\n# c\nd#e", ["a", "d#e"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("for x in a b; do c; done", ["c"]),
        ("for ((i=0; i<3; i++)); do c; done", ["c"]),
        ("while a; do b; done < file", ["a", "b"]),
        ("case $x in\n a|b) c ;;\n *) d;;\nesac\ne", ["c", "d", "e"]),
        ("f() { a; }\nfunction g { b; }", ["a", "b"]),
        ("(a; b) && { c; }", ["a", "b", "c"]),
        ("[[ -n $x && $y < 3 ]] && a", ["[[ -n $x && $y < 3 ]]", "a"]),
        ("! a", ["a"]),
        ("x=(a b\n # no\n c)\nd", ["", "d"]),
        ("echo $(a b) `c`", ["a b", "c", "echo $(a b) `c`"]),
        ('echo "$(a "b c")"', ["a b c", 'echo $(a "b c")']),
        ("diff <(a) <(b)", ["a", "b", "diff <(a) <(b)"]),
        (
            "echo $((1 + 2)) ${X:-a b} ${{ github.x && 'a|b' }}",
            ["echo $((1 + 2)) ${X:-a b} ${{ github.x && 'a|b' }}"],
        ),
        ("echo 'a;b' \"c|d\" e\\;f $'g\\'h'", ["echo a;b c|d e;f g\\'h"]),
        ("cat <<EOF > f\nkubectl apply\nEOF\na", ["cat", "a"]),
        ("cat <<-'EOF'\n\ta\n\tEOF\nb", ["cat", "b"]),
        ("a <<X && b <<Y\n1\nX\n2\nY\nc", ["a", "b", "c"]),
        ("a 2>&1 >out &>all", ["a"]),
        ("done; fi; a", ["a"]),
        ("a &&\n\n  b", ["a", "b"]),
        ("", []),
    ],
)
def test_a_script_is_split_into_its_commands(script: str, expected: list[str]) -> None:
    assert lines(script) == expected


@pytest.mark.parametrize(
    ("dialect", "script", "expected"),
    [
        (Dialect.POWERSHELL, "a `\n b", ["a b"]),
        (Dialect.POWERSHELL, "if ($x) { a } else { b }", ["if $x", "a", "else", "b"]),
        (Dialect.POWERSHELL, "a C:\\x\\y", ["a C:\\x\\y"]),
        (Dialect.POWERSHELL, "& a b", ["a b"]),
        (Dialect.CMD, "a ^\n b\nREM c\nd", ["a b", "d"]),
    ],
)
def test_other_shells_differ_in_escapes(dialect: Dialect, script: str, expected: list[str]) -> None:
    assert lines(script, dialect)[: len(expected)] == expected


@pytest.mark.parametrize(
    ("script", "wrappers", "texts"),
    [
        ("sudo -u app -E kubectl apply", ["sudo"], "kubectl apply"),
        ("FOO=1 env BAR=2 time helm upgrade", ["env", "time"], "helm upgrade"),
        ("npx --yes prisma migrate deploy", ["npx"], "prisma migrate deploy"),
        ("pnpm dlx prisma migrate", ["pnpm dlx"], "prisma migrate"),
        ("pnpm exec prisma migrate", ["pnpm exec"], "prisma migrate"),
        ("yarn dlx -p x prisma", ["yarn dlx"], "prisma"),
        ("bunx prisma", ["bunx"], "prisma"),
        ("uv run --frozen --group dev python manage.py migrate", ["uv run", "python"], "manage.py migrate"),
        ("poetry run alembic upgrade head", ["poetry run"], "alembic upgrade head"),
        ("pipenv run pytest", ["pipenv run"], "pytest"),
        ("bundle exec rails db:migrate", ["bundle exec"], "rails db:migrate"),
        ("python3 -m pytest -q", ["python3 -m"], "pytest -q"),
        ("php artisan migrate", ["php"], "artisan migrate"),
        ("docker compose -f c.yml run --rm -e A=1 web rake x", ["docker compose run"], "rake x"),
        ("docker-compose exec -T web rake x", ["docker-compose exec"], "rake x"),
        ("docker run --rm -v $PWD:/x -w /x node:20 npm test", ["docker run"], "npm test"),
        ("docker run -d --name db postgres", [], "docker run -d --name db postgres"),
        ("docker run --rm r.io/flyway/flyway:10 -url=x migrate", ["docker run"], "flyway -url=x migrate"),
        ("kubectl exec -n ns pod -- rake x", ["kubectl exec"], "rake x"),
        ("kubectl -n ns exec deploy/x -c app -- rake x", ["kubectl exec"], "rake x"),
        ("heroku run -a app rake x", ["heroku run"], "rake x"),
        ("heroku run -a app 'rake x'", ["heroku run"], "rake x"),
        ("fly ssh console -a app -C 'rake x'", ["fly ssh console"], "rake x"),
        ("timeout -k 5 30 bash -ec 'make x'", ["timeout", "bash"], "make x"),
        ("ssh -i key -p 22 u@h sudo systemctl restart x", ["ssh", "sudo"], "systemctl restart x"),
        ("ssh u@h 'systemctl restart x'", ["ssh"], "systemctl restart x"),
        ("ssh -T u@h <<'EOF'\nsystemctl restart x\nEOF\n", ["ssh"], "systemctl restart x"),
        ("ssh u@h 'bash -s' <<EOF\nmake x\nEOF\n", ["ssh", "bash"], "make x"),
        ("bash -s <<EOF\nmake x\nEOF", ["bash"], "make x"),
        ("echo a | xargs -n 1 -I {} kubectl delete", ["xargs"], "kubectl delete"),
        ("nohup nice -n 5 make x", ["nohup", "nice"], "make x"),
        ("aws-vault exec prod -- terraform apply", ["aws-vault exec"], "terraform apply"),
        ("aws ecs execute-command --task t --command 'rake x'", ["aws ecs execute-command"], "rake x"),
        ("bash scripts/deploy.sh prod", ["bash"], "scripts/deploy.sh prod"),
        ("sudo", [], "sudo"),
    ],
)
def test_prefixes_are_stripped_and_remembered(script: str, wrappers: list[str], texts: str) -> None:
    command = read_shell(script).commands[-1]
    assert (list(command.wrappers), " ".join(command.texts)) == (wrappers, texts)


@pytest.mark.parametrize(
    ("script", "swallowed"),
    [
        ("a || true", ["a"]),
        ("a || :", ["a"]),
        ("a || exit 0", ["a"]),
        ("a || echo no", ["a"]),
        ("a && b || true", ["a", "b"]),
        ("a | b || true", ["a", "b"]),
        ("{ a; b; } || true", ["a", "b"]),
        ("(a) || true", ["a"]),
        ("ssh h 'a; b' || true", ["a", "b"]),
        ("x=$(a) || true", ["a", ""]),
        ("a || b", []),
        ("a || exit 1", []),
        ("a || { echo no; exit 1; }", []),
        ("a || echo no && exit 1", []),
        ("a; true", []),
        ("a\n|| true", []),
    ],
)
def test_a_swallowed_failure_is_known(script: str, swallowed: list[str]) -> None:
    assert [command.name for command in read_shell(script).commands if command.or_true] == swallowed


def test_separators_follow_their_command() -> None:
    found = [command.separator_after for command in read_shell("a && b || c | d; e &\nf\n").commands]
    assert found == ["&&", "||", "|", ";", "&", "\n"]


@pytest.mark.parametrize(
    ("script", "name", "expected"),
    [
        ("if a; then b; fi", "a", {"condition"}),
        ("if a; then b; fi", "b", {"branch"}),
        ("until a; do b; done", "a", {"condition"}),
        ("until a; do b; done", "b", {"loop"}),
        ("for i in 1 2; do if a; then b; fi; done", "b", {"branch", "loop"}),
        ("case x in y) b;; esac", "b", {"branch"}),
        ("x=$(b)", "b", {"substitution"}),
        ("if a; then c; fi; b", "b", set[str]()),
    ],
)
def test_surroundings(script: str, name: str, expected: set[str]) -> None:
    command = next(command for command in read_shell(script).commands if command.name == name)
    assert {key for key, value in command.surroundings._asdict().items() if value} == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a", (None, None, None)),
        ("set -euo pipefail\na", (True, True, None)),
        ("set -e\nset +e\na", (False, None, None)),
        ("set -x; a", (None, None, True)),
        ("set -o errexit -o pipefail\na", (True, True, None)),
        ("set -e\nbash -c 'a'", (None, None, None)),
    ],
)
def test_set_is_tracked(script: str, expected: tuple[bool | None, ...]) -> None:
    assert tuple(read_shell(script).commands[-1].options) == expected


@pytest.mark.parametrize(
    ("script", "names", "value"),
    [
        ("helm upgrade --timeout 5m", ("--timeout",), "5m"),
        ("helm upgrade --timeout=5m", ("--timeout",), "5m"),
        ("helm upgrade -n x", ("--namespace", "-n"), "x"),
        ("helm upgrade", ("--timeout",), None),
        ("helm upgrade --timeout", ("--timeout",), None),
    ],
)
def test_options_have_values(script: str, names: tuple[str, ...], value: str | None) -> None:
    assert only(script).option(*names) == value


def test_flags_words_and_repeated_options() -> None:
    script = "helm -n prod upgrade --atomic --wait=false -f a -f=b web ./chart"
    command = only(script)
    assert command.has_flag("--atomic")
    assert not command.has_flag("--wait")
    assert not command.has_flag("--timeout")
    assert command.option_values("-f") == ["a", "b"]
    atomic = command.flag("--atomic")
    assert atomic is not None
    assert script[atomic.start : atomic.end] == "--atomic"
    assert command.operands == ["upgrade", "web", "./chart"]
    assert only("curl -fsSL x").has_letter("f")
    assert not only("curl --fail x").has_letter("f")


@pytest.mark.parametrize(
    ("script", "words", "expected"),
    [
        ("kubectl rollout status x", ("kubectl", "rollout", "status"), True),
        ("kubectl -n a --context=b rollout --watch status x", ("kubectl", "rollout", "status"), True),
        ("kubectl get rollout status", ("kubectl", "rollout", "status"), False),
        ("kubectl rollout", ("kubectl", "rollout", "status"), False),
    ],
)
def test_matching_ignores_flags(script: str, words: tuple[str, ...], expected: bool) -> None:
    assert only(script).matches(*words) is expected


def test_assignments_redirects_and_variables() -> None:
    command = only("A=1 B='x y' cmd <in >> out")
    assert [(one.name, one.value) for one in command.assignments] == [("A", "1"), ("B", "x y")]
    assert [(one.operator, one.target.text) for one in command.redirects] == [("<", "in"), (">>", "out")]
    assert command.variable("B") == "x y"
    assert only("A=1").name == ""


def test_a_here_document_is_data() -> None:
    script = "cat <<EOF\nx: 1\nEOF\n"
    body = only(script).redirects[0].target
    assert (body.text, script[body.start : body.end]) == ("x: 1\n", "x: 1\n")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('DC="docker compose -f x"\n$DC up -d', "docker compose -f x up -d"),
        ('c=(docker compose)\n"${c[@]}" up', "docker compose up"),
        ("T=x\nif a; then T=y; fi\n$U up", "$U up"),
        ("DC=$(which docker)\n$DC up", "$DC up"),
    ],
)
def test_a_variable_that_holds_a_command_is_put_in_its_place(script: str, expected: str) -> None:
    assert lines(script)[-1] == expected


def test_offsets_count_from_the_base_even_inside_command_lines() -> None:
    script = 'x; ssh h "cd /a && docker compose up"'
    for base in (0, 100):
        up = read_shell(script, base).commands[-1]
        assert script[up.start - base : up.end - base] == "docker compose up"


def test_a_command_line_with_escapes_stands_where_it_is_quoted() -> None:
    script = 'bash -c "echo \\"a\\" && make x"'
    make = read_shell(script).commands[-1]
    assert make.texts == ["make", "x"]
    assert script[make.start : make.end].startswith('"echo')


def test_moving_a_command_moves_all_of_it() -> None:
    moved = only("A=1 cmd --x y > z").at(lambda offset: offset + 10)
    assert [word.start for word in moved.words] == [14, 18, 22]
    assert (moved.start, moved.end, moved.assignments[0].word.start) == (10, 23, 10)
    assert moved.redirects[0].target.start == 26
    flag = moved.flag("--x")
    assert flag is not None
    assert flag.start == 18


@given(scripts, st.sampled_from(Dialect), st.integers(0, 50))
def test_nothing_raises_and_every_place_lies_in_the_script(text: str, dialect: Dialect, base: int) -> None:
    script = read_shell(text, base, dialect)
    for command in script.commands:
        assert base <= command.start <= command.end <= base + len(text)
        for word in command.words:
            assert base <= word.start <= word.end <= base + len(text)


@given(scripts)
def test_plain_words_stand_where_they_say(text: str) -> None:
    for command in read_shell(text).commands:
        for word in command.words:
            source = text[word.start : word.end]
            assert word.quoted or "\\" in source or word.text == source


@given(scripts, scripts)
def test_a_line_below_does_not_change_the_lines_above(above: str, below: str) -> None:
    closed = f"{above}\n:\n"
    first = read_shell(closed)
    if first.problems or not first.commands or first.commands[-1].texts != [":"]:
        return
    if first.commands[-1].surroundings != (False, False, False, False) or any(c in above for c in "({\\<`"):
        return
    before = [command.texts for command in first.commands]
    after = [command.texts for command in read_shell(closed + below).commands]
    assert after[: len(before)] == before


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000,
        "$(" * 100_000,
        "${" * 100_000,
        "${{" * 60_000,
        "$((" * 60_000,
        "`" * 100_001,
        '"' * 100_001,
        "'" * 100_001,
        "a || true " * 10_000,
        "cat <<a\n" + "a b " * 30_000,
        'bash -c "' * 10_000,
        "sudo " * 25_000,
        "if " * 40_000,
        "a\r" * 60_000,
        "a=(" * 40_000,
        ('A="' + "x " * 90 + '"\n') + "$A\n" * 30_000,
        "x" * 5_000_000,
        "\0" * 100_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_bombs_are_refused_quickly(text: str) -> None:
    start = time.process_time()
    read_shell(text)
    assert time.process_time() - start < 5


def test_what_is_not_read_is_reported() -> None:
    assert [problem.fatal for problem in read_shell("x" * (MAX_CHARS + 1)).problems] == [True]
    assert [problem.fatal for problem in read_shell("a b c\n" * 20_000).problems] == [True]
    assert [(problem.start, problem.fatal) for problem in read_shell("a 'b\nc", 5).problems] == [(7, False)]
