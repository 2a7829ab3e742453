"""Splitting a page into article, comments and furniture."""
