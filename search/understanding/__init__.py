"""Understanding: from free words to a query of visible parts; begin with `search.understanding.understand`."""
