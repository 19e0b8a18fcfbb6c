"""Whether values fit the types that the tables give to options: literals were checked when they were read, what is
computed is checked here. HCL converts strictly; legacy JSON takes a scalar for a list, and text for numbers.
"""

from __future__ import annotations

from bakelift.translator.plan.types import BOOL, NUMBER, STRING, ListType, MapType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.packer.checks import Check, Rule
    from bakelift.translator.packer.tables.rows import Option
    from bakelift.translator.plan.types import Type

_TYPES: Mapping[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "duration": STRING}


def type_of(option: Option) -> Type | None:
    """The type of an option's values; None where blocks or any value may stand."""
    if option.value in ("list", "map"):
        element = _TYPES.get(option.element)
        if element is None:
            return None
        return ListType(element) if option.value == "list" else MapType(element)
    return _TYPES.get(option.value)


def typed(options: Mapping[str, Option], strict: bool) -> tuple[Rule, ...]:
    """A rule for each option of a component. ``strict``: as HCL has it."""
    return tuple(_rule(option, strict) for option in options.values() if type_of(option) is not None)


def _rule(option: Option, strict: bool) -> Rule:
    def rule(check: Check) -> None:
        if not check.options.has(option.setting):
            return
        if strict and not _converts(check, option):
            return
        if option.value == "duration":
            check.options.duration(option.setting)
        elif not strict:
            _decodes(check, option)

    return rule


def _converts(check: Check, option: Option) -> bool:
    from bakelift.translator.plan.convert import convert
    from bakelift.translator.plan.types import ConversionError

    value, type = check.options.value(option.setting), type_of(option)
    if value is None or type is None:
        return True
    try:
        if any(element.null for element in convert(value, type).elements()):
            raise ConversionError("null value is not allowed")
    except ConversionError as error:
        detail = f'Inappropriate value for attribute "{option.name.rpartition(".")[2]}": {error}.'
        check.error("packer/wrong-type", "Incorrect attribute value type", detail, option.setting)
        return False
    return True


def _decodes(check: Check, option: Option) -> None:
    options, name = check.options, option.setting
    if option.value == "number":
        value = options.value(name)
        try:
            float(str(value.raw) or "0") if value is not None else None
        except ValueError:
            check.error("json/wrong-type", f"cannot parse '{name}' as a number", name=name)
    elif option.value == "bool":
        options.boolean(name)
    elif option.value == "list":
        options.integers(name) if option.element == "number" else options.texts(name)
    elif option.value == "map":
        options.mapping(name)
    else:
        options.text(name)
