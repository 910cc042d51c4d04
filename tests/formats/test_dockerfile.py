"""Dockerfiles into instructions: what is read, where it stands, what broken input costs."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.dockerfile import MAX_CHARS, MAX_INSTRUCTIONS, MAX_LINES, read_dockerfile
from rollsafe.formats.dockerfile_nodes import DockerfileTree, Instruction
from rollsafe.text import Located


def only(text: str) -> Instruction:
    """Return the one instruction of `text`."""
    (found,) = read_dockerfile(text).instructions
    return found


def keywords(text: str) -> list[str]:
    return [one.keyword for one in read_dockerfile(text).instructions]


def words(text: str) -> list[str]:
    return [word.text for word in only(text).words]


def messages(text: str) -> list[str]:
    return [problem.message for problem in read_dockerfile(text).problems]


def ask_everything(tree: DockerfileTree) -> None:
    for one in tree.instructions:
        for asked in (one, one.trigger):
            if asked is not None:
                _ = (asked.flags, asked.words, asked.pairs, asked.script, asked.argument)
                _ = (asked.exec_form, asked.health_kind, asked.keyword_span)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a AS b\n", ["a", "AS", "b"]),
        ("from a\n", ["a"]),
        ("\tFROM  a\t \n", ["a"]),
        ("COPY a \\\n  b \\\n  /c\n", ["a", "b", "/c"]),
        ("COPY a \\\n# why\n\n   # more\n  b\n", ["a", "b"]),
        ("RUN ec\\\nho x\n", ["echo", "x"]),
        ("RUN a \\   \n  b\n", ["a", "b"]),
        ("RUN a \\\\\n", ["a", "\\"]),
        ("RUN a \\\r\n b\r\n", ["a", "b"]),
        ("RUN a \\\r b\r", ["a", "b"]),
        ("COPY 'a b' \"c d\" e\\ f\n", ["a b", "c d", "e f"]),
        ("LABEL a=\"x \\\"y\\\"\"\n", ['a=x "y"']),
        ("ENV A='$B' C=\\$D\n", ["A=$B", "C=\\$D"]),
        ("RUN it's open\n", ["its open"]),
        ("EXPOSE 80/tcp 443\n", ["80/tcp", "443"]),
        ("CMD [\"a\", \"b c\"]\n", ["a", "b c"]),
        ("CMD [\"a\", \\\n \"b\\u00e9\"]\n", ["a", "bé"]),
        ("CMD []\n", []),
        ("CMD ['a']\n", ["[a]"]),
        ("CMD [\"a\",]\n", ["[a,]"]),
        ("CMD [\"a\"] b\n", ["[a]", "b"]),
        ("CMD [\"C:\\app\"]\n", ["[C:\\app]"]),
        ("HEALTHCHECK --retries=2 CMD [\"a\"]\n", ["a"]),
        ("HEALTHCHECK NONE\n", ["NONE"]),
        ("SHELL [\"/bin/bash\", \"-c\"]\n", ["/bin/bash", "-c"]),
    ],
)  # fmt: skip
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_broken_continuation_ends_before_the_next_instruction() -> None:
    text = "FROM a\nRUN x && \\\n\nCOPY . .\nRUN y \\\nCMD z\nENV A=1 \\\n    USER=b\n"
    assert keywords(text) == ["FROM", "RUN", "COPY", "RUN", "CMD", "ENV"]
    assert messages(text) == ["line continuation runs into `COPY`", "line continuation runs into `CMD`"]


def test_comments_behind_a_broken_continuation_are_read_once() -> None:
    tree = read_dockerfile("RUN a \\\n# one\n# two\n")
    assert [comment.text for comment in tree.comments] == ["one", "two"]
    assert tree.instructions[0].end == len("RUN a \\")


def test_directives() -> None:
    tree = read_dockerfile("# syntax=docker/dockerfile:1\n# Escape = `\n# note\nRUN a `\n b\n")
    assert [(one.name, one.value) for one in tree.directives] == [
        ("syntax", "docker/dockerfile:1"),
        ("escape", "`"),
    ]
    assert tree.escape == "`"
    assert [comment.text for comment in tree.comments] == ["note"]
    assert [word.text for word in tree.instructions[0].words] == ["a", "b"]
    assert words("# escape=`\nCOPY a C:\\b\\\n") == ["a", "C:\\b\\"]


@pytest.mark.parametrize("first", ["# note\n", "\n", "# syntax=x\n# other=y\n", "FROM a\n"])
def test_directives_after_anything_else_are_comments(first: str) -> None:
    assert read_dockerfile(first + "# escape=`\n").escape == "\\"


def test_an_escape_that_is_none_is_reported() -> None:
    assert messages("# escape=x\nFROM a\n") == ["`x` cannot be the escape"]


def test_flags() -> None:
    copy = only('COPY --from=build --chown="a b" --link src \\\n  /dst\n')
    assert [(flag.name, flag.value) for flag in copy.flags] == [
        ("from", "build"),
        ("chown", "a b"),
        ("link", None),
    ]
    assert [word.text for word in copy.words] == ["src", "/dst"]
    source = copy.flag("from")
    assert source is not None
    assert copy.body[slice(*source.value_span)] == "build"
    assert only("RUN --mount=type=cache,target=/x -- --not-a-flag\n").words[0].text == "--not-a-flag"
    assert only("RUN echo --x=y\n").flags == ()


def test_pairs() -> None:
    env = only('ENV A=1 B="x y" \\\n  PATH=/a:\\\n/b EMPTY=\n')
    assert [(pair.name.text, pair.value and pair.value.text) for pair in env.pairs] == [
        ("A", "1"),
        ("B", "x y"),
        ("PATH", "/a:/b"),
        ("EMPTY", ""),
    ]
    (old,) = only("ENV NAME a value with = blanks\n").pairs
    assert old.name.text == "NAME"
    assert old.value is not None
    assert old.value.text == "a value with = blanks"
    assert [(pair.name.text, pair.value) for pair in only("ARG A\n").pairs] == [("A", None)]
    assert only("ENV LONELY\n").pairs[0].value is None
    assert "s3cret" not in repr(only("ENV PASSWORD=s3cret\n").pairs)


def test_positions_count_code_points() -> None:
    text = "# 😋\r\nLABEL a=\"😋\" b='c'\r\nUSER ünal\r\n"
    label, user = read_dockerfile(text).instructions
    assert [text[pair.name.start : pair.name.end] for pair in label.pairs] == ["a", "b"]
    assert [text[p.value.start : p.value.end] for p in label.pairs if p.value] == ['"😋"', "'c'"]
    assert text[user.words[0].start : user.words[0].end] == "ünal"
    assert text[slice(*user.keyword_span)] == "USER"


def test_json_words_are_located() -> None:
    text = 'FROM a\nCMD [ "x",\\\n  "y" ]\n'
    cmd = read_dockerfile(text).instructions[1]
    assert cmd.exec_form is not None
    assert [text[word.start : word.end] for word in cmd.exec_form] == ['"x"', '"y"']


def test_heredocs() -> None:
    text = "FROM a\nRUN <<EOF\napk add x\n# no comment\nEOF\nRUN b\n"
    run = read_dockerfile(text).instructions[1]
    (heredoc,) = run.heredocs
    assert text[heredoc.start : heredoc.end] == "apk add x\n# no comment\n"
    assert text[slice(*heredoc.marker)] == "<<EOF"
    assert text[run.start : run.end].endswith("\nEOF")
    assert keywords(text) == ["FROM", "RUN", "RUN"]
    assert read_dockerfile(text).comments == ()


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("RUN <<A && <<B\n1\nA\n2\nB\n", ["1\n", "2\n"]),
        ("COPY <<a.txt <<'b c' /d/\n1\na.txt\n2\nb c\n", ["1\n", "2\n"]),
        ("RUN 3<<A cat\n1\nA\n", ["1\n"]),
        ("RUN cat << A\n1\nA\n", ["1\n"]),
        ("RUN <<-A\n\t1\n\tA\n", ["\t1\n"]),
        ("RUN <<A\n\tA\nA\n", ["\tA\n"]),
        ("RUN <<A\r\n1\r\nA\r\n", ["1\r\n"]),
        ("ONBUILD RUN <<A\n1\nA\n", ["1\n"]),
        ("RUN a \\\n <<A\n1\nA\n", ["1\n"]),
        ("RUN x>y<<A\n", []),
        ("RUN echo '<<A'\n", []),
        ("RUN cat <<<A\n", []),
        ('RUN ["cat", "<<A"]\n', []),
        ("CMD <<A\n", []),
    ],
)
def test_heredoc_forms(text: str, bodies: list[str]) -> None:
    tree = read_dockerfile(text)
    (one,) = tree.instructions
    assert [text[heredoc.start : heredoc.end] for heredoc in one.heredocs] == bodies
    assert tree.problems == ()


def test_heredoc_quotes() -> None:
    plain, quoted = only("RUN <<A\nA\n").heredocs[0], only("RUN <<'A'\nA\n").heredocs[0]
    assert (plain.quoted, quoted.quoted) == (False, True)
    assert quoted.name == "A"


def test_an_open_heredoc_ends_before_the_next_instruction() -> None:
    text = "RUN <<EOF\nmake\n\nUSER app\nCMD x\n"
    tree = read_dockerfile(text)
    assert [one.keyword for one in tree.instructions] == ["RUN", "USER", "CMD"]
    assert not tree.instructions[0].heredocs[0].is_closed
    assert messages(text) == ["here-document `EOF` is not closed"]
    assert keywords("RUN <<EOF") == ["RUN"]
    assert keywords("RUN <<EOF\nUSER app\n") == ["RUN", "USER"]


def test_scripts_are_as_long_as_their_source() -> None:
    text = "RUN --network=none apk add x \\\n  # why\n  && make\nRUN cat <<EOF\n$A\nEOF\n"
    for one in read_dockerfile(text).instructions:
        assert one.script is not None
        assert len(one.script.text) == one.end - one.script.start
    first = read_dockerfile(text).instructions[0].script
    assert first is not None
    assert first.text.split() == ["apk", "add", "x", "&&", "make"]
    assert "\n" not in first.text


@pytest.mark.parametrize(
    ("text", "script", "interpreter"),
    [
        ("RUN <<EOF\na\nb\nEOF\n", "a\nb\n", None),
        ("RUN --mount=type=ssh <<EOF\n#!/usr/bin/env python\nprint()\nEOF\n", None, "/usr/bin/env python"),
        ("CMD node a.js\n", "node a.js", None),
        ("HEALTHCHECK --timeout=3s CMD curl -f x || exit 1\n", "curl -f x || exit 1", None),
    ],
)
def test_script_text(text: str, script: str | None, interpreter: str | None) -> None:
    found = only(text).script
    assert found is not None
    assert found.interpreter == interpreter
    assert text[found.start :].startswith(found.text)
    assert script is None or found.text == script


@pytest.mark.parametrize(
    "text", ['RUN ["a"]\n', "HEALTHCHECK NONE\n", "ENV A=b\n", 'HEALTHCHECK CMD ["a"]\n']
)
def test_no_script(text: str) -> None:
    assert only(text).script is None


def test_onbuild() -> None:
    text = "ONBUILD COPY --from=x a b\n"
    held = only(text).trigger
    assert held is not None
    assert held.keyword == "COPY"
    assert [flag.value for flag in held.flags] == ["x"]
    assert text[held.start : held.end] == "COPY --from=x a b"
    assert only("ONBUILD ONBUILD RUN a\n").trigger is None
    assert only("ONBUILD\n").trigger is None


def test_unknown_instructions_are_kept_and_reported() -> None:
    text = "FROM a\nRUNN x\nFRO\n&& y\n"
    tree = read_dockerfile(text)
    assert [one.keyword for one in tree.instructions] == ["FROM", "RUNN", "FRO", "&&"]
    assert [text[p.start : p.end] for p in tree.problems] == ["RUNN", "FRO", "&&"]


def test_an_instruction_without_arguments_is_reported() -> None:
    assert messages("FROM\nRUN \\\n") == ["`FROM` without arguments", "`RUN` without arguments"]


def test_byte_order_mark_is_no_part_of_the_keyword() -> None:
    assert keywords("\ufeffFROM a\n") == ["FROM"]


BOMBS = {
    "characters": "x" * 5_000_000,
    "lines": "a\n" * MAX_LINES,
    "breaks": "\n" * 1_000_000,
    "words": "RUN " + "a " * 500_000,
    "continuations": "RUN a\\\n" * (MAX_LINES - 1),
    "comments inside": "RUN a \\\n" + "# c\n" * (MAX_LINES - 2),
    "blank lines inside": ("RUN a \\\n" + "\n" * 4) * 1_990,
    "heredocs": "RUN " + "<<A " * 200_000,
    "open heredocs": "RUN <<A\n" * (MAX_LINES - 1),
    "near terminators": ("RUN <<A\n" + "\tA\n" * 4) * 1_990,
    "quotes": "RUN " + "\"'" * 300_000,
    "json items": "CMD [" + '"a",' * 250_000,
    "json depth": "CMD " + "[" * 1_000_000,
    "escapes": "RUN " + "\\" * 1_000_000,
    "blanks": "RUN a" + " " * 1_000_000 + "b",
    "NUL": "\0" * 1_000_000,
    "labels": "LABEL " + "a=b " * 250_000,
    "onbuild": "ONBUILD " * 130_000,
    "flags": "RUN " + "--a=b " * 170_000,
    "less": "RUN " + "<" * 1_000_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_cost_little(bomb: str) -> None:
    started = time.process_time()
    ask_everything(read_dockerfile(bomb))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("#" * (MAX_CHARS + 1), 0),
        ("\n" * (MAX_LINES + 1), 0),
        ("USER a\n" * (MAX_INSTRUCTIONS + 1), MAX_INSTRUCTIONS),
    ],
)
def test_what_is_too_much_is_said(text: str, kept: int) -> None:
    tree = read_dockerfile(text)
    assert len(tree.instructions) == kept
    assert [problem.fatal for problem in tree.problems] == [True]


PIECE = st.sampled_from(
    [
        "FROM", "RUN", "COPY", "ENV", "ONBUILD", "HEALTHCHECK", "CMD", "run", "Label", "ARG", "# c",
        "# escape=`", " ", "\t", "\n", "\r\n", "\r", "\\\n", "`\n", "\\", "<<EOF", "<<-'E'", "EOF", "E",
        "--from=", "[", "]", '"', "'", ",", "=", "$A", "😋", "\ufeff", "\0", "\ud800", "\u2028", "\x1c", "x",
        "\ue000", "NONE",
    ]
)  # fmt: skip
ODD = st.lists(PIECE, max_size=40).map("".join)
BETWEEN = re.compile(r"(?:[ \t\f\v\r\n\ufeff]|#[^\r\n]*)*")


@given(st.one_of(ODD, st.text(max_size=60)))
def test_instructions_and_what_is_between_them_make_up_the_text(text: str) -> None:
    tree = read_dockerfile(text)
    ask_everything(tree)
    at = 0
    for one in tree.instructions:
        assert at <= one.start < one.end
        assert BETWEEN.fullmatch(text, at, one.start)
        assert len(one.body) <= one.end - one.start
        at = one.end
    assert BETWEEN.fullmatch(text, at)


@given(ODD)
def test_everything_lies_inside_its_instruction(text: str) -> None:
    tree = read_dockerfile(text)
    for one in tree.instructions:
        pieces: list[Located] = [*one.words, *one.flags, *(pair.name for pair in one.pairs)]
        for piece in pieces:
            assert one.start <= piece.start <= piece.end <= one.end
        assert one.script is None or one.start <= one.script.start <= one.end
    for comment in tree.comments:
        assert text[comment.start] == "#"
    assert all(0 <= p.start <= p.end <= len(text) for p in tree.problems)


@given(ODD)
def test_comments_are_read_once_and_in_order(text: str) -> None:
    starts = [comment.start for comment in read_dockerfile(text).comments]
    assert starts == sorted(set(starts))
