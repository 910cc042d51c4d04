"""What writing Python takes, whatever the framework: strings, keyword arguments, imports."""

import re
from collections.abc import Iterable
from typing import Final

from rollsafe.artefacts.migrations.code.writing import WIDTH, Writer
from rollsafe.formats.code import Call, Program
from rollsafe.formats.code.python import read_python
from rollsafe.text import Edit, Span
from rollsafe.text.cached import cached_property
from rollsafe.text.patterns import lazily

_TAB: Final = "    "
_IMPORT = lazily(r"^(?:from|import)\s+\S+.*$", re.M)


class PythonWriter(Writer):
    """Writes Python."""

    @cached_property
    def program(self) -> Program:
        """The program as it is."""
        return read_python(self.text)

    @cached_property
    def quote(self) -> str:
        """The quotes the program uses for most of its strings."""
        return "'" if self.text.count("'") > self.text.count('"') else '"'

    def string(self, sql: str, indent: int) -> list[str]:
        """Return a string as lines: as it is on one, or in triple quotes where it is long."""
        other = "'" if self.quote == '"' else '"'
        mark = other if self.quote in sql and other not in sql else self.quote
        if "\n" not in sql and len(sql) + indent <= WIDTH:
            return [mark + sql.replace("\\", "\\\\").replace(mark, f"\\{mark}") + mark]
        body = sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
        return ['"""', *body, '"""']

    def called(self, function: str, *arguments: list[str], width: int = 0) -> list[str]:
        """Return a call as lines, on one line if its arguments are and it fits."""
        if all(len(one) == 1 for one in arguments):
            line = f"{function}({', '.join(one[0] for one in arguments)})"
            if len(line) + width <= WIDTH:
                return [line]
        last = "," if len(arguments) > 1 else ""
        inner = [line for one in arguments for line in (*one[:-1], f"{one[-1]}{last}")]
        return [f"{function}(", *(f"{_TAB}{one}" for one in inner), ")"]

    def with_argument(self, call: Call, argument: str) -> tuple[Edit, ...]:
        """Return the edit that gives a call one more argument, on its own line where the others are."""
        parts = [*call.arguments, *(one for one in call.named)]
        if not parts:
            return (Edit(Span.at(call.end - 1), argument),)
        last = max(one.end for one in parts)
        tail = self.text[last : call.end]
        if "\n" not in tail:
            return (Edit(Span.at(last), f", {argument}"),)
        begins = max(one.start for one in parts)
        line = self.text.rfind("\n", 0, begins) + 1
        indent = self.text[line:begins]
        if indent.strip():
            return (Edit(Span.at(last), f", {argument}"),)
        comma = last + tail.index(",") + 1 if tail.lstrip().startswith(",") else last
        start = "" if comma > last else ","
        end = "," if comma > last else ""
        return (Edit(Span.at(comma), f"{start}{self.eol}{indent}{argument}{end}"),)

    def importing(self, module: str, names: Iterable[str]) -> tuple[Edit, ...]:
        """Return the edit that imports names, ahead of the other imports."""
        known = set(self.program.imports.values())
        missing = [one for one in names if f"{module}.{one}" not in known]
        first = _IMPORT.search(self.text)
        if not missing or first is None:
            return ()
        line = f"from {module} import {', '.join(missing)}{self.eol}"
        return (Edit(Span.at(first.start()), line),)

    def indented(self, start: int, end: int) -> str:
        """Return the lines of `[start, end)` one step further in; what is inside of strings stays."""
        strings = self.program_strings()
        found: list[str] = []
        at = start
        for line in self.text[start:end].splitlines(keepends=True):
            inside = any(one.start < at <= one.end for one in strings)
            found.append(line if inside or not line.strip() else _TAB + line)
            at += len(line)
        return "".join(found)

    def program_strings(self) -> list[Span]:
        """Return where strings are that go over several lines."""
        return [Span(*one.span()) for one in _TRIPLE.finditer(self.text) if "\n" in one[0]]


_TRIPLE = lazily(r"(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?''')|#[^\n]*", re.S)
