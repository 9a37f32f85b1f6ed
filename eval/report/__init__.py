"""Reports of an evaluation run: one self-contained HTML page, and Markdown for the terminal."""
