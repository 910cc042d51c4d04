"""What rules about Dockerfiles share: where to point inside of an instruction, and how to edit one."""

from typing import Final

from rollsafe.artefacts.dockerfile import Dockerfile, DockerInstruction, Stage
from rollsafe.artefacts.dockerfile.packages import Invocation
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml_edit import comments_above, eol_of
from rollsafe.rules.api import Level
from rollsafe.text import Edit, Located, Span
from rollsafe.text.lines import line_breaks_in

_CHAINED: Final = frozenset({"&&", ";", "\n"})
_CLOSERS: Final = frozenset({"", ")", "}", "fi", "done", "esac", ";"})


def place_in(instruction: DockerInstruction, part: Located) -> Span:
    """Return where to point when `part` (offsets of the file) of an instruction is meant.

    That is the part itself where it stands in one of the instruction's first two lines. Further down it
    is everything from the keyword to the part: a reader finds the instruction, and other tools name its
    first line.
    """
    above = instruction.file.slice(Span(instruction.start, part.start))
    if line_breaks_in(above) <= 1:
        return Span.of(part)
    return Span(instruction.start, part.end)


def call_in(instruction: DockerInstruction, one: Invocation) -> Span:
    """Return where to point when a package manager's command is meant: `apt-get install`."""
    start = instruction.span_of(one.command.word(0)).start
    return place_in(instruction, Span(start, instruction.span_of(one.verb).end))


def line_end(instruction: DockerInstruction) -> str:
    """Return the line end the file uses."""
    return instruction.file.told(_line_end)


def _line_end(file: SourceFile) -> str:
    return eol_of(file.text)


def after_verb(instruction: DockerInstruction, one: Invocation, flag: str) -> Edit:
    """Return the edit that gives a package manager's command a flag."""
    return Edit(Span.at(instruction.span_of(one.verb).end), f" {flag}")


def quiet_level(instruction: DockerInstruction) -> Level | None:
    """Return the level of what matters in shipped images only: None for the rule's own."""
    stage = instruction.stage
    if stage is None or (stage.is_shipped and not stage.dockerfile.is_development):
        return None
    return Level.AUDITOR


def appended(instruction: DockerInstruction, command: str) -> Edit | None:
    """Return the edit that runs `command` after everything else of a RUN, if that went well.

    None where the end of the script cannot be told.
    """
    node = instruction.held
    script, commands = node.script, instruction.commands
    if script is None or not commands:
        return None
    if node.heredocs:
        return _in_heredoc(instruction, command)
    end = script.start + len(script.text.rstrip())
    last = instruction.span_of(commands[-1]).end
    rest = instruction.file.slice(Span(last, end))
    if commands[-1].separator_after == "&" or not set(rest.split()) <= _CLOSERS:
        return None
    return Edit(Span.at(end), f"{_joint(instruction, end)}&& {command}")


def _in_heredoc(instruction: DockerInstruction, command: str) -> Edit | None:
    node = instruction.held
    heredoc = node.heredocs[0]
    script = node.script
    if len(node.heredocs) > 1 or script is None or script.start != heredoc.start or not heredoc.is_closed:
        return None
    return Edit(Span.at(heredoc.end), f"{command}{line_end(instruction)}")


def _joint(instruction: DockerInstruction, end: int) -> str:
    """Return what stands between the end of a script and the next `&&`: a new line where there are some."""
    text = instruction.file.text_for(instruction)
    begin = text.rfind("\n", instruction.start, end) + 1
    if begin <= instruction.start:
        return " "
    line = text[begin:end]
    escape = instruction.stage.dockerfile.escape if instruction.stage is not None else "\\"
    indent = line[: len(line) - len(line.lstrip())] or "    "
    return f" {escape}{line_end(instruction)}{indent}"


def without_command(instruction: DockerInstruction, index: int) -> Edit | None:
    """Return the edit that takes the command `index` out of a RUN's list; None where it is no plain list."""
    commands = instruction.commands
    command = commands[index]
    if command.surroundings != commands[0].surroundings or instruction.held.exec_form is not None:
        return None
    around = [commands[index - 1].separator_after] if index else []
    around += [command.separator_after] if command.separator_after else []
    if not set(around) <= _CHAINED:
        return None
    own = instruction.span_of(command)
    if index + 1 < len(commands):
        return Edit(Span(own.start, instruction.span_of(commands[index + 1]).start), "")
    if index:
        return Edit(Span(instruction.span_of(commands[index - 1]).end, own.end), "")
    return without_instruction(instruction)


def without_instruction(instruction: DockerInstruction) -> Edit:
    """Return the edit that removes an instruction with its line."""
    text = instruction.file.text
    end = text.find("\n", instruction.end)
    return Edit(Span(instruction.start, len(text) if end < 0 else end + 1), "")


def line_above(instruction: DockerInstruction, line: str) -> Edit:
    """Return the edit that writes a line above an instruction and the comments right above it."""
    text = instruction.file.text
    return Edit(Span.at(comments_above(text, instruction.start)), cased(instruction, line) + eol_of(text))


def cased(part: Dockerfile | DockerInstruction | Stage, line: str) -> str:
    """Return an instruction with its keyword in small letters, where most of the file has it so."""
    stage = part.stage if isinstance(part, DockerInstruction) else None
    dockerfile = (
        part if isinstance(part, Dockerfile) else part.dockerfile if isinstance(part, Stage) else None
    )
    known = dockerfile or (stage.dockerfile if stage is not None else None)
    spans = [one.keyword_span for one in known.instructions if one.node.is_known] if known is not None else []
    upper = sum(part.file.slice(span).isupper() for span in spans)
    keyword, blank, rest = line.partition(" ")
    return line if upper * 2 >= len(spans) else keyword.lower() + blank + rest
