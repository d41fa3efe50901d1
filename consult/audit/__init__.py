"""Keep the append-only log of what staff and members did (floor 1)."""
