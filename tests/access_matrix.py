"""Write what the program answers now in the form of access_matrix.csv, to be judged.

    DATABASE_URL=sqlite://:memory: python -m tests.access_matrix > /tmp/now.csv

A row is right because somebody has judged it, not because it came out here.
"""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfeval.settings")
    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0)
    from tests import test_access_matrix as matrix
    from tests.access_world import PEOPLE, make_world

    world = make_world()
    sessions = matrix.sessions_of(world["people"])
    only = sys.argv[1:]
    for name, (route, parameters) in sorted(matrix.addresses().items()):
        if only and not any(name.startswith(each) for each in only):
            continue
        about_one = ("assessments/<", "projects/<int:")
        has_states = parameters and route.startswith(about_one)
        for method in ("GET", "POST"):
            found = {}
            for state in matrix.STATES if has_states else ("-",):
                address = matrix.address_of(name, state, world)
                asked = (matrix.ask(sessions[who], method, address) for who in PEOPLE)
                found[state] = tuple(asked)
            if any("405" in cells for cells in found.values()):
                continue
            if len(found) > 1 and len(set(found.values())) == 1:
                found = {"any": found["draft"]}
            for state, cells in found.items():
                sys.stdout.write(",".join([method, name, state, *cells]) + "\n")


if __name__ == "__main__":
    main()
