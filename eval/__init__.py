"""Question sets, runner, metrics and report."""
