"""Functions of charts that make texts."""

from base64 import b64encode
from typing import Final

from rollsafe.text.patterns import lazily
from rollsafe.workspace.system.charts.answers import Arguments, items_in, made_of, named, number_in, text_in
from rollsafe.workspace.system.charts.values import (
    Items,
    Leaf,
    Piece,
    Rendered,
    Table,
    Value,
    pieces_of,
    yaml_of,
)

_VERB = lazily(r"%(?:[-+#0 ]*\d*(?:\.\d+)?)(?P<verb>[sdvqtf%])")
_MOST: Final = 2_000


@named("quote", "squote")
def _quote(args: Arguments) -> Value:
    found: list[Piece] = []
    for one in args:
        if not (isinstance(one, Leaf) and one.value is None):
            text_in(one)
            found += (
                *([Piece(" ", None)] if found else ()),
                Piece('"', None),
                *_escaped(one),
                Piece('"', None),
            )
    return Rendered(tuple(found))


def _escaped(value: Value) -> tuple[Piece, ...]:
    return tuple(
        piece._replace(text=piece.text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for piece in pieces_of(value)
    )


@named("toString")
def _to_string(args: Arguments) -> Value:
    return Rendered(tuple(Piece(one.text, one.place) for one in pieces_of(args[0])))


@named("indent")
def _indent(args: Arguments) -> Value:
    """Return a text with every line moved in, its places kept."""
    text_in(args[1])
    margin = " " * max(0, min(number_in(args[0]), 200))
    pieces = (piece._replace(text=piece.text.replace("\n", f"\n{margin}")) for piece in pieces_of(args[1]))
    return Rendered((Piece(margin, None), *pieces))


@named("nindent")
def _nindent(args: Arguments) -> Value:
    return Rendered((Piece("\n", None), *pieces_of(_indent(args))))


@named("toYaml", "toYamlPretty", "mustToYaml")
def _to_yaml(args: Arguments) -> Value:
    return yaml_of(args[0])


@named("trim")
def _trim(args: Arguments) -> Value:
    return made_of(text_in(args[0]).strip(), args[0])


@named("trimSuffix")
def _trim_suffix(args: Arguments) -> Value:
    return made_of(text_in(args[1]).removesuffix(text_in(args[0])), args[1])


@named("trimPrefix")
def _trim_prefix(args: Arguments) -> Value:
    return made_of(text_in(args[1]).removeprefix(text_in(args[0])), args[1])


@named("trimAll")
def _trim_all(args: Arguments) -> Value:
    return made_of(text_in(args[1]).strip(text_in(args[0])), args[1])


@named("trunc")
def _trunc(args: Arguments) -> Value:
    count, text = number_in(args[0]), text_in(args[1])
    return made_of(text[:count] if count >= 0 else text[count:], args[1])


@named("lower")
def _lower(args: Arguments) -> Value:
    return made_of(text_in(args[0]).lower(), args[0])


@named("upper")
def _upper(args: Arguments) -> Value:
    return made_of(text_in(args[0]).upper(), args[0])


@named("title")
def _title(args: Arguments) -> Value:
    return made_of(text_in(args[0]).title(), args[0])


@named("nospace")
def _nospace(args: Arguments) -> Value:
    return made_of("".join(text_in(args[0]).split()), args[0])


@named("replace")
def _replace(args: Arguments) -> Value:
    return made_of(text_in(args[2]).replace(text_in(args[0]), text_in(args[1])), args[2])


@named("contains")
def _contains(args: Arguments) -> Value:
    return Leaf(text_in(args[0]) in text_in(args[1]))


@named("hasPrefix")
def _has_prefix(args: Arguments) -> Value:
    return Leaf(text_in(args[1]).startswith(text_in(args[0])))


@named("hasSuffix")
def _has_suffix(args: Arguments) -> Value:
    return Leaf(text_in(args[1]).endswith(text_in(args[0])))


@named("b64enc")
def _b64enc(args: Arguments) -> Value:
    return made_of(b64encode(text_in(args[0]).encode("utf-8", "replace")).decode(), args[0])


@named("printf")
def _printf(args: Arguments) -> Value:
    rest = list(args[1:])
    found: list[Piece] = []
    form, done = text_in(args[0]), 0
    for match in _VERB.finditer(form):
        found.append(Piece(form[done : match.start()], None))
        done = match.end()
        if match["verb"] == "%":
            found.append(Piece("%", None))
        else:
            value = rest.pop(0)
            text_in(value)
            found += pieces_of(_quote([value]) if match["verb"] == "q" else value)
    found.append(Piece(form[done:], None))
    return Rendered(tuple(piece for piece in found if piece.text))


@named("cat")
def _cat(args: Arguments) -> Value:
    return made_of(" ".join(map(text_in, args)), *args)


@named("print")
def _print(args: Arguments) -> Value:
    return Rendered(tuple(piece for one in args if text_in(one) for piece in pieces_of(one)))


@named("join")
def _join(args: Arguments) -> Value:
    return made_of(text_in(args[0]).join(map(text_in, items_in(args[1]))), args[1])


@named("splitList")
def _split_list(args: Arguments) -> Value:
    return Items(tuple(made_of(one, args[1]) for one in text_in(args[1]).split(text_in(args[0]))[:_MOST]))


@named("split")
def _split(args: Arguments) -> Value:
    parts = text_in(args[1]).split(text_in(args[0]))[:_MOST]
    return Table({f"_{number}": made_of(one, args[1]) for number, one in enumerate(parts)})
