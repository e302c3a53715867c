"""What can go wrong when handling personal data.

PrivacyError    so far nothing in this package raises; the root is what callers catch
"""


class PrivacyError(Exception):
    """Root; messages never quote personal data."""
