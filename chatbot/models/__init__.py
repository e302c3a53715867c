"""Model weights: which ones Kefu knows, where they come from, whether they are what they should be.

`models.lock` names every file with its SHA-256. `pull.pull` fetches, converts and installs,
`verify.verify` re-reads what is on disk, `installed.installed` lists. Weights are data here:
nothing that is fetched is ever imported, installed or unpickled.
"""
