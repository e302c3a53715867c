"""Finding, masking, sealing and erasing personal data, and accounting for it."""
