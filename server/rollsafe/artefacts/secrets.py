"""Whether a literal value is a secret, said only where it is nearly certain.

This is the judgement behind findings, so it prefers silence: names that merely refer to a secret, values
that refer to one, and placeholders are none. Redaction before a model sees text is another judgement, and
prefers the opposite.
"""

import re
from enum import StrEnum
from typing import Final

from rollsafe.text.patterns import lazily

_NAME = lazily(
    r"(?i)(?:^|[_\-.])(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|secret[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|credentials?)(?:$|[_\-.]\d+$)"
    r"|(?i:password|secret|apikey|api_key|authtoken|accesstoken)$"
)
_SHAPED = lazily(
    r"\A(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{40,255}|glpat-[\w-]{20,64}"
    r"|xox[abprs]-[\w-]{10,255}|[sr]k_live_[A-Za-z0-9]{10,255}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}"
    r"|SG\.[\w-]{16,32}\.[\w-]{30,64}|sk-ant-[\w-]{20,255}|-{3,5}BEGIN [A-Z ]*PRIVATE KEY-{3,5}[\s\S]*)\Z"
)
_USERINFO = lazily(r"\A[a-z][a-z0-9+.-]*://[^\s:/@]*:(?P<password>[^\s/@]+)@", re.I)
_NOWHERE = lazily(r"@(?:host(?:name)?|your[\w.-]*|server|address)(?:[:/]|\Z)|@[\w.-]+:port\b", re.I)
"""An address that only shows its form: its host is called `host`, or its port `port`."""
_REFERENCE = lazily(r"\$|\{\{|<[^<>]+>|%\(|^(?:arn:|vault:|op://|ssm:|secretsmanager:|file:|/)")
_PLACEHOLDER = lazily(
    r"(?i)change[_-]?me|replace|placeholder|example|sample|dummy|your[_-]|todo|fixme|redacted|insert|"
    r"not[_-]?a[_-]?secret|set[_-](?:by|in|me)|fake|mock|develop|local|(?:^|[_-])(?:dev|test)(?:$|[_-])|x{3,}|\*{2,}|^\.{3}|^<|^-+$"
)
_PUBLIC = lazily(r"\A(?:phc_|pk_(?:live|test)_|pk\.eyJ)")
"""Keys that providers mean to be put into pages: PostHog's project key, Stripe's and Mapbox' public ones."""

_HARMLESS: Final = frozenset(
    ("", "true", "false", "null", "none", "yes", "no", "0", "1", "disabled", "enabled")
)


class Certainty(StrEnum):
    """How a value gave itself away."""

    SHAPE = "shape"
    """It has the form of a provider's key."""
    NAME = "name"
    """Its variable is called a password, token or key."""
    ADDRESS = "address"
    """It is the password inside an address."""


def is_public(value: str) -> bool:
    """Say whether a literal is a key that its provider means to be read by everybody."""
    return _PUBLIC.match(value) is not None


def secret_in(name: str, value: str) -> Certainty | None:
    """Return how the literal `value` of the variable `name` is a secret, or None when it is none."""
    text = value.strip()
    if text.lower() in _HARMLESS or len(text) > 20_000 or is_public(text):
        return None
    if _SHAPED.match(text):
        return Certainty.SHAPE
    address = _USERINFO.match(text)
    # Most values are neither; what else they may be takes longer to find out.
    if address is None and (" " in text or _NAME.search(name) is None):
        return None
    if _REFERENCE.search(text) or _PLACEHOLDER.search(text) or name.lower() in text.lower():
        return None
    if address is not None:
        return None if _NOWHERE.search(text, address.end() - 1) else Certainty.ADDRESS
    return Certainty.NAME
