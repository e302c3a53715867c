"""Finding and masking personal data."""
