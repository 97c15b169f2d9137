"""The one error of printing; apart, so that catching it does not load WeasyPrint."""


class RenderError(ValueError):
    """The document cannot be printed; problems: one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
