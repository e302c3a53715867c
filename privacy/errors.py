"""What can go wrong when handling personal data.

PrivacyError
└── PatternInvalid    a pattern does not compile or names an unknown validator
"""


class PrivacyError(Exception):
    """Root; messages never quote personal data."""


class PatternInvalid(PrivacyError):
    pass
