"""A client in a process of its own, to be killed: sends one file and prints the upload's id as soon as it has one.

``python -m tests.faults.push_client URL TOKEN FILE SIZE CID [UPLOAD_ID]``
"""

import sys
from pathlib import Path

from mycelix_studio.api import uploads
from mycelix_studio.api.platform import Api


def main() -> None:
    url, token, file, size, cid, *known = sys.argv[1:]
    uploads.LARGEST_PIECE = uploads.MIB  # type: ignore[misc]
    api = Api(lambda: url, lambda: 31337)
    api.session.token = lambda ask: token  # type: ignore[method-assign]
    api.uploads.push(
        Path(file),
        int(size),
        cid,
        name=Path(file).name,
        upload_id=known[0] if known else "",
        began=lambda standing: print(standing.upload_id, flush=True),
    )
    print("done", flush=True)


if __name__ == "__main__":
    main()
