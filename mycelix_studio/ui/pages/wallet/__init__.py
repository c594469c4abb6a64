"""The wallet: accounts, money, and what became of every signature."""
