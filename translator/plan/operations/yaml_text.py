"""``yamldecode`` and ``yamlencode``, as go-cty-yaml reads and writes (YAML 1.1 words, no numbers of base 60)."""

from __future__ import annotations

import re

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.convert import convert
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ConversionError
from bakelift.translator.plan.values import Value, object_of, tuple_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Event = Any

_WORDS: dict[str, tuple[str, object]] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], ("bool", True)),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], ("bool", False)),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], ("null", None)),
}
#: Of base 16 and 8 are newer than the release of go-cty-yaml that Packer is built with; Terraform reads them.
_INTEGER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+|-?0b[01]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?(Z|[-+]\d\d:\d\d))"
    r"|(?: (\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?))?",
    re.ASCII,
)
_TAGS = "tag:yaml.org,2002:"


def decode(text: str) -> Value:
    yaml = _library()
    try:
        events = yaml.parse(text, Loader=yaml.SafeLoader)
        return _Reader(events).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"on line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ArgumentError(0, where + str(getattr(error, "problem", error))) from None
    except RecursionError:
        raise ArgumentError(0, "the document is nested too deeply") from None


def encode(value: Value) -> Value:
    yaml = _library()
    events: list[Event] = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    _emit(yaml, value, events)
    events += [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    text: str = yaml.emit(events, Dumper=yaml.SafeDumper, allow_unicode=True, width=1 << 30)
    return Value(STRING, text.removesuffix("...\n"))


def _library() -> Any:
    try:
        import yaml
    except ImportError:
        raise OperationError("reading and writing YAML needs the Python package PyYAML") from None
    return yaml


def _emit(yaml: Any, value: Value, events: list[Event]) -> None:
    raw = value.raw
    if isinstance(raw, tuple):
        events.append(yaml.SequenceStartEvent(None, None, True, flow_style=False))
        for item in raw:
            _emit(yaml, item, events)
        events.append(yaml.SequenceEndEvent())
    elif isinstance(raw, dict):
        events.append(yaml.MappingStartEvent(None, None, True, flow_style=False))
        for key, item in raw.items():
            _emit(yaml, Value(STRING, key), events)
            _emit(yaml, item, events)
        events.append(yaml.MappingEndEvent())
    elif isinstance(raw, str):
        style = "|" if "\n" in raw else '"'
        events.append(yaml.ScalarEvent(None, None, (True, True), raw, style=style))
    else:
        text = "null" if raw is None else convert(value, STRING).raw
        events.append(yaml.ScalarEvent(None, None, (True, True), text))


class _Reader:
    """Builds a value of parser events, as go-cty-yaml does: aliases to finished anchors only, merge keys in place."""

    def __init__(self, events: Iterator[Event]) -> None:
        self.events = events
        self.anchors: dict[str, Value] = {}
        self.pending: set[str] = set()

    def next(self) -> Event:
        return next(self.events)

    def document(self) -> Value:
        self.next()
        if type(self.next()).__name__ != "DocumentStartEvent":
            raise ArgumentError(0, "on line 1, column 1: missing start of document")
        value = self.value(self.next())
        self.next()
        if type(self.next()).__name__ == "DocumentStartEvent":
            raise ArgumentError(0, "only a single document is allowed")
        return value

    def value(self, event: Event) -> Value:
        kind = type(event).__name__
        anchor = event.anchor
        if kind == "AliasEvent":
            if anchor in self.pending:
                raise ArgumentError(0, f'cannot refer to anchor "{anchor}" from inside its own definition')
            if anchor not in self.anchors:
                raise ArgumentError(0, f'reference to undefined anchor "{anchor}"')
            return self.anchors[anchor]
        if anchor:
            self.pending.add(anchor)
        if kind == "ScalarEvent":
            value = self.scalar(event)
        elif kind == "SequenceStartEvent":
            self.check_tag(event, "seq", "sequence")
            value = tuple_of(self.items("SequenceEndEvent"))
        else:
            self.check_tag(event, "map", "mapping")
            value = self.mapping()
        if anchor:
            self.pending.discard(anchor)
            self.anchors[anchor] = value
        return value

    def items(self, end: str) -> Iterator[Value]:
        while type(event := self.next()).__name__ != end:
            yield self.value(event)

    def check_tag(self, event: Event, tag: str, what: str) -> None:
        if event.tag not in {None, _TAGS + tag}:
            raise ArgumentError(0, f"can't interpret {what} as {event.tag}")

    def mapping(self) -> Value:
        fields: dict[str, Value] = {}
        while type(event := self.next()).__name__ != "MappingEndEvent":
            if type(event).__name__ != "ScalarEvent":
                raise ArgumentError(0, "only strings are allowed as mapping keys")
            if (event.tag is None and event.value == "<<") or event.tag == _TAGS + "merge":
                self.merge(fields, self.value(self.next()))
                continue
            key = self.scalar(event)
            try:
                name = convert(key, STRING)
            except ConversionError:
                raise ArgumentError(0, "only strings are allowed as mapping keys") from None
            if name.null:
                raise ArgumentError(0, "mapping key cannot be null")
            fields[str(name.raw)] = self.value(self.next())
        return object_of(fields)

    def merge(self, fields: dict[str, Value], value: Value) -> None:
        sources = value.raw if isinstance(value.raw, tuple) else (value,)
        for source in sources:
            if not isinstance(source.raw, dict):
                raise ArgumentError(0, f"cannot merge {source.type.name()} into mapping")
            fields.update(source.raw)

    def scalar(self, event: Event) -> Value:
        if event.tag is None and not event.implicit[0]:
            # Quoted or a block: text.
            return Value(STRING, event.value)
        tag = (event.tag or "").removeprefix(_TAGS)
        if tag not in {"", "str", "bool", "int", "float", "null", "timestamp", "binary"}:
            raise ArgumentError(0, f'unsupported tag "{event.tag}"')
        return _resolved(tag, event.value, quoted=event.style in {"'", '"'})


def _resolved(tag: str, text: str, quoted: bool) -> Value:
    if tag in {"str", "binary"} or (quoted and tag in {"", "timestamp"}):
        return Value(STRING, text)
    if text in _WORDS and not quoted:
        kind, raw = _WORDS[text]
        return Value(BOOL if kind == "bool" else DYNAMIC, raw)
    infinite = _INFINITE.fullmatch(text)
    if infinite and not quoted:
        return Value(NUMBER, bigfloat.parse(infinite.group(1) + "Inf"))
    if not tag and text in {".nan", ".NaN", ".NAN"}:
        raise ArgumentError(0, "floating point NaN is not supported")
    if tag in {"", "timestamp"}:
        time = _time(text)
        if time is not None:
            return Value(STRING, time)
    if tag == "null":
        return Value(DYNAMIC, None)
    if tag in {"bool", "timestamp"}:
        raise ArgumentError(0, f'cannot parse "{text}" as !!{tag}')
    # A text that begins with a digit or a sign may have underlines between its digits.
    plain = text.replace("_", "") if tag or text[:1] in "+-0123456789" else text
    if tag or _INTEGER.fullmatch(plain) or _FLOAT.fullmatch(plain):
        number = _number(plain)
        if number is None:
            raise ArgumentError(0, f'cannot parse "{text}" as !!{tag or "int"}')
        return number
    return Value(STRING, text)


def _number(text: str) -> Value | None:
    parsed = bigfloat.parse(text)
    if parsed is not None:
        return Value(NUMBER, parsed)
    try:
        return Value(NUMBER, int(text, 0))
    except ValueError:
        return None


def _time(text: str) -> str | None:
    """A timestamp as RFC 3339 in whole seconds; None when it is none, or no day of the calendar."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    from datetime import datetime

    groups = found.groups()
    clock = groups[3:6] if groups[3] else groups[8:11] if groups[8] else ("0", "0", "0")
    try:
        moment = datetime(*map(int, (*groups[:3], *clock)))  # type: ignore[arg-type]
    except ValueError:
        return None
    zone = groups[7] or "Z"
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + ("Z" if zone in {"+00:00", "-00:00"} else zone)
