"""Backup, restore, check and moving of an instance."""
