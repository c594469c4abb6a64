"""Dialogs: one package for each."""
