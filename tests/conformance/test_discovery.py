"""What search engines and browsers ask a site for is valid by the schemas and rules of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def schema(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """Return the schema of sitemaps, with that of XHTML, to which the links of languages belong; both as files."""
    folder = tmp_path_factory.mktemp("schemas")
    for path in (shared_data / "data/exchange/sitemap").glob("*.xsd"):
        (folder / path.name).write_text(path.read_text().replace("http://www.w3.org/2001/xml.xsd", "xml.xsd"))
    return etree.XMLSchema(etree.parse(folder / "all.xsd"))


def test_the_schemas_refuse_what_is_wrong(schema: etree.XMLSchema, shared_data: Path) -> None:
    examples = sorted((shared_data / "data/exchange/sitemap").glob("*.xml"))

    verdicts = {path.name: schema.validate(etree.parse(path)) for path in examples}

    assert verdicts == {name: "INVALID" not in name for name in verdicts}
    assert sorted(verdicts.values()) == [False, False, True]


def test_every_sitemap_is_valid(schema: etree.XMLSchema, real_site: Path) -> None:
    files = sorted((real_site / "sitemaps").iterdir())

    assert len(files) > 20
    assert {path.name: str(schema.error_log) for path in files if not schema.validate(etree.parse(path))} == {}
    index = etree.parse(real_site / "sitemap.xml").getroot()
    assert {etree.QName(part).localname for part in index.iter()} == {"sitemapindex", "sitemap", "loc"}
