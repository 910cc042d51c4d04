"""A build takes what it downloads from whoever answers.

## What it does
Reports flags and variables that switch off certificates or signatures: `curl -k`, `wget --no-check-certificate`,
`pip --trusted-host`, `apk --allow-untrusted`, `apt-get --allow-unauthenticated` and `--force-yes`, `--nogpgcheck`,
`rpm --nodigest`, `sslverify=false`, `strict-ssl false`, and `NODE_TLS_REJECT_UNAUTHORIZED=0` with its relatives.

## Why it matters
Whoever stands between the build and the server can put a program into the image, and with it into production. A
variable set by `ENV` also switches it off for the running program.

## Bad
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN curl -fsSL -k https://example.com/tool -o /usr/local/bin/tool  # <-
USER 10001
```

## Good
```dockerfile title="Dockerfile"
FROM debian:12.7
RUN curl -fsSL https://example.com/tool -o /usr/local/bin/tool
USER 10001
```

## Fix
Removes the flag. Unsafe: the download fails where the certificate is not known, which has to be added then.

## References
- [curl: --insecure](https://curl.se/docs/manpage.html#-k)

## Equivalent rules
- `checkov:CKV2_DOCKER_2`
- `checkov:CKV2_DOCKER_3`
- `checkov:CKV2_DOCKER_4`
- `checkov:CKV2_DOCKER_5`
- `checkov:CKV2_DOCKER_6`
- `checkov:CKV2_DOCKER_7`
- `checkov:CKV2_DOCKER_8`
- `checkov:CKV2_DOCKER_9`
- `checkov:CKV2_DOCKER_10`
- `checkov:CKV2_DOCKER_11`
- `checkov:CKV2_DOCKER_12`
- `checkov:CKV2_DOCKER_13`
- `checkov:CKV2_DOCKER_14`
- `checkov:CKV2_DOCKER_15`
- `checkov:CKV2_DOCKER_16`
- `checkov:CKV2_DOCKER_18`
"""

from collections.abc import Iterator

from rollsafe.artefacts.dockerfile import DockerInstruction
from rollsafe.artefacts.dockerfile.trust import Distrust, may_distrust, unverified_by
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.dockerfiles import place_in


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(instruction: DockerInstruction) -> Iterator[Finding]:
    """Yield a finding for each place that switches verification off."""
    if instruction.deed not in ("RUN", "ENV", "ARG") or not may_distrust(instruction):
        return
    for one in unverified_by(instruction):
        yield Finding(
            place_in(instruction, one.span),
            f"{one.what} trusts whoever answers",
            fixes=tuple(_fixes(instruction, one)),
            equivalents=(f"checkov:{one.check}",),
        )


def _fixes(instruction: DockerInstruction, one: Distrust) -> Iterator[Fix]:
    start = one.span.start
    if (
        one.removable
        and instruction.file.slice(Span(start - 1, start)) in (" ", "\t")
        and instruction.held.exec_form is None
    ):
        yield Fix(f"Remove {one.name}", Safety.UNSAFE, edits=(Edit(Span(start - 1, one.span.end), ""),))
