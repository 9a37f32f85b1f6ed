"""Write path: source file -> clean text -> clause tree -> chunks -> vectors -> stored index."""
