"""The composition root of the window: the only place where everything meets."""
