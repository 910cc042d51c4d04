"""Secrets recognisable within one line: by their own shape, by the key before them, by chance.

Spans are offsets in the line, sorted and disjoint. Wrongly taking a word for a secret costs the
model a word; missing one sends it away. So doubtful values count as secrets, and only values that
plainly refer to one (`${{ secrets.X }}`, `$X`, a file below /run) do not.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from math import log2

from rollsafe.text.spans import Span

PLACEHOLDER = re.compile(r"<<SECRET:\d{1,9}>>")

_TOKENS = re.compile(
    r"""(?x)
      \b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b                         # AWS
    | \bgh[pousr]_[A-Za-z0-9]{20,255} | \bgithub_pat_\w{20,255}       # GitHub
    | \bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|oas)-[\w.-]{16,255}      # GitLab
    | \bxox[abeoprs]-[\w-]{10,255} | \bxapp-[\w-]{10,255}             # Slack
    | (?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/-]{8,255}
    | (?<=discord\.com/api/)webhooks/[\w/-]{8,255}
    | (?<=discordapp\.com/api/)webhooks/[\w/-]{8,255}
    | \b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255} | \bwhsec_[\w+/=]{16,255}
    | \bsk-[\w-]{16,255}                                              # model services
    | \bAIza[\w-]{30,60} | \bya29\.[\w-]{16,255} | \bGOCSPX-[\w-]{16,60}
    | \bnpm_[A-Za-z0-9]{20,60} | \bpypi-[\w-]{16,255} | \brubygems_[a-f0-9]{20,80}
    | \bdckr_(?:pat|oat)_[\w-]{16,80} | \bhv[sbr]\.[\w-]{16,255} | \bdo[opr]_v1_[a-f0-9]{32,80}
    | \bSG\.[\w-]{10,60}\.[\w-]{10,80} | \bkey-[a-f0-9]{32}\b | \b(?:SK|AC)[a-f0-9]{32}\b
    | \bdapi[a-f0-9]{32}\b | \bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32} | \blin_api_\w{16,80}
    | \bNR(?:AK|JS|II)-[\w-]{16,60} | \bgl(?:c|sa)_[\w+/=-]{20,255} | \bFlyV1\s[\w.,+/=-]{16,4000}
    | \bfm[12][a-z]?_[\w+/=-]{16,4000} | \bdp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{16,80}
    | \bAGE-SECRET-KEY-1[0-9A-Z]{20,80} | \b\d{8,10}:AA[\w-]{30,40} | \bsbp_[a-f0-9]{32,60}
    | \bATATT3[\w=-]{16,255} | \brnd_\w{20,60} | \bPMAK-[a-f0-9-]{20,80} | \bsntrys_[\w+/=-]{16,255}
    | \beyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,4000}){0,3}       # JWT
    | -----BEGIN\x20[^"'`]{1,4000}
    | \$(?:2[abxy]|5|6|argon2id?|apr1|y)\$[\w./$=,+-]{10,255}         # password hashes
    """
)
_USERINFO = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://(?!git@)([^\s\"'`<>/?#]{1,512})@")
_USERINFO_PASSWORD = re.compile(
    r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s\"'`/:@<>]{0,128}:"
    r"|[\s\"'=(][^\s\"'`/:@<>]{0,128}:(?!//))"
    r"([^\s\"'`]{1,512})@(?!sha(?:256|512):)(?=[\w.\[(${<-])"
)
_SCHEMES = re.compile(r"(?i)\b(?:bearer|basic|token)\s{1,4}((?=[A-Za-z._~+/-]*[0-9=])[\w.~+/=-]{8,4000})")
_SQL = re.compile(r"(?i)\b(?:password|identified\b[^'\"]{0,60}\bby)\s{1,8}E?('[^']*'?|\"[^\"]*\"?)")
_WORD = (
    r"(?:passw(?:or)?d|passwd|passphrase|passcode|pwd|secret|token|credential|dsn|salt|pepper"
    r"|(?:api|access|private|signing|encryption|auth|master|account|shared|session|license|storage"
    r"|deploy|ssh|cookie|crypt(?:o|ion)?|hmac|jwt|webhook)[ _.-]?key"
    r"|connection[ _-]?string|conn[ _-]?str|(?<![A-Za-z])_?auth(?![A-Za-z])"
    r"|\bpass(?![A-Za-z])|_pass\b)"
)
_SENSITIVE = re.compile(f"(?i){_WORD}")
_AFTER = re.compile(
    r"(?P<tail>[\w.\-]{0,64})[\"'`\])}]{0,3}\s{0,8}"
    r"(?P<mark>=>|:=|:-|==|:(?!:)|=)\s{0,16}(?P<value>\S.*)"
)
_OPENING = re.compile(r"[\s\"'-]{0,400}(?:(?:export|ENV|ARG|set)\s{1,8})?[\"']?[\w.-]*")
_HARMLESS_TAIL = re.compile(
    r"(?i)(?:names?|refs?|files?|paths?|dir|urls?|uri|endpoint|host|ttl|types?|policy|length|size"
    r"|seconds|minutes|hours|days|expiry|expir(?:ation|es|y)\w*|lifetime|arn|mounts?|version|enabled"
    r"|header|provider|engine|store|class|required|rotation\w*|manager|scopes?|audience|issuer"
    r"|algorithm|encoder|keyref|optional|prefix|format|count|limit|budget|usage)$"
)
_REFERENCE = re.compile(
    r"""(?ix) (?:
      \$\{\{[^{}"'`]*\}{0,2} | \{\{[^{}"'`]*\}{0,2} | \$\{[a-z_]\w*\}? | \$\([a-z_]\w*\)?
    | (?-i:\$[A-Z_][A-Z0-9_]*|\$\d+)
    | %\w+% | %\(\w+\)s | \? | :[a-z_]+ | <[a-z][\w\ -]*>
    | true|false|null|~|none|nil|yes|no|on|off|read|write|inherit|required|optional
    | string|text|integer|object|boolean | \*+ | x{3,} | \.{3,} | …
    | !(?:Ref|GetAtt|ImportValue|reference)\s[\w.:-]+ | !vault\s[|>].{0,2}
    | arn:[\w:/.*+=@-]* | op://[\w\ /.-]* | vault:[\w/.\#-]* | (?:valueFrom|fromSecret)\b.*
    | [~^<>=]{0,2}v?\d+(?:\.\d+){1,3}(?:-[\w.]{1,20})? | (?:catalog|workspace):[\w.*^~]*
    | (?:/run|/etc|/var|/mnt|/vault|/dev|\.|\.\.)/[\w./-]*
    | [|>][+-]?\d? | [\[{(]
    ) \Z"""
)
_FLAG = re.compile(
    r"(?i)(?:^|[\s\"'\[,])--?[\w-]{0,40}"
    + _WORD
    + r"(?![\w-]{0,20}(?:file|stdin|path|name|ref)\b)[\w-]{0,20}"
    r"[\"']?[\s,]{1,8}[\"']?([^\s\"',\]]{1,512})"
)
_DEFAULT = re.compile(r"\$\{\w{1,100}:?-")
_USER_FLAG = re.compile(r"(?:^|\s)(?:-u|--user)(?:\s{1,4}|=)[\"']?[^\s\"':/]{1,128}:([^\s\"']{1,512})")
_MYSQL_FLAG = re.compile(
    r"\b(?:mysql\w{0,12}|mariadb\w{0,12}|sshpass)\b.{0,400}?\s-p\s?([^\s\"'-][^\s\"']{0,255})"
)
_CANDIDATE = re.compile(r"[A-Za-z0-9+/_=-]{20,4000}")
_PUBLIC_BEFORE = re.compile(r"(?:@|\b(?:sha1|sha256|sha384|sha512|md5)[:=-]|/(?:commit|tree|blob)/)$")
_HEX = re.compile(r"(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{32,}\Z")
_PROSE_VALUE = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])\S{6,}|\S{6,}\Z")

_KINDS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "a" * 26 + "A" * 26 + "0" * 10,
    "+/_=-",
)
_WRITTEN_RUN = re.compile(r"[a-z]{5,}")
_RANDOM_ENTROPY = 3.5
_RANDOM_CHANGES = 0.3


def secrets_in_config(line: str) -> list[Span]:
    """Return the spans of secrets in a line of a configuration, a script or a migration."""
    if len(line) < 4:
        return []
    line = _masked(line)
    return _merged([*_shaped(line), *_keyed(line), *_flagged(line), *_random(line)])


def secrets_in_prose(line: str) -> list[Span]:
    """Return the spans of secrets in a line written for people.

    `secret: never log one` is a sentence there; `password: hunter2` still is none.
    """
    line = _masked(line)
    keyed = (span for span in _keyed(line) if _PROSE_VALUE.match(line, span.start, span.end))
    return _merged([*_shaped(line), *keyed, *_random(line)])


def without_secrets(text: str) -> str:
    """Return what a person has typed, on one line, with `***` for what looks like a secret."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    for span in reversed(secrets_in_prose(line)):
        line = f"{line[: span.start]}***{line[span.end :]}"
    return line


def _masked(line: str) -> str:
    """Return the line with its placeholders starred out, at the same length."""
    return PLACEHOLDER.sub(lambda match: "*" * len(match.group()), line) if "<<" in line else line


def is_sensitive_name(name: str) -> bool:
    """Say whether a key of this name holds a secret rather than a fact about one."""
    return any(not _HARMLESS_TAIL.search(name, m.end()) for m in _SENSITIVE.finditer(name))


def is_reference(value: str) -> bool:
    """Say whether a value names a secret kept elsewhere, is a placeholder, or is nothing."""
    bare = value.strip(" \t\"'`,;)]")
    return not bare or _REFERENCE.match(bare) is not None


def value_span(line: str, start: int) -> Span:
    """Return the span of the value that begins at `start`, quotes and a comment left out."""
    quote = line[start : start + 1]
    if quote and quote in "\"'`":
        return Span(start + 1, _closing_quote(line, quote, start + 1))
    comment = line.find(" #", start)
    end = len(line) if comment < 0 else comment
    return Span(start, start + len(line[start:end].rstrip(" \t,;\"'`)}]")))


def _closing_quote(line: str, quote: str, start: int) -> int:
    """Return where the quote closes; the line's end when it does not."""
    at = start
    while (at := line.find(quote, at)) >= 0:
        if line[at - 1] == "\\":
            at += 1
        elif line[at : at + 2] == "''":
            at += 2
        else:
            return at
    return len(line)


def _shaped(line: str) -> Iterator[Span]:
    yield from (Span(*match.span()) for match in _TOKENS.finditer(line))
    for pattern in (_USERINFO_PASSWORD, _USERINFO, _SCHEMES, _SQL):
        for match in pattern.finditer(line):
            value = match.group(1)
            if pattern is _USERINFO and ":" in value:
                continue
            if not is_reference(value):
                yield Span(*match.span(1))


def _keyed(line: str) -> Iterator[Span]:
    for word in _SENSITIVE.finditer(line):
        after = _AFTER.match(line, word.end())
        if after is None or _HARMLESS_TAIL.search(after["tail"]):
            continue
        span = _default_of(line, value_span(line, after.start("value")))
        if after["mark"].endswith("=") and not _opens_line(line, word.start()):
            span = _first_word(line, span)
        value = line[span.start : span.end]
        counted = value.isdigit() and word.group().lower() == "token"
        if value and not counted and not is_reference(value):
            yield span


def _default_of(line: str, span: Span) -> Span:
    """Return the span of the default when the value is a variable with one, such as `${A:-b}`."""
    default = _DEFAULT.match(line, span.start, span.end)
    if default is None:
        return span
    return Span(default.end(), default.end() + len(line[default.end() : span.end].rstrip("}")))


def _first_word(line: str, span: Span) -> Span:
    """Return the span up to its first space; a quoted value is one word."""
    if line[span.start - 1] in "\"'`":
        return span
    return Span(span.start, span.start + len(line[span.start : span.end].partition(" ")[0]))


def _opens_line(line: str, start: int) -> bool:
    """Say whether only indentation, list marks and a keyword stand before the key at `start`."""
    return _OPENING.fullmatch(line, 0, start) is not None


def _flagged(line: str) -> Iterator[Span]:
    for pattern in (_FLAG, _USER_FLAG, _MYSQL_FLAG):
        for match in pattern.finditer(line):
            value = match.group(1)
            if not is_reference(value) and not value.startswith("-"):
                yield Span(*match.span(1))


def _random(line: str) -> Iterator[Span]:
    for match in _CANDIDATE.finditer(line):
        if _PUBLIC_BEFORE.search(line, max(0, match.start() - 12), match.start()):
            continue
        if looks_random(match.group()):
            yield Span(*match.span())


def looks_random(word: str) -> bool:
    """Say whether a word is likelier drawn than written.

    Written names change between small letters, capitals and digits where a word begins, and are
    made of runs of small letters; drawn ones change at every second character.
    """
    bare = word.strip("=-_/+")
    if _HEX.match(bare):
        return True
    kinds = bare.translate(_KINDS)
    if len(kinds) < 18 or "0" not in kinds:
        return False
    if sum(map(len, _WRITTEN_RUN.findall(bare))) > len(kinds) / 2:
        return False
    changes = sum(a != b for a, b in pairwise(kinds))
    return changes >= _RANDOM_CHANGES * len(kinds) and _entropy(bare) >= _RANDOM_ENTROPY


def _entropy(word: str) -> float:
    """Return the bits per character that the word's own letter counts give."""
    shares = (word.count(char) / len(word) for char in set(word))
    return -sum(share * log2(share) for share in shares)


def _merged(spans: list[Span]) -> list[Span]:
    """Return the spans sorted, and joined where they touch."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
