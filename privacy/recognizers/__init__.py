"""One kind of personal data a file; `privacy.detector` lists them."""
