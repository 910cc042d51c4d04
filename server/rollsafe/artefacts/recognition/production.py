"""Which environment a deployment goes to: one strong sign or two weak ones make it production."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.recognition.named import words_of
from rollsafe.artefacts.recognition.roles import listed
from rollsafe.formats.shell import ShellCommand
from rollsafe.text import Located
from rollsafe.text.patterns import lazily
from rollsafe.text.tuples import NamedTuple


class EnvironmentKind(StrEnum):
    """What an environment is for."""

    PRODUCTION = "production"
    STAGING = "staging"
    PREVIEW = "preview"
    DEVELOPMENT = "development"
    UNKNOWN = "unknown"


class Hint(NamedTuple):
    """What a word of a command says about the environment; `word` is its index."""

    kind: EnvironmentKind
    strong: bool
    source: str
    text: str
    word: int


class Signal(NamedTuple):
    """One sign of the environment; `source` is what kind of sign, `where` its place if it has one."""

    kind: EnvironmentKind
    strong: bool
    source: str
    text: str
    where: Located | None = None


class Production(NamedTuple):
    """The environment judged from `signals`; `strong` when one of them was decisive."""

    kind: EnvironmentKind
    strong: bool
    signals: tuple[Signal, ...]

    @property
    def is_production(self) -> bool:
        """Whether the environment is production."""
        return self.kind is EnvironmentKind.PRODUCTION

    @property
    def leans_production(self) -> bool:
        """Whether something speaks for production and nothing for another environment."""
        return bool(self.signals) and all(
            signal.kind is EnvironmentKind.PRODUCTION for signal in self.signals
        )


_KINDS: Final[dict[str, EnvironmentKind]] = {
    **dict.fromkeys(("production", "prod", "live", "prd"), EnvironmentKind.PRODUCTION),
    **dict.fromkeys(
        listed("staging stage stg uat preprod preproduction nonprod acceptance"),
        EnvironmentKind.STAGING,
    ),
    **dict.fromkeys(listed("preview pr ephemeral review pullrequest"), EnvironmentKind.PREVIEW),
    **dict.fromkeys(
        listed("dev development develop test testing qa sandbox demo local ci"),
        EnvironmentKind.DEVELOPMENT,
    ),
}
_REMEMBERED: Final = 4_096
_INCIDENTAL: Final = frozenset({"ci", "test", "testing", "local", "review"})
_BEFORE: Final = frozenset({"pre", "non", "not"})
_LITERAL: Final = lazily(r"'((?:[^']|'')*)'")
_VARIABLE: Final = lazily(r"\$\{\{.*?\}\}|\$\{?\w+\}?")

_ENVIRONMENT_OPTIONS: Final = frozenset(
    listed(
        "--environment --env -e --stage --target --context --kube-context -n --namespace --project"
        " --config -c --app -a --profile --workspace --cluster --service --resource-group -g --stack"
        " --destination -d --values -f -var-file --var-file -i --inventory --application --slot"
        " --branch --only --function-name --stack-name --host"
    )
)
_PRODUCTION_FLAGS: Final = frozenset({"--prod", "--production"})
_ENVIRONMENT_VARIABLE: Final = lazily(
    r"(RAILS|RACK|NODE|APP|MIX|DJANGO|DEPLOY|HANAMI|SYMFONY)_ENV(IRONMENT)?|ENV(IRONMENT)?|STAGE"
    r"|TF_WORKSPACE|DJANGO_SETTINGS_MODULE|WORKSPACE"
)
_PLACE: Final = lazily(r"(overlays|environments?|envs?|inventor(y|ies)|stages|live)/")
_SELECTORS: Final = {
    "terraform": (("terraform", "workspace", "select"), ("terraform", "workspace", "new")),
    "tofu": (("tofu", "workspace", "select"), ("tofu", "workspace", "new")),
    "pulumi": (("pulumi", "stack", "select"),),
    "kubectl": (("kubectl", "config", "use-context"),),
    "kubectx": (("kubectx",),),
    "gcloud": (("gcloud", "config", "set"),),
    "az": (("az", "account", "set"),),
    "amplify": (("amplify", "env", "checkout"),),
    "docker": (("docker", "context", "use"),),
}
"""Commands that choose an environment for those after them, by name; it is their last word."""


@lru_cache(maxsize=_REMEMBERED)
def environment_of(name: str) -> EnvironmentKind:
    """Return what an environment, job, cluster, file called `name` is for.

    Words that name another environment outweigh `prod`: `pre-prod` and `test-production` are not
    production. Of an expression the string literals count, production first.
    """
    if "${{" in name:
        return _of_expression(name)
    words = words_of(name)
    kinds = [_KINDS[word] for word in words if word in _KINDS]
    if not kinds:
        return EnvironmentKind.UNKNOWN
    other = next((kind for kind in kinds if kind is not EnvironmentKind.PRODUCTION), None)
    if other is None and not _BEFORE.isdisjoint(words):
        other = EnvironmentKind.STAGING
    return other or EnvironmentKind.PRODUCTION


@lru_cache(maxsize=_REMEMBERED)
def name_environment(name: str) -> EnvironmentKind:
    """Return what a job, file or argument called `name` says of its environment in passing.

    More careful than `environment_of`: `ci`, `test` and `local` name what a thing does rather than
    where, and a name that speaks of production and another environment says nothing.
    """
    words = words_of(name)
    kinds = {_KINDS[word] for word in words if word in _KINDS and word not in _INCIDENTAL}
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is EnvironmentKind.PRODUCTION and not _BEFORE.isdisjoint(words):
            return EnvironmentKind.STAGING
        return kind
    return EnvironmentKind.UNKNOWN


def _of_expression(text: str) -> EnvironmentKind:
    kinds = {environment_of(literal) for literal in _LITERAL.findall(text)}
    kinds.discard(EnvironmentKind.UNKNOWN)
    if EnvironmentKind.PRODUCTION in kinds:
        return EnvironmentKind.PRODUCTION
    rest = _VARIABLE.sub(" ", text)
    if not kinds:
        return environment_of(rest) if rest.strip() and "${{" not in rest else _UNKNOWN
    return min(kinds)


_UNKNOWN: Final = EnvironmentKind.UNKNOWN


def judge(signals: Iterable[Signal]) -> Production:
    """Weigh `signals`, the most telling first: the first strong one decides, else two weak ones."""
    known = tuple(signal for signal in signals if signal.kind is not _UNKNOWN)
    for signal in known:
        if signal.strong:
            return Production(signal.kind, True, known)
    other = next((s for s in known if s.kind is not EnvironmentKind.PRODUCTION), None)
    if other is not None:
        return Production(other.kind, False, known)
    if len({signal.source for signal in known}) > 1:
        return Production(EnvironmentKind.PRODUCTION, False, known)
    return Production(_UNKNOWN, False, known)


def command_hints(command: ShellCommand) -> Iterator[Hint]:
    """Yield what the words of a deploying or migrating command say about its environment."""
    for assignment in command.assignments:
        if _ENVIRONMENT_VARIABLE.fullmatch(assignment.name):
            yield from _told(assignment.value, "variable", 0, strong=True)
    for index, strong in _telling_words(command.texts):
        text = command.texts[index]
        if text in _PRODUCTION_FLAGS:
            yield Hint(EnvironmentKind.PRODUCTION, True, "command", text, index)
        else:
            value = text.partition("=")[2] if text[:1] == "-" else text
            yield from _told(value, "command", index, strong=strong)


def selection_hints(command: ShellCommand) -> Iterator[Hint]:
    """Yield what a command says that only chooses where the commands after it go."""
    if command.name == "export":
        for index, text in enumerate(command.texts):
            name, _, value = text.partition("=")
            if _ENVIRONMENT_VARIABLE.fullmatch(name):
                yield from _told(value, "variable", index, strong=True)
    elif any(command.matches(*words) for words in _SELECTORS.get(command.name, ())):
        last = len(command.texts) - 1
        yield from _told(command.texts[last], "selection", last, strong=True)


def _told(text: str, source: str, word: int, *, strong: bool) -> Iterator[Hint]:
    judge_name = environment_of if strong else name_environment
    kind = judge_name(_VARIABLE.sub(" ", text))
    if kind is not _UNKNOWN:
        yield Hint(kind, strong, source, text, word)
    elif "$" in text and environment_of(text.replace("${{", "")) is EnvironmentKind.PRODUCTION:
        yield Hint(EnvironmentKind.PRODUCTION, False, "secret", text, word)


def _telling_words(texts: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Yield the indexes of words that may name an environment, and whether they do so decisively."""
    option = False
    for index in range(1, len(texts)):
        text = texts[index]
        head, equals, _ = text.partition("=")
        if text[:1] == "-":
            option = head in _ENVIRONMENT_OPTIONS and not equals
            if head in _PRODUCTION_FLAGS or (equals and head in _ENVIRONMENT_OPTIONS):
                yield index, True
        else:
            yield index, option or bool(_PLACE.search(text))
            option = False
