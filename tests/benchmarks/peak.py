"""Run one command from a small process: seconds and peak memory of that command alone.

python -I -S peak.py COMMAND… prints {"seconds", "megabytes", "code"}. A process's peak
counts that of the process it was started from, which is why a big one must not start
it; and of a command with several processes the largest counts.
"""

import json
import resource
import subprocess
import sys
import time

if __name__ == "__main__":
    start = time.perf_counter()
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=False)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # KiB on Linux
    figures = {"seconds": seconds, "megabytes": peak / 1024, "code": done.returncode}
    sys.stdout.write(json.dumps(figures))
