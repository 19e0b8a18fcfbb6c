"""A Plan's updates: the same image from an existing one, with no other step than to bring its system up to date."""

from __future__ import annotations

from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.model import Setting, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.translator.plan.chains import Product
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan

#: Settings of a source that say what an image is made from.
_FROM = (
    "image_publisher",
    "image_offer",
    "image_sku",
    "image_version",
    "image_url",
    "custom_managed_image_name",
    "custom_managed_image_resource_group_name",
    "custom_managed_image_id",
)
_FROM_BLOCKS = ("shared_image_gallery.", "plan_info.")
#: The machine knows best which family its distribution is of. At the beginning it may be busy with its own first start.
_UPDATE = (
    "if command -v cloud-init >/dev/null; then cloud-init status --wait >/dev/null || true; fi",
    "if command -v apt-get >/dev/null; then",
    "  sudo apt-get -q update",
    "  sudo DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-confdef"
    " -o Dpkg::Options::=--force-confold dist-upgrade",
    "  sudo apt-get -q clean",
    "elif command -v tdnf >/dev/null; then",
    "  sudo tdnf -y update",
    "elif command -v dnf >/dev/null; then",
    "  sudo dnf -y --refresh upgrade",
    "elif command -v yum >/dev/null; then",
    "  sudo yum -y update",
    "elif command -v zypper >/dev/null; then",
    "  sudo zypper --non-interactive refresh",
    # 102: a reboot is needed; 103: zypper updated itself, and has to run again (zypper(8), EXIT CODES).
    "  sudo zypper --non-interactive update || case $? in",
    "    102) ;;",
    "    103) sudo zypper --non-interactive update ;;",
    "    *) exit 1 ;;",
    "  esac",
    "else",
    "  echo 'no package manager that is known here: apt-get, tdnf, dnf, yum, zypper' >&2",
    "  exit 1",
    "fi",
)


def patched(plan: Plan, image: Image, base: Product, windows: bool) -> Plan:
    """The Plan of one image whose source is ``base`` and whose only step is the update.

    Of a Windows image, the template's own windows-update steps say which updates.
    """
    source = image.source.but(settings={**_others(image.source.settings), **_source(base)})
    use = image.use.but(settings=_others(image.use.settings))
    group = image.group.but(sources=(use,), steps=_steps(image, windows), error_cleanup=None, post_processors=())
    kept = tuple(source if one is image.source else one for one in plan.sources)
    return plan.but(sources=kept, groups=(group,))


def _others(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    return {
        name: setting
        for name, setting in settings.items()
        if name not in _FROM and not name.startswith(_FROM_BLOCKS) and name != "image_template"
    }


def _source(base: Product) -> dict[str, Setting]:
    if base.kind == "managed image":
        return _settings(custom_managed_image_name=base.name, custom_managed_image_resource_group_name=base.group)
    gallery, _, definition = base.name.partition("/")
    parts = {
        "subscription": base.subscription,
        "resource_group": base.group,
        "gallery_name": gallery,
        "image_name": definition,
        "image_version": base.version or "latest",
    }
    return _settings(**{f"shared_image_gallery.{name}": value for name, value in parts.items()})


def _settings(**texts: str) -> dict[str, Setting]:
    return {name: Setting(Literal(text)) for name, text in texts.items()}


def _steps(image: Image, windows: bool) -> tuple[Step, ...]:
    if windows:
        own = tuple(step.but(only=None, excepted=None) for step in image.steps if step.type == "windows-update")
        return own or (Step("windows-update", {}, name="update"),)
    return (Step("shell", {"inline": _lines(_UPDATE)}, name="update"),)


def _lines(texts: Iterable[str]) -> Setting:
    return Setting(ListExpr(tuple(Literal(text) for text in texts)))
