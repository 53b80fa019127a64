"""From an executed notebook to HTML and PDF, through one document of blocks."""
