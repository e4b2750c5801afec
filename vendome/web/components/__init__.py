"""The design system: tokens, components and base templates that every surface is set in.

Owns no data. Surfaces extend `boutique/base.html`, `salon/base.html` or `bureau/base.html`, give their frame
(`frames`) and use the tags of `templatetags.vendome`. Its living style guide is at /gallery/.
"""
