"""Watch rules: the query language (query.py, tree.py), words in a text (words.py), a document as rules see it (document.py)."""
