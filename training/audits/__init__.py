"""What an auditor gets: outcomes by group, probes of the live models, evidence of privacy."""
