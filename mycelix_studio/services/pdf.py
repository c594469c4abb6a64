"""Sets a tagged PDF (PDF/UA-1) by Typst, with the fonts Studio ships and no clock: the same document gives the same bytes."""

from __future__ import annotations

import json
from datetime import datetime

from mycelix_studio.errors import Known
from mycelix_studio.paths import resource


def set_pdf(template: str, document: object, stamp: datetime, meanwhile: str) -> bytes:
    """Return the PDF that ``resources/reports/<template>.typ`` makes of a document of plain JSON values.

    Args:
        template: The template's name.
        document: What the template reads as ``sys.inputs.data``.
        stamp: The date written into the PDF.
        meanwhile: What to do if it cannot be set, as a sentence.

    Raises:
        Known: The template cannot be set with this document.
    """
    import typst  # a large library: loaded for a PDF only

    try:
        made = typst.compile(
            resource(f"reports/{template}.typ"),
            sys_inputs={"data": json.dumps(document, ensure_ascii=False)},
            font_paths=[resource("fonts")],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=int(stamp.timestamp()),
        )
    except typst.TypstError as error:
        raise Known(
            "Could not make the PDF", f"The page could not be set: {error}. Nothing was changed.", meanwhile
        ) from error
    assert isinstance(made, bytes)
    return made
