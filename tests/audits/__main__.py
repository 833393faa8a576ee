"""`invoke audits`: have the programs look at the site, store what they found, and write the accessibility statement."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.audits.auditors import axe_version, npm_packages, run_axe, run_lighthouse, run_nu, serve_published
from tests.audits.statement import FILES, RESULTS, read_results, statement
from tests.browser.pages import OF_TEMPLATE, SAMPLES

from openknowledge.assets.page_weight import page_weights
from openknowledge.browser.chromium import FLAGS, find_or_install

HERE = Path(__file__).parent


def main(output: Path) -> int:
    """Write the results and the statement; return 1 where the code of a page is wrong."""
    if errors := run_nu(output):
        print(*errors, "No statement was written: mend these first.", sep="\n")
        return 1
    templates = {sample.italian: sample.template for sample in OF_TEMPLATE}
    with serve_published(output) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=list(FLAGS))
        violations = run_axe(browser, address, [sample.italian for sample in SAMPLES])
        browser.close()
        scores = run_lighthouse(address, list(templates))
    rules = Counter(rule for lines in violations.values() for rule in {line.split(": ")[1] for line in lines})
    weights = page_weights(output)
    known = read_results() if RESULTS.exists() else {"drafted": date.today().isoformat()}
    results = {
        "drafted": known["drafted"],
        "reviewed": date.today().isoformat(),
        "axe": axe_version(),
        "lighthouse": _version("lighthouse"),
        "pages": len(weights),
        "templates": len(templates),
        "violations": dict(sorted(rules.items())),
        "by_template": {
            templates[score.address]: {
                "lighthouse": list(score.scores.values()),
                "first_view_kb": round(weights[score.address].first_view / 1000, 1),
                "scripts_kb": round(weights[score.address].scripts / 1000, 1),
                "violations": len(violations[score.address]),
            }
            for score in scores
        },
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    for lang, path in FILES.items():
        path.write_text(statement(results, lang), "utf-8")
    print(*(f"{page}: {line}" for page, lines in violations.items() for line in lines), sep="\n")
    return 0


def _version(package: str) -> str:
    data = json.loads((npm_packages("audits", HERE) / package / "package.json").read_text("utf-8"))
    return str(data["version"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
