"""The window. Knows services, never an adapter."""

from mycelix_studio.ui.imports import import_quickly

import_quickly()
