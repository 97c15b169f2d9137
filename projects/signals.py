"""What other parts must know of projects; they listen, projects does not know them."""

from django.dispatch import Signal

# Sent inside the transaction that changed a project or its money, with project. A
# listener that raises undoes the change.
project_changed = Signal()
