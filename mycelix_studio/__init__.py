"""Mycelix Studio: the desktop studio of Mycelix Music, its command line and its platform node."""

__version__ = "0.1.0"
