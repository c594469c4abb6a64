"""Dialogs of the wallet: create, practise, bring in, unlock, send, receive, address book."""
