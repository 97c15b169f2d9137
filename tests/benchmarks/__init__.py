"""What ./perfeval.sh bench measures, a module per subject.

Subjects: rendering (warm), commands (cold processes), pages (the site), checks (what
they find and take). Nothing here is a test: figures depend on the machine, so only
ratios within one run have goals.
"""
