"""The documents are true: what they link to exists, and what is generated is fresh."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_specification_of_the_api_is_that_of_the_code() -> None:
    path = ROOT / "packaging" / "openapi.py"
    spec = importlib.util.spec_from_file_location("openapi_writer", path)
    assert spec is not None and spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert (ROOT / "docs" / "openapi.yaml").read_text() == writer.text(), "run: python packaging/openapi.py"


def test_every_package_the_architecture_names_exists() -> None:
    named = re.findall(r"`(mycelix_studio/[a-z_/]+)`", (ROOT / "docs" / "architecture.md").read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_table_of_fields_is_that_of_the_code() -> None:
    path = ROOT / "packaging" / "fieldtable.py"
    spec = importlib.util.spec_from_file_location("fieldtable", path)
    assert spec is not None and spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert (ROOT / "docs" / "library.md").read_text() == writer.page(), "run: python packaging/fieldtable.py"
