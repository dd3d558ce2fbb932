"""How every set of scenarios ends: a line for each, then "N passed, N failed, N skipped"."""

import sys
import time
import traceback

sys.dont_write_bytecode = True


def judge(scenarios):
    """Runs (name, scenario) pairs and gives the exit status. A scenario fails by raising, and is
    skipped by returning the reason."""
    passed = failed = skipped = 0
    for name, scenario in scenarios:
        start = time.monotonic()
        try:
            reason = scenario()
            verdict = "SKIP" if reason else "PASS"
            passed, skipped = passed + (not reason), skipped + bool(reason)
        except Exception:  # an assertion or whatever else stopped the scenario
            reason, verdict, failed = None, "FAIL", failed + 1
            traceback.print_exc()
        took = f" ({time.monotonic() - start:.2f} s)"
        print(verdict, name + (f": {reason}" if reason else took), flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not passed + skipped else 0
