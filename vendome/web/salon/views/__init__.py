"""The salon's pages, one module for each task."""
