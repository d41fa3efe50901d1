"""What tests share: databases, checked pages, a demo instance."""
