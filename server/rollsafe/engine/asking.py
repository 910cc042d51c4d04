"""Calls rules and notes what they read, beyond the element that they are called for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.engine.again import again, again_within
from rollsafe.engine.answers import Answer
from rollsafe.engine.found import Offer
from rollsafe.engine.judging import Judge
from rollsafe.engine.reads import Reads, Watch
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Fix, Rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.questions import Question

_NOTHING: Final = frozenset[Question]()


class Asking:
    """Calls the rules of one run."""

    def __init__(
        self, judge: Judge, watch: Watch, late_graph: Callable[[], Graph], looking_out: set[str]
    ) -> None:
        """Take what rules are given; `late_graph` gives them a view once more, to write fixes.

        `looking_out` gathers the names of rules that look at more than elements tell by themselves; they are
        called last.
        """
        self._judge = judge
        self._watch = watch
        self._late_graph = late_graph
        self._looking_out = looking_out

    def anew(self, rule: Rule, element: Element, index: int) -> Offer:
        """Return what writes the fixes of a rule's finding, the one with that index in an element."""
        return partial(again, self._judge, self._late_graph, rule, element, index)

    def anew_within(self, head: Element) -> Callable[[Rule, int, int], tuple[Fix, ...]]:
        """Return what does it for elements that need not be made before somebody asks; see `again_within`."""
        return partial(again_within, self._judge, self._late_graph, head)

    def answers(
        self,
        element: Element,
        rules: Sequence[Rule],
        reads: Reads,
        bare: Mapping[Element, dict[str, object]],
        value: Scalar | None,
        readers: frozenset[str],
    ) -> Iterator[Answer]:
        """Yield what rules find and note in `reads` what they read until then.

        `bare` is what elements were made with, `value` the one that is being edited if there is one, and
        `readers` are known to look at it. What one has cached the next may use, so it counts as read by all
        that follow. After a rule that read what cannot be compared, or of the holder or the value what no
        rule before it did, nothing cached is left.
        """
        looking_out, frame, holder, hub = self._looking_out, element.frame, element.holder, None
        last = looking_out | readers if value is not None else looking_out
        rest = iter(sorted(rules, key=lambda rule: rule.name in last))
        around = (holder, element.of_holder) if holder is not None else None
        if frame is not None:
            hub = frame.element, frame.names
            reads.told[frame.tell] = element.file.told(frame.tell)
        is_done = False
        while not is_done:
            is_done, reads.leads_out, reads.of_value = True, False, False
            with self._watch.over(element.file, bare, hub, around, value):
                self._watch.begin(reads)
                for rule in rest:
                    answer, is_first = self._answer(rule, element, reads), rule.name not in last
                    yield answer
                    if answer.is_open or (answer.leads_out and is_first):
                        looking_out.add(rule.name)
                    if answer.is_open or ((answer.leads_out or reads.of_value) and is_first):
                        reads.is_open = is_done = False
                        break

    def _answer(self, rule: Rule, element: Element, reads: Reads) -> Answer:
        found, is_whole = self._judge.ask(rule, element, self._watch.graph)
        if reads.is_open or not is_whole:
            return Answer(rule, (), _NOTHING, leads_out=False, is_open=True)
        asked = frozenset(reads.asked) if reads.asked else _NOTHING
        if not found:
            return Answer(rule, (), asked, reads.leads_out, is_open=False)
        offered = tuple(
            [
                one.offering(self.anew(rule, element, index)) if one.offer else one
                for index, one in enumerate(found)
            ]
        )
        return Answer(rule, offered, asked, reads.leads_out, is_open=False)
