"""A small pure model of stock, orders and money, driven beside the real house."""
