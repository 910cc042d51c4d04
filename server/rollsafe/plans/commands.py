"""The command lines of plans: which programs they may use, how words are quoted, what is safe to repeat.

Every command of a plan can be pasted into a POSIX shell: it is one simple command of a program of the
table, without pipes, and its only expansions are variables and the current commit.
"""

import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rollsafe.artefacts.written_secrets import holds_secret

_DATABASE: Final = "database owner"
_CLOUD: Final = "the provider's account"
_CHECKOUT: Final = "a checkout"

PROGRAMS: Final[dict[str, str]] = {
    "kubectl": "cluster",
    "helm": "cluster",
    "kustomize": _CHECKOUT,
    "skaffold": "cluster",
    "argocd": "Argo CD",
    "docker": "Docker host",
    "docker-compose": "Docker host",
    "git": _CHECKOUT,
    "gh": "the forge, to read and start workflows",
    "curl": "network",
    "psql": _DATABASE,
    "pg_dump": "database, to read everything",
    "pg_restore": _DATABASE,
    "mysql": _DATABASE,
    "mysqldump": "database, to read everything",
    "sqlite3": _DATABASE,
    "migrate": _DATABASE,
    "goose": _DATABASE,
    "dbmate": _DATABASE,
    "flyway": _DATABASE,
    "liquibase": _DATABASE,
    "sqitch": _DATABASE,
    "supabase": _DATABASE,
    "sql-migrate": _DATABASE,
    "diesel": _DATABASE,
    "hasura": _DATABASE,
    "sqlx": _DATABASE,
    "alembic": _DATABASE,
    "rails": _DATABASE,
    "knex": _DATABASE,
    "rake": _DATABASE,
    "prisma": _DATABASE,
    "drizzle-kit": _DATABASE,
    "node-pg-migrate": _DATABASE,
    "npx": _CHECKOUT,
    "npm": _CHECKOUT,
    "pnpm": _CHECKOUT,
    "yarn": _CHECKOUT,
    "bundle": _CHECKOUT,
    "python": _CHECKOUT,
    "python3": _CHECKOUT,
    "poetry": _CHECKOUT,
    "uv": _CHECKOUT,
    "pytest": _CHECKOUT,
    "tox": _CHECKOUT,
    "go": _CHECKOUT,
    "cargo": _CHECKOUT,
    "mvn": _CHECKOUT,
    "gradle": _CHECKOUT,
    "dotnet": _CHECKOUT,
    "make": _CHECKOUT,
    "just": _CHECKOUT,
    "task": _CHECKOUT,
    "terraform": _CLOUD,
    "tofu": _CLOUD,
    "pulumi": _CLOUD,
    "cdk": _CLOUD,
    "aws": _CLOUD,
    "gcloud": _CLOUD,
    "az": _CLOUD,
    "fly": _CLOUD,
    "flyctl": _CLOUD,
    "vercel": _CLOUD,
    "netlify": _CLOUD,
    "wrangler": _CLOUD,
    "heroku": _CLOUD,
    "railway": _CLOUD,
    "serverless": _CLOUD,
    "ansible-playbook": "the hosts of the inventory",
    "kamal": "the hosts it deploys to",
    "cap": "the hosts it deploys to",
    "rsync": "the host it copies to",
    "ssh": "the host it logs in to",
}
"""Every program a plan may ask for, and what one has to have to run it."""

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_EXPANSION = re.compile(r"\$\{?\w+\}?|\$\(git rev-parse HEAD\)")
_SAFE = re.compile(r"[\w@%+=:,./-]+\Z", re.A)
_EXPRESSION = re.compile(r"\$\{\{\s*(?P<inside>[^{}]{1,200}?)\s*\}\}")
_NAMED = re.compile(r"(?:secrets|vars|env|inputs|github\.event\.inputs)\.(?P<name>[A-Za-z_][\w-]*)\Z")
_COMMIT: Final = "$(git rev-parse HEAD)"
_LONGEST: Final = 1_000


def line(*words: str, **variables: str) -> str:
    """Return a command line of `words`, quoted where needed, with `variables` set in front of it."""
    return " ".join([*(f"{name}={quoted(value)}" for name, value in variables.items()), *map(quoted, words)])


def quoted(word: str) -> str:
    """Return a word for a shell: `$NAME` and the current commit are expanded, all else is literal."""
    if _SAFE.match(word):
        return word
    if "$" in word and not _EXPANSION.sub("", word).count("$"):
        return '"' + re.sub(r'(["\\`])', r"\\\1", word) + '"'
    if "'" in word and not any(char in word for char in '$"`\\!'):
        return f'"{word}"'
    return shlex.quote(word)


def words_of(command: str) -> list[str]:
    """Return the words of a command line; none for one that a shell would not take."""
    return [*_split(command)]


@lru_cache(maxsize=8_192)
def _split(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError:
        return ()


def program_of(command: str) -> str | None:
    """Return the program a command line runs, variables set in front of it left out."""
    words = (word for word in _split(command) if not _ASSIGNMENT.match(word))
    first = next(words, None)
    return first.rpartition("/")[2] if first is not None else None


def is_known(command: str) -> bool:
    """Say whether a command line is one a plan may hold."""
    return program_of(command) in PROGRAMS


def access_for(command: str) -> str:
    """Return what one has to have to run a command line of the table."""
    return PROGRAMS.get(program_of(command) or "", _CHECKOUT)


def variables_in(command: str) -> list[str]:
    """Return the names of the variables a command line expands, each once."""
    found = re.findall(r"\$\{?([A-Za-z_]\w*)\}?", command.replace(_COMMIT, ""))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=8_192)
def from_pipeline(text: str) -> str | None:
    """Return a pipeline's command as one that can be pasted; None when that cannot be said.

    Expressions become shell variables of the same name, `github.sha` the current commit. A command that
    holds a secret, other expansions or shell syntax, or a program nobody knows, is not repeated.
    """
    if len(text) > _LONGEST:
        return None
    expanded = _EXPRESSION.sub(_as_variable, text)
    outside = _EXPANSION.sub("", expanded)
    if "${{" in expanded or "`" in outside or "$" in outside or "\n" in expanded:
        return None
    words = words_of(expanded)
    if not words or _in_single_quotes(expanded) or any(word in ("|", "&&", "||", ";", "&") for word in words):
        return None
    return expanded if is_known(expanded) and not holds_secret(words) else None


def _as_variable(match: re.Match[str]) -> str:
    inside = match["inside"]
    if inside in ("github.sha", "env.GITHUB_SHA"):
        return _COMMIT
    named = _NAMED.match(inside)
    return f"${{{named['name'].replace('-', '_').upper()}}}" if named is not None else match[0]


def _in_single_quotes(text: str) -> bool:
    """Say whether a variable stands where a shell does not expand it."""
    return any("$" in part for part in _single_quoted(text))


def _single_quoted(text: str) -> Iterator[str]:
    quote, start = "", 0
    for at, char in enumerate(text):
        if quote == char:
            if quote == "'":
                yield text[start:at]
            quote = ""
        elif not quote and char in "'\"":
            quote, start = char, at + 1
