"""HTML surfaces: boutique (clients), salon (advisors), bureau (headquarters) and their components."""
