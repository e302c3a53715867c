"""The conversation itself: values, ports, rules, use cases, adapters and the command line."""

import os

# NumPy's OpenBLAS splits even the small products of a turn over threads, which then spin while they
# wait, on the cores that the encoder computes on: sentences in batches took a quarter longer. It
# reads this when NumPy is first imported; what an operator has set stands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
