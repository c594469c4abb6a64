"""Static analysis of the contracts: every high or medium finding of slither is explained in `contracts/SECURITY.md`, or this fails.

slither lives in an environment of its own (`packaging/locks/slither.txt`), made when it is first needed. What it found stands in
`contracts/snapshots/slither.json` beside the hash of the sources it read; only other sources are analysed again, which takes a minute.
`--fresh` analyses in any case.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from toolenv import program

from mycelix_studio.ops.security import contracts

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = ROOT / contracts.KEPT


def main(arguments: list[str]) -> int:
    """Analyse if the sources changed, and compare with the explanations; returns the exit code."""
    wanted = contracts.fingerprint(ROOT)
    kept = json.loads(SNAPSHOT.read_text()) if SNAPSHOT.is_file() else {}
    if kept.get("sources") != wanted or "--fresh" in arguments:
        sys.stderr.write("· slither reads the contracts anew\n")
        try:
            found = contracts.analyse(ROOT, program("slither"))
        except contracts.SlitherFailed as error:
            raise SystemExit(str(error)) from None
        kept = {"sources": wanted, "findings": [[each.check, each.place] for each in found]}
        SNAPSHOT.write_text(json.dumps(kept, indent=1) + "\n")
    places = {(check, place) for check, place in kept["findings"]}
    explained = set(contracts.explanations((ROOT / contracts.EXPLAINED).read_text()))
    for check, place in sorted(places - explained):
        print(f"slither: {check} in {place} is not explained in contracts/SECURITY.md")
    for check, place in sorted(explained - places):
        print(f"slither: {check} in {place} is explained in contracts/SECURITY.md and not found any more")
    if places == explained:
        print(f"slither: {len(places)} findings, each explained")
    return int(places != explained)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
