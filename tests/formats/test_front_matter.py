"""Front matter: strict where YAML takes it, field by field where it does not, positions either way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.formats.front_matter import MAX_CHARS, MAX_FRONT, FrontMatter, read_front_matter
from rollsafe.formats.nodes import Scalar

KNOWN = frozenset({"name", "description", "tools", "model"})
PROSE = frozenset({"description"})


def read(text: str) -> FrontMatter:
    return read_front_matter(text, KNOWN, PROSE)


def words(front: FrontMatter) -> dict[str, str | None]:
    return {f.name: f.value.text if isinstance(f.value, Scalar) else None for f in front.fields}


VALID = "---\nname: a\ndescription: b\n---\nBody\n"
COLONS = "---\nname: a\ndescription: Use when: b\\nmore\nmodel: m\n---\nBody\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", [VALID, COLONS])
def test_line_ends_and_byte_order_marks_change_no_field(text: str, line_end: str, mark: str) -> None:
    plain, other = read(text), read(mark + text.replace("\n", line_end))
    assert words(other) == words(plain)
    assert other.text[other.body.start :] == f"Body{line_end}"
    for field in other.fields:
        assert other.text[field.key.start : field.key.end] == field.name


def test_valid_yaml_is_taken_as_it_is() -> None:
    front = read('---\nname: a\ndescription: "b: c\\nd"\ntools: [Read, Grep]\n---\n')
    assert front.problems == ()
    assert words(front) == {"name": "a", "description": "b: c\nd", "tools": None}


def test_refused_text_is_kept_with_its_place() -> None:
    front = read(COLONS)
    assert words(front) == {"name": "a", "description": "Use when: b\nmore", "model": "m"}
    [field] = [field for field in front.fields if field.refused]
    assert COLONS[field.value.start : field.value.end] == "Use when: b\\nmore"
    assert [COLONS[problem.start :][:2] for problem in front.problems] == [": "]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a: b", "a: b"),
        ('"a "b" c"', 'a "b" c'),
        ("'a 'b' c'", "a 'b' c"),
        ('"a "b"\\nc"', 'a "b"\nc'),
        ("'a 'b'\\nc'", "a 'b'\\nc"),
        ("a: b\n\nmore\n<example>\nuser: x\n</example>", "a: b\n\nmore\n<example>\nuser: x\n</example>"),
        ("|\nnot indented: x\ny", "not indented: x\ny"),
        ("@at: x", "@at: x"),
        ("[half", "[half"),
        ("a: b # no comment", "a: b # no comment"),
    ],
)
def test_words_that_yaml_refuses_are_read_as_they_stand(written: str, meant: str) -> None:
    front = read(f"---\nname: n\ndescription: {written}\nmodel: m\n---\n")
    assert words(front) == {"name": "n", "description": meant, "model": "m"}
    assert front.problems


def test_inside_a_description_only_fields_there_are_begin_another() -> None:
    front = read("---\nname: n\ndescription: x: y\nContext: z\nname: again\ntools:\n---\n")
    assert words(front) == {"name": "n", "description": "x: y\nContext: z\nname: again", "tools": ""}


def test_repeated_fields_are_all_there_and_the_last_one_counts() -> None:
    front = read("---\nname: a\nname: b\n---\n")
    assert [field.start for field in front.repeated()] == [12]
    last = front.field("name")
    assert last is not None
    assert last.start == 12


@pytest.mark.parametrize(
    "text", ["", "# A", "----\nname: a\n----\n", "a\n---\nname: b\n---\n", "---\n\nname: a\n"]
)
def test_other_texts_have_none(text: str) -> None:
    front = read(text)
    assert not front.is_present
    assert front.fields == ()
    assert front.text[front.body.start : front.body.end] == text


def test_a_missing_closing_mark_ends_it_at_the_first_blank_line() -> None:
    front = read("---\nname: a\ndescription: b\n\nBody\n")
    assert words(front) == {"name": "a", "description": "b"}
    assert [problem.message for problem in front.problems] == [
        "the front matter is not closed by a line `---`"
    ]


def test_blank_lines_before_the_mark_are_told() -> None:
    front = read("\n\n---\nname: a\n---\n")
    assert words(front) == {"name": "a"}
    assert front.problems[0].message == "the front matter does not begin on the first line"


@pytest.mark.parametrize(
    "text", ["---\nname: " + "a" * MAX_CHARS, "---\nname: " + "a" * MAX_FRONT + "\n---\n"]
)
def test_what_is_too_large_is_refused_with_a_reason(text: str) -> None:
    front = read(text)
    assert front.fields == ()
    assert [problem.fatal for problem in front.problems] == [True]


@given(st.text(alphabet=st.sampled_from("---\n\r:\"'|> #[]{}&*\\nadescription\ufeff\u200b\0"), max_size=200))
def test_any_text_is_read_and_everything_has_a_place(text: str) -> None:
    front = read("---\n" + text)
    size = len(front.text)
    assert 0 <= front.body.start <= front.body.end == size
    for field in front.fields:
        assert 0 <= field.start <= field.end <= size
        assert 0 <= field.value.start <= field.value.end <= size


@given(st.text(max_size=200))
def test_a_description_survives_being_read_one_way_or_the_other(text: str) -> None:
    line = " ".join(text.split()).strip("'\"|>\\ \t")
    front = read(f"---\nname: a\ndescription: x: {line}\n---\n")
    if (
        front.is_present
        and "\x85" not in line
        and line.isprintable()
        and "\\n" not in line
        and "{{" not in line
    ):
        assert words(front)["description"] == f"x: {line}".strip()
