"""What the client on the other end can do, read once from its `initialize` request."""

from dataclasses import dataclass

from rollsafe.lsp.from_lsp import JsonObject, at, strings
from rollsafe.text import Encoding


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities that decide how something is said.

    Every flag is False for a client that says nothing, so what is sent is what every client understands.
    """

    name: str = ""
    encoding: Encoding = Encoding.UTF16
    related_information: bool = False
    code_description: bool = False
    diagnostic_data: bool = False
    markdown_hover: bool = False
    preferred_actions: bool = False
    document_changes: bool = False
    create_files: bool = False
    change_annotations: bool = False
    snippet_edits: bool = False
    apply_edit: bool = False
    configuration: bool = False
    watched_files: bool = False
    relative_patterns: bool = False
    """Whether files outside of the workspace can be watched."""
    configuration_changes: bool = False
    show_document: bool = False
    progress: bool = False
    lens_refresh: bool = False
    hint_refresh: bool = False
    shows_documents: bool = False
    """Whether the client opens the documents that commands return by itself."""

    @classmethod
    def of(cls, params: JsonObject) -> "Client":
        """Read the parameters of `initialize`; anything odd counts as not able."""
        abilities = params.get("capabilities")
        text, workspace = at(abilities, "textDocument"), at(abilities, "workspace")
        published, action = at(text, "publishDiagnostics"), at(text, "codeAction")
        edit = at(workspace, "workspaceEdit")
        return cls(
            name=str(at(params, "clientInfo", "name") or ""),
            encoding=choose_encoding(strings(at(abilities, "general", "positionEncodings"))),
            related_information=at(published, "relatedInformation") is True,
            code_description=at(published, "codeDescriptionSupport") is True,
            diagnostic_data=at(published, "dataSupport") is True,
            markdown_hover="markdown" in strings(at(text, "hover", "contentFormat")),
            preferred_actions=at(action, "isPreferredSupport") is True,
            document_changes=at(edit, "documentChanges") is True,
            create_files="create" in strings(at(edit, "resourceOperations")),
            change_annotations=at(edit, "changeAnnotationSupport") is not None,
            snippet_edits=at(edit, "snippetEditSupport") is True,
            apply_edit=at(workspace, "applyEdit") is True,
            configuration=at(workspace, "configuration") is True,
            watched_files=_dynamic(workspace, "didChangeWatchedFiles"),
            relative_patterns=at(workspace, "didChangeWatchedFiles", "relativePatternSupport") is True,
            configuration_changes=_dynamic(workspace, "didChangeConfiguration"),
            show_document=at(abilities, "window", "showDocument", "support") is True,
            progress=at(abilities, "window", "workDoneProgress") is True,
            lens_refresh=at(workspace, "codeLens", "refreshSupport") is True,
            hint_refresh=at(workspace, "inlayHint", "refreshSupport") is True,
            shows_documents=_shows_documents(params.get("initializationOptions")),
        )


def choose_encoding(offered: list[str]) -> Encoding:
    """Return the first encoding of the client's list that is known; UTF-16 when there is none."""
    return next((Encoding(name) for name in offered if name in set(Encoding)), Encoding.UTF16)


def _dynamic(workspace: object, name: str) -> bool:
    return at(workspace, name, "dynamicRegistration") is True


def _shows_documents(options: object) -> bool:
    # Only an extension made for this server sends `trusted`, and it opens what commands return.
    said = at(options, "showsDocuments")
    return said if isinstance(said, bool) else at(options, "trusted") is not None
