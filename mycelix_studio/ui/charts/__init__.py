"""Charts: one small data contract (:mod:`data`) and widgets that paint it by hand, so that the dashboard starts fast.

Every chart has an "as of", marks incomplete and missing days, draws annotations, has a keyboard cursor, speaks a summary, has a table
twin and exports PNG, CSV and its values. ``docs/charts.md`` tells how to add one.
"""
