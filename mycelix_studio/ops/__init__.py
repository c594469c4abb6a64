"""Backup, restore, checks, monitoring, security scans."""
