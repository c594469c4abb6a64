"""The one signing dialog, for transactions, messages and texts."""
