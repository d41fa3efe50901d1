"""The ground floor: no word of any feature is known here (floor 0)."""
