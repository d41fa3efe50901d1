"""Keep an instance: is it ready, back it up, restore it, move its database (floor 10)."""
