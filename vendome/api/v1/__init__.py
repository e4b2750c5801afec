"""Version 1 of the API: the wide surface through django-ninja, the three hot operations as plain views."""
