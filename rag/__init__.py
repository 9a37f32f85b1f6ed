"""Read path: question -> understood question -> clauses -> answer -> checked answer."""
