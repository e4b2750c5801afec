"""Accounts, staff and what each may do where: roles scoped by maison, region or place, dated.

Invariants: one account per e-mail; a role's scope is the maison, one region or one place; the same role is
never granted twice for the same time; a person is seconded to one place at a time. Called by every edge.
"""
