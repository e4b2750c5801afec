"""Expected failures of an import, and why single rows are refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from vendome.kit.errors import DomainError, Kind


class Unusable(DomainError):
    """The file or its mapping cannot be used as it is; nothing was changed, the message says what to mend."""

    code = "transactions.unusable"
    kind = Kind.INVALID
    sentence = "This file cannot be read with this mapping; nothing was changed."


class RunInTheWay(DomainError):
    """Another run of the same source is at work, or stopped before its end."""

    code = "transactions.run_in_the_way"
    kind = Kind.CONFLICT
    sentence = "Another import of this source has not ended."


UNREADABLE: Mapping[str, str] = {
    "wrong_number_of_cells": "The row has another number of cells than the header.",
    "not_json": "The line is not a JSON object.",
    "no_document": "The row names no document, so it belongs to no sale.",
    "no_code": "The row names no code, so nobody knows what was sold.",
    "not_a_quantity": "This is not a whole number of pieces.",
    "not_a_price": "This is not a price.",
    "not_a_date": "This is not a moment in the form the mapping states.",
    "date_out_of_range": "This moment lies before 1970 or after today.",
    "not_text": "The cell holds a character that no text may hold.",
    "unknown_channel": "The mapping says nothing of this channel.",
    "unknown_place": "The mapping says nothing of this place.",
}
"""Rows that could not be understood. Too many of them mean that the mapping is wrong, not the rows."""

UNWANTED: Mapping[str, str] = {
    "zero_quantity": "A line of no pieces sells nothing.",
    "zero_price": "A line without a price is no sale: stock was counted, found or thrown away.",
    "negative_price": "A negative price is a matter of the books, not a sale.",
    "out_of_range": "The sum of this line is beyond what can be booked.",
    "sign_contradicts": "The document is a cancellation, yet the quantity is not negative.",
    "two_clients": "Lines of this document name different clients.",
    "two_places": "Lines of this document name different places or channels.",
    "dates_apart": "Lines of this document lie too many days apart: its number was used twice.",
    "too_many_lines": "The document has more lines than one order can hold.",
    "document_differs": "The house has this document already, with another total or another moment.",
}
"""Rows that were understood and are not taken, besides those that a rule of the mapping refuses."""


def reasons(rules: Mapping[str, str]) -> dict[str, str]:
    """Every reason with its sentence; `rules` are the mapping's own."""
    return {**UNREADABLE, **UNWANTED, **rules}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint to append to a sentence, or nothing."""
    folded = {one.casefold(): one for one in known}
    wanted = word.casefold()
    near = [one for one in folded if wanted and one and (wanted in one or one in wanted)]
    near = near[:1] or difflib.get_close_matches(wanted, list(folded), n=1, cutoff=0.5)
    return f" Did you mean {folded[near[0]]!r}?" if near else ""
