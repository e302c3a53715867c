"""Forms: what has to be collected before a company system can be asked, as data."""
