"""What the platform is about, in plain standard library: tracks, money, splits, strategies."""
