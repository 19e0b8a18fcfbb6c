"""What is handed to the service: a bare image template, or a deployment that holds some."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Protocol

    class Stage(Protocol):
        """Files that image templates fetch when they are created."""

        def ready(self, body: Mapping[str, object], tell: Callable[[str], None]) -> Mapping[str, object]:
            """Puts them in their place; what is to be submitted, which may hold signatures: it must not be shown.

            Raises BuildError.
            """


TYPE = "microsoft.virtualmachineimages/imagetemplates"
#: The tag of an image template that says what body it was made from.
HASH_TAG = "bakelift-hash"
#: What a request's body may hold, besides name and type.
_BODY = ("location", "tags", "identity", "properties")


#: Options that give what a translation could not know.
_GIVEN_BY = {"<subscriptionId>": "-subscription", "<resourceGroup>": "-resource-group", "<identityId>": "-identity"}


class Submission(Record):
    """``name``: of the image template (of a deployment: of the deployment). ``body``: of the request, for a bare one.

    ``template``, ``parameters``: of a deployment. ``label``: the build's name in the log. ``stage``: what it fetches,
    which decides nothing, as addresses are made of what stands there. ``after``: labels of those that make its source.
    """

    label: str
    name: str
    api_version: str
    body: Mapping[str, object] | None = None
    template: Mapping[str, object] | None = None
    parameters: Mapping[str, object] = {}
    stage: Stage | None = None
    after: tuple[str, ...] = ()

    def hash(self) -> str:
        """Of what decides the image template; the same text has the same one."""
        import hashlib
        import json

        data = {"api": self.api_version, "body": self.body, "template": self.template, "parameters": self.parameters}
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]

    def request(self, tell: Callable[[str], None]) -> Mapping[str, object]:
        """The body of the request for a bare template, with the tag that tells it again; what it fetches is there.

        Raises BuildError.
        """
        assert self.body is not None
        found = {key: self.body[key] for key in _BODY if key in self.body}
        tags = found.get("tags")
        found["tags"] = {**(tags if isinstance(tags, dict) else {}), HASH_TAG: self.hash()}
        return self.stage.ready(found, tell) if self.stage is not None else found


def bare(label: str, name: str, api_version: str, data: Mapping[str, object]) -> Submission:
    """Raises BuildError when something in it has to be filled in first."""
    for path, text in placeholders(data):
        options = [option for word, option in _GIVEN_BY.items() if word in text]
        how = f"say {' and '.join(options)}" if options else "what stands there has to be given"
        raise BuildError(f"{label}: {path} says {text}: {how} before it can be submitted")
    return Submission(label, name, api_version, body=data)


def placeholders(data: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Texts that stand for what somebody has to say, ``<identityId>``, in keys and in values outside of scripts."""
    if isinstance(data, dict):
        for key, value in data.items():
            if _stands_for(key):
                yield path or "/", key
            if key != "inline":
                yield from placeholders(value, f"{path}/{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from placeholders(value, f"{path}/{index}")
    elif isinstance(data, str) and _stands_for(data):
        yield path, data


def _stands_for(text: str) -> bool:
    import re

    return re.search(r"<[A-Za-z][A-Za-z0-9 _-]*>", text) is not None


def image_templates(resources: object) -> list[Mapping[str, object]]:
    """The image templates among a deployment's resources."""
    listed = list(resources.values()) if isinstance(resources, dict) else resources
    if not isinstance(listed, list):
        return []
    return [item for item in listed if isinstance(item, dict) and str(item.get("type", "")).lower() == TYPE]


def secure_values(template: Mapping[str, object] | None, given: Mapping[str, object]) -> list[str]:
    """Texts of a deployment's parameters that no log may show: given ones, else their defaults."""
    declared = (template or {}).get("parameters")
    found: list[str] = []
    for name, item in declared.items() if isinstance(declared, dict) else ():
        if isinstance(item, dict) and str(item.get("type", "")).lower().startswith("secure"):
            value = given.get(name, {"value": item.get("defaultValue")})
            found += _texts(value.get("value") if isinstance(value, dict) else value)
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
