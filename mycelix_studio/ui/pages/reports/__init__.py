"""Reports: statements, rates, templates, audit."""
