"""Lists the packages: the four top folders install below ``bakelift``, which pyproject.toml alone cannot say."""

from setuptools import find_packages, setup

TOPS = {
    "bakelift": "bakelift",
    "bakelift.translator": "translator",
    "bakelift.runner": "runner",
    "bakelift.schemas": "schemas",
}

setup(
    packages=[
        name
        for package, folder in TOPS.items()
        for name in [package, *(f"{package}.{sub}" for sub in find_packages(folder))]
    ]
)
