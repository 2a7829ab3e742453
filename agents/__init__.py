"""The shell: Faust app, Kafka, metrics, settings, command line."""

import os

# Before numpy is loaded, here and in every process that is started: pages are spread over processes, and threads of OpenBLAS would
# spin on the cores that these work on (on two cores they doubled the CPU of a page).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
