"""List prices in US dollars: a table that is part of this package, and files that take its place.

Every row says on which day its source said so. ``sizes.csv`` has the hours of VM sizes with Linux, a column a region;
``meters.csv`` all else, named as Azure's meters are.
"""

from __future__ import annotations

import csv
import json
import os

from bakelift.runner.azure.preflight.facts import region
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_FOLDER = os.path.dirname(__file__)
COLUMNS = ("meter", "region", "unit", "usd", "date", "source")
#: What answers for any region that the table does not have.
ELSEWHERE = "eastus"


class Price(Record):
    """``meter``: a VM size, or the name of one of Azure's meters. ``unit``: as Azure says it, ``1 Hour``."""

    meter: str
    region: str
    unit: str
    usd: float
    date: str
    source: str


class Prices:
    """``own``: prices from a file, which count before those of the table."""

    def __init__(self, own: Iterable[Price] = ()) -> None:
        self._found = {_key(price.meter, price.region): price for price in (*_table(), *own)}

    def of(self, meter: str, place: str) -> Price | None:
        """In this region; None when it is not known there."""
        return self._found.get(_key(meter, place))

    def near(self, meter: str, place: str) -> Price | None:
        """In this region, else in :data:`ELSEWHERE`, else wherever it is known."""
        found = self.of(meter, place) or self.of(meter, ELSEWHERE)
        return found or next((price for (name, _), price in self._found.items() if name == meter.lower()), None)


def _key(meter: str, place: str) -> tuple[str, str]:
    return meter.lower(), region(place)


def _table() -> Iterator[Price]:
    with open(os.path.join(_FOLDER, "sizes.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            size, date, source = row.pop("size"), row.pop("date"), row.pop("source")
            yield from (Price(size, place, "1 Hour", float(usd), date, source) for place, usd in row.items() if usd)
    with open(os.path.join(_FOLDER, "meters.csv"), encoding="utf-8", newline="") as file:
        yield from _rows(file)


def read(path: str) -> list[Price]:
    """A file in the columns of the table, or the JSON that Azure's Retail Prices API answers.

    Raises ValueError with what is wrong with it, OSError.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        text = file.read()
    if text.lstrip().startswith(("{", "[")):
        found = list(_retail(json.loads(text)))
    else:
        found = list(_rows(text.splitlines()))
    if not found:
        raise ValueError("there is no price in it")
    return found


def _rows(lines: Iterable[str]) -> Iterator[Price]:
    reader = csv.DictReader(lines)
    missing = [name for name in COLUMNS[:4] if name not in (reader.fieldnames or ())]
    if missing:
        raise ValueError(f"the first line has no column {', '.join(missing)}")
    for row in reader:
        try:
            usd = float(row["usd"] or "")
        except ValueError:
            raise ValueError(f"line {reader.line_num}: {row['usd']!r} is no price") from None
        yield Price(row["meter"], row["region"], row["unit"], usd, row.get("date") or "", row.get("source") or "")


def _retail(data: Any) -> Iterator[Price]:
    """One answer, or a list of answers or of their items."""
    for item in data if isinstance(data, list) else [data]:
        if not isinstance(item, dict):
            raise ValueError("it is neither an answer of the Retail Prices API nor a list of them")
        if isinstance(item.get("Items"), list):
            yield from _retail(item["Items"])
        elif "retailPrice" in item:
            yield from _item(item)


def _item(item: dict[str, Any]) -> Iterator[Price]:
    if item.get("type", "Consumption") != "Consumption" or item.get("currencyCode", "USD") != "USD":
        return
    product, sku = str(item.get("productName", "")), str(item.get("skuName", ""))
    meter = str(item.get("meterName", ""))
    if item.get("serviceName") == "Virtual Machines":
        meter = str(item.get("armSkuName", ""))
        if "Low Priority" in sku:
            return
        meter += " Spot" if "Spot" in sku else ""
        meter += " Windows" if "Windows" in product else ""
    elif meter.endswith("Snapshots") and product.startswith("Premium"):
        meter = f"Premium {meter}"
    elif meter.endswith("Snapshots") and not product.startswith("Standard HDD"):
        return
    place, date = str(item.get("armRegionName", "")), str(item.get("effectiveStartDate", ""))[:10]
    usd = float(item["retailPrice"])
    yield Price(meter, place, str(item.get("unitOfMeasure", "")), usd, date, "Azure Retail Prices API, from a file")
