"""The JSON this server sends, as types: plain dictionaries, ready to be serialised."""

from typing import Literal, NotRequired, TypedDict


class Place(TypedDict):
    """A position; `character` in units of the negotiated encoding."""

    line: int
    character: int


class Range(TypedDict):
    """A half-open range."""

    start: Place
    end: Place


class Location(TypedDict):
    """A range of a file."""

    uri: str
    range: Range


class RelatedInformation(TypedDict):
    """The other half of a finding."""

    location: Location
    message: str


class CodeDescription(TypedDict):
    """Where a rule is explained."""

    href: str


class Origin(TypedDict):
    """Where a model's remark comes from; `cached` means nothing was sent for it this time.

    `agentFile` is empty for a built-in agent.
    """

    agent: str
    agentFile: str
    model: str
    requestId: str
    prompt: str
    cached: bool


class DiagnosticData(TypedDict):
    """What comes back with a code action request: an identity that survives lines moving."""

    fingerprint: str
    origin: NotRequired[Origin]


class Diagnostic(TypedDict):
    """A finding on the wire."""

    range: Range
    severity: int
    code: str
    source: str
    message: str
    codeDescription: NotRequired[CodeDescription]
    relatedInformation: NotRequired[list[RelatedInformation]]
    data: NotRequired[DiagnosticData]


class TextEdit(TypedDict):
    """A replacement; with an `annotationId` one that the user may be asked about."""

    range: Range
    newText: str
    annotationId: NotRequired[str]


class SnippetText(TypedDict):
    """A snippet's source."""

    kind: Literal["snippet"]
    value: str


class SnippetTextEdit(TypedDict):
    """A replacement in which the user fills in a place."""

    range: Range
    snippet: SnippetText


class VersionedDocument(TypedDict):
    """A document and the version an edit is for; None when it is not open."""

    uri: str
    version: int | None


class DocumentEdit(TypedDict):
    """Edits of one document."""

    textDocument: VersionedDocument
    edits: list[TextEdit | SnippetTextEdit]


class CreateOptions(TypedDict):
    """What happens when the file exists."""

    overwrite: bool
    ignoreIfExists: bool


class CreateFile(TypedDict):
    """The creation of an empty file."""

    kind: Literal["create"]
    uri: str
    options: CreateOptions
    annotationId: NotRequired[str]


class ChangeAnnotation(TypedDict):
    """How edits are labelled where the user confirms them."""

    label: str
    needsConfirmation: bool
    description: str


class WorkspaceEdit(TypedDict, total=False):
    """Edits of several documents, in one of the two forms."""

    changes: dict[str, list[TextEdit | SnippetTextEdit]]
    documentChanges: list[DocumentEdit | CreateFile]
    changeAnnotations: dict[str, ChangeAnnotation]


class Command(TypedDict):
    """Something the client asks the server to carry out."""

    title: str
    command: str
    arguments: list[dict[str, object]]


class CodeAction(TypedDict):
    """One entry of the light bulb."""

    title: str
    kind: str
    diagnostics: NotRequired[list[Diagnostic]]
    isPreferred: NotRequired[bool]
    edit: NotRequired[WorkspaceEdit]
    command: NotRequired[Command]


class MarkupContent(TypedDict):
    """Text for a person."""

    kind: Literal["markdown", "plaintext"]
    value: str


class Hover(TypedDict):
    """What is shown over a range."""

    contents: MarkupContent
    range: Range


class InlayHint(TypedDict):
    """Words shown in a line that are not part of its text."""

    position: Place
    label: str
    tooltip: NotRequired[MarkupContent]
    paddingLeft: bool


class CodeLens(TypedDict):
    """A command shown above a line."""

    range: Range
    command: Command


class Written(TypedDict):
    """A document that a command returns."""

    title: str
    markdown: str


class RunAnswer(TypedDict):
    """What `rollsafe.run` answers: a document, and what it says as data.

    `root` is the URI of the project's directory, which paths of the plan are relative to.
    `status` is where the run stands, as `run-status.schema.json` describes it; None where there is none.
    `runs` holds what was asked for with `list` or `report`, as `run.schema.json` describes it.
    """

    title: str
    markdown: str
    root: str
    status: dict[str, object] | None
    runs: list[dict[str, object]]


class KindOption(TypedDict):
    """An option of a kind of plan; a flag has no `metavar`."""

    name: str
    help: str
    metavar: str


class Kind(TypedDict):
    """A kind of plan and what it is asked for: `subject` is empty where it is about the whole project."""

    name: str
    title: str
    summary: str
    agent: str
    subject: str
    needsSubject: bool
    options: list[KindOption]
    forms: list[str]
    takesWords: bool
