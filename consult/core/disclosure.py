"""Tell figures without telling about people (floor 0).

While a consultation is open the public sees only n, in steps: a live table betrays one
person by the difference of two looks, whatever the size of its cells.
"""

STEP = 10


def public_count(count: int, step: int = STEP) -> int:
    """Return ``count`` floored to a multiple of ``step``; fewer than one step gives 0."""
    return count - count % step
