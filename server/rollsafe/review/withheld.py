"""Files that are never shown, whatever they hold."""

import re

from rollsafe.text.tuples import NamedTuple

LARGEST = 200_000
_NAMES = re.compile(
    r"""(?ix) ^(?:
      \.env.* | .*\.envrc | env\.(?:prod|production|local|staging|secret).*
    | .*\.(?:pem|key|p8|p12|pfx|jks|keystore|kdbx|ovpn|ppk|asc|gpg|age)
    | id_(?:rsa|dsa|ecdsa|ed25519).*
    | (?:.*[.-])?kubeconfig(?:[.-].*)?
    | .*\.tfstate(?:\..*)? | .*\.(?:auto\.)?tfvars(?:\.json)?
    | \.?netrc | _netrc | \.npmrc | \.yarnrc(?:\.yml)? | \.pypirc | \.pgpass | \.my\.cnf
    | \.htpasswd | \.git-credentials | \.dockercfg | \.dockerconfigjson
    | \.vault[-_]?(?:pass|token).*
    | credentials(?:\.(?:json|ya?ml|toml|ini|csv|xml))?
    | secrets?(?:[.-].*)?\.(?:json|ya?ml|toml|ini|env|txt)
    | (?:.*[-_.])?service[-_]?account(?:[-_]?key)?\.json
    )$"""
)
_PLACES = re.compile(
    r"(?i)(?:^|/)(?:\.kube/config|\.docker/config\.json|\.aws/(?:config|credentials)|\.ssh/[^/]+"
    r"|\.gnupg/.+|\.azure/.+|\.config/gcloud/.+|run/secrets/.+)$"
)
_KUBECONFIG = re.compile(r"(?m)^[ \t\"']{0,40}(?:client-key-data|certificate-authority-data)[\"']?\s?:")
_TFSTATE = re.compile(r'"terraform_version"\s{0,8}:')
SECRET_KIND = re.compile(r"""(?m)(?:^|[{,\s-])["']?kind["']?\s{0,8}:\s{0,8}["']?Secret\b""")
_ANY_KIND = re.compile(r"""(?m)(?:^|[{,\s-])["']?kind["']?\s{0,8}:\s{0,8}["']?([A-Za-z]{1,80})""")


class Withheld(NamedTuple):
    """A file that was not shown, and why."""

    path: str
    reason: str


def _is_secret_manifest(text: str) -> bool:
    """Say whether the text holds Kubernetes Secrets and no other kind of object."""
    if SECRET_KIND.search(text) is None:
        return False
    return {kind for kind in _ANY_KIND.findall(text) if kind != "List"} <= {"Secret"}


def reason_to_withhold(path: str, text: str) -> str | None:
    """Say why a file is not shown, or None when it may be, its secrets redacted."""
    name = path.rpartition("/")[2]
    if _NAMES.match(name) or _PLACES.search(path):
        return "files of this name hold secrets"
    if len(text) > LARGEST:
        return "larger than a review reads"
    if _KUBECONFIG.search(text):
        return "a kubeconfig"
    if _TFSTATE.search(text):
        return "a Terraform state"
    if _is_secret_manifest(text):
        return "a Secret manifest"
    return None
