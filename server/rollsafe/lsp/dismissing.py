"""A remark that its reader sets aside: it is not made again while the text it is about stays the same."""

from pygls.exceptions import JsonRpcException

from rollsafe.lsp.asking import FAILED
from rollsafe.lsp.from_lsp import JsonObject, text_at
from rollsafe.lsp.session import Session
from rollsafe.review.dismissals import dismiss
from rollsafe.review.memory import DismissalError, shown_as
from rollsafe.review.settings import memory_file


def dismiss_remark(session: Session, arguments: JsonObject) -> JsonObject:
    """Set a remark aside and show it no more; `arguments`: `uri`, `fingerprint`, `forAll` for its project.

    Raises:
        JsonRpcException: it is not there any more, or cannot be written down.
    """
    uri, mark = text_at(arguments, "uri"), text_at(arguments, "fingerprint")
    located = session.located(uri)
    remarks = session.remarks(located.root, located.file.path) if located is not None else []
    said = next((one for one, _ in remarks if one.fingerprint == mark), None)
    if located is None or said is None:
        raise JsonRpcException("the remark is not there any more", code=FAILED)
    today = located.root.today
    try:
        dismiss(shown_as(said, today), "", today, memory_file(), for_all=arguments.get("forAll") is True)
    except DismissalError as error:
        raise JsonRpcException(str(error), code=FAILED) from None
    session.remark(uri, located.file, [it for it in remarks if it[0].fingerprint != mark])
    session.flush()
    return {"dismissed": True}
