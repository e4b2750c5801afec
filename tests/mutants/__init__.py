"""Seeded mistakes in what keeps stock, orders and money true; the model and the races must notice them."""
