"""Reading manifests from text, for the tests of the Kubernetes view."""

from collections import deque
from collections.abc import Iterator
from textwrap import dedent
from typing import TypeVar, cast

from rollsafe.artefacts.base import Artefact, Element
from rollsafe.artefacts.kubernetes import Container, Workload, recognise
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.yaml import read_yaml
from rollsafe.text.cached import cached_property

E = TypeVar("E", bound=Element)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {team: a}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web, tier: front}
    spec:
      containers:
        - name: main
          image: registry.test/shop/web:1.4
          ports:
            - {name: http, containerPort: 8080}
"""


def view(text: str, path: str = "k8s/app.yaml") -> Artefact | None:
    """Return what a file is seen as."""
    source = dedent(text)
    return recognise(SourceFile(path, source), read_yaml(source))


def elements(kind: type[E], text: str, path: str = "k8s/app.yaml") -> list[E]:
    """Return the elements of one type."""
    seen = view(text, path)
    return [it for it in seen.elements if isinstance(it, kind)] if seen is not None else []


def only(kind: type[E], text: str, path: str = "k8s/app.yaml") -> E:
    """Return the one element of a type."""
    (found,) = elements(kind, text, path)
    return found


def workload(pod: str = "", kind: str = "Deployment", spec: str = "") -> Workload:
    """Return a workload whose spec and pod spec have further lines, indented by two blanks."""
    text = f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n"
    lines = dedent(spec).splitlines()
    text += "".join(f"  {line}\n" for line in lines)
    text += "  template:\n    spec:\n      containers: [{name: main, image: 'a:1'}]\n"
    text += "".join(f"      {line}\n" for line in dedent(pod).splitlines())
    return only(Workload, text)


def container(lines: str, path: str = "k8s/app.yaml") -> Container:
    """Return a container with further lines."""
    body = "".join(f"          {line}\n" for line in dedent(lines).splitlines())
    return only(Container, DEPLOYMENT.replace("          ports:\n", body + "          ports:\n"), path)


def source_of(element: Element, place: object) -> str:
    """Return the text a node of the element's file covers."""
    start, end = getattr(place, "start", 0), getattr(place, "end", 0)
    return element.file.text[start:end]


def ask_everything(element: Element) -> int:
    """Evaluate every public property of an element; return how many there are."""
    names = {
        name
        for cls in type(element).__mro__
        for name, value in vars(cls).items()
        if isinstance(value, property | cached_property) and not name.startswith("_")
    }
    for name in names:
        answer: object = getattr(element, name)
        if isinstance(answer, Iterator):
            deque(cast("Iterator[object]", answer), maxlen=0)
    return len(names)
