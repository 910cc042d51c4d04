"""What a file contributes to the graph: its elements by key, in a form that can be compared."""

from collections.abc import Iterable
from typing import TypeAlias

from rollsafe.artefacts.base import Element
from rollsafe.workspace.questions import has_anchors

Key: TypeAlias = tuple[type[Element], str]
"""An element type, and a key under which elements of it are found."""

Answer: TypeAlias = tuple[list[tuple[int, int]], list[Element]]
"""The signatures by which two answers are compared, and the elements themselves."""

LocalKeys: TypeAlias = dict[tuple[type[Element], str], tuple[str, ...]]
"""The keys of elements that follow from their source text, by type and text."""


def contributed(elements: Iterable[Element], known: LocalKeys) -> tuple[dict[Key, Answer], LocalKeys]:
    """Return what the elements of a file answer to which question, and the keys that follow from texts.

    Those are taken from `known`, the ones of the version before, where the text is the same.
    """
    answers: dict[Key, Answer] = {}
    kept: LocalKeys = {}
    anchored: int | None = None
    for element in elements:
        kind, file = type(element), element.file
        if kind.graph_keys is Element.graph_keys:
            continue
        text: str | None = None
        if kind.keys_are_local and element.is_whole:
            text = file.text[element.start : element.end]
            keys = known.get((kind, text))
            if keys is None:
                keys = tuple(element.graph_keys())
            kept[kind, text] = keys
        else:
            keys = tuple(element.graph_keys())
        if not keys:
            continue
        if anchored is None:
            anchored = hash(file.text) if has_anchors(file) else 0
        told = element.told
        if told is None:
            said = anchored or hash(text if text is not None else file.text[element.start : element.end])
            signature = said, file.lines.line_of(element.start)
        else:
            signature = hash(told), 0
        for key in keys:
            question = kind, key
            answer = answers.get(question)
            if answer is None:
                answers[question] = [signature], [element]
            else:
                answer[0].append(signature)
                answer[1].append(element)
    return answers, kept
