"""An Ingress or gateway takes requests without TLS.

## What it does
Reports Ingresses without `tls`, and Gateway listeners for HTTPS or TLS without a certificate. An Ingress that a load
balancer encrypts, as annotations for certificates say, and charts are left alone.

## Why it matters
Passwords and sessions cross every network between the user and the cluster as plain text, and whoever is on one of
them can change the answers.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:  # <-
    - host: shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
  tls:
    - hosts:
        - shop.example
      secretName: web-tls
```

## Fix
Adds `tls` for the hosts with a Secret named after the Ingress. Manual: the certificate has to be there, or something
such as cert-manager has to make it.

## References
- [Kubernetes: Ingress TLS](https://kubernetes.io/docs/concepts/services-networking/ingress/#tls)

## Equivalent rules
- `polaris:tlsSettingsMissing`
- `polaris:gatewayTLSMissing`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Ingress, KubernetesObject, is_placeholder
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_ENCRYPTS: Final = re.compile(r"certificate|ssl-cert|pre-shared-cert|managed-cert|acm|tls", re.I)


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.AUDITOR, fix=Safety.MANUAL)
def check(thing: KubernetesObject) -> Iterator[Finding]:
    """Yield a finding for an Ingress or listener without TLS."""
    if thing.from_template or thing.is_patch:
        return
    if isinstance(thing, Ingress) and thing.kind == "Ingress":
        yield from _ingress(thing)
    elif thing.kind == "Gateway" and thing.api_group == "gateway.networking.k8s.io":
        yield from _gateway(thing)


def _ingress(ingress: Ingress) -> Iterator[Finding]:
    elsewhere = any(_ENCRYPTS.search(key) for key in ingress.annotations)
    if elsewhere or ingress.spec is None or not ingress.lacks("spec", "tls"):
        return
    fixes: tuple[Fix, ...] = ()
    hosts = [host for host in ingress.hosts if not is_placeholder(host)]
    if hosts and ingress.spec.at("tls") is None and ingress.spec.entry("tls") is None:
        listed = "\n".join(f"    - {host}" for host in hosts)
        value = f"- hosts:\n{listed}\n  secretName: {ingress.name}-tls"
        edit = add_entry(ingress.file.text, ingress.spec, "tls", value)
        fixes = (Fix("Add `tls` (make the certificate)", Safety.MANUAL, edits=(edit,)),)
    yield Finding(
        ingress.node.key_at("spec", "rules") or ingress.title_node,
        f"Ingress `{ingress.name}` takes requests without TLS",
        fixes=fixes,
        equivalents=("polaris:tlsSettingsMissing",),
    )


def _gateway(gateway: KubernetesObject) -> Iterator[Finding]:
    for listener in gateway.node.items_at("spec", "listeners"):
        protocol = (listener.text_at("protocol") or "").upper()
        passes = listener.text_at("tls", "mode") == "Passthrough"
        if protocol in ("HTTPS", "TLS") and not passes and not listener.items_at("tls", "certificateRefs"):
            name = listener.text_at("name") or protocol
            words = f"listener `{name}` of Gateway `{gateway.name}` has no certificate"
            place = listener.at("protocol") or gateway.title_node
            yield Finding(place, words, equivalents=("polaris:gatewayTLSMissing",))
