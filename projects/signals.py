"""What other parts must know of projects; they listen, projects does not know them."""

from django.dispatch import Signal

# Sent inside the transaction that changed a project or its money, with project. A
# listener that raises undoes the change.
project_changed = Signal()

# Asked with project, stored or new: who knows its scheme answers 元 or 万元.
asking_money_unit = Signal()
