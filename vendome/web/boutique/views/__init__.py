"""Views of the boutique, a module for each part of the shop."""
