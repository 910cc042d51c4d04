"""Go templates: text, trimming, pipelines, blocks, and whatever else people may have typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollsafe.formats.go_template import read_go_template
from rollsafe.formats.go_template_nodes import Block, Broken, Item, Print, Text


def shown(items: tuple[Item, ...]) -> str:
    """Return the text of a template, its tags as `<line>`."""
    return "".join(item.text if isinstance(item, Text) else f"<{item.tag.line}>" for item in items)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a {{ .B }} c", "a <1> c"),
        ("a\n  {{- .B -}}  \n\n c", "a<2>c"),
        ("a {{/* {{ no }} */}} b", "a  b"),
        ("a {{- /* no */ -}} b", "ab"),
        ('{{ "}}" }} b', "<1> b"),
        ("{{ `}}\n` }}\nb{{ .C }}", "<1>\nb<3>"),
        ("{{ -1 }}", "<1>"),
        ("a {{ open", "a {{ open"),
        ("{{ if .A }}x", "<1>"),
        ("{{ end }}a", "<1>a"),
    ],
)
def test_text_and_tags_are_told_apart(text: str, found: str) -> None:
    assert shown(read_go_template(text).body) == found


def test_a_line_is_counted_from_where_the_text_goes_on() -> None:
    items = read_go_template("{{ if .A -}}\n\n\n  x\ny{{ end }}").body
    assert isinstance(items[0], Block)
    assert items[0].branches[0].body == (Text("x\ny", 4, 17),)


def test_branches_are_in_order() -> None:
    (block,) = read_go_template("{{if .A}}a{{else if .B}}b{{else}}c{{end}}").body
    assert isinstance(block, Block)
    assert [(branch.pipe is None, shown(branch.body)) for branch in block.branches] == [
        (False, "a"),
        (False, "b"),
        (True, "c"),
    ]


def test_what_is_defined_is_no_text() -> None:
    template = read_go_template('{{ define "a" }}x{{ end }}y{{ block "b" . }}z{{ end }}')
    assert {name: shown(body) for name, body in template.defined.items()} == {"a": "x", "b": "z"}
    assert shown(template.body) == "y<1>"


@pytest.mark.parametrize(
    "tag", ["{{ .A | }}", "{{ ( }}", "{{ ! }}", "{{ .A ) }}", "{{ 09 }}", "{{}}", "{{ end }}"]
)
def test_what_cannot_be_read_is_broken(tag: str) -> None:
    assert [type(item) for item in read_go_template(tag).body] == [Broken]


@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "-", " ", "\n", '"', "`", ".", "a", "$", "(", ")", "|", ":=", "if ", "end", "else",
             "range ", "define ", "/*", "*/", ",", "1", "{{- ", " -}}"]
        ),
        max_size=60,
    )
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_fail_and_lines_are_there(words: list[str]) -> None:
    text = "".join(words)
    pending = list(read_go_template(text).body)
    while pending:
        item = pending.pop()
        line = item.line if isinstance(item, Text) else item.tag.line
        assert 1 <= line <= text.count("\n") + 1
        if isinstance(item, Block):
            pending += (one for branch in item.branches for one in branch.body)
        elif isinstance(item, Print):
            assert item.tag.source
