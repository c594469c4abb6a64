"""The parts pages are made of. ``mycelix-studio --gallery`` shows every one of them."""
