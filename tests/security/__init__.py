"""Attack what exists: one subject a file, each with a control that shows its check can fail."""
