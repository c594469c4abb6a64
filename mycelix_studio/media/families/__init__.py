"""One module per tag family: reads fields by the table in :mod:`mycelix_studio.domain.fields`, and edits a tag's own bytes.

Editing works on the entries as they lie in the file: each that is not edited is kept byte for byte, understood or not.
"""
