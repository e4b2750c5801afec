"""What the bytes of a file say before anything is read from it: its digest, its encoding, whether it is whole."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from vendome.connectors.transactions.errors import Unusable
from vendome.connectors.transactions.mapping import FileForm

CHUNK = 1 << 20
PARQUET_MARK = b"PAR1"
OTHERS = ("utf-8", "cp1252", "iso-8859-15")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    digest: str
    size: int


def inspect(path: Path, form: FileForm) -> Facts:
    """Read the file once from end to end. Raises Unusable when it is empty, cut off, or of another encoding."""
    try:
        return _inspect(path, form)
    except OSError as error:
        raise Unusable(f"The file {path} cannot be opened: {error.strerror}.") from error


def _inspect(path: Path, form: FileForm) -> Facts:
    digest = hashlib.sha256()
    text = None if form.format == "parquet" else _Text(path.name, form)
    head = last = b""
    size = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            head = head or chunk[:8]
            last = (last + chunk[-8:])[-8:]
            size += len(chunk)
            if text:
                text.feed(chunk)
    if not size:
        raise Unusable(f"The file {path.name} is empty.")
    if text:
        text.close(head, last)
    else:
        _whole_parquet(path.name, head, last)
    return Facts(digest=digest.hexdigest(), size=size)


def _whole_parquet(name: str, head: bytes, last: bytes) -> None:
    if not head.startswith(PARQUET_MARK):
        raise Unusable(f"The file {name} is not Parquet; state its format as file.format.")
    if not last.endswith(PARQUET_MARK):
        raise Unusable(
            f"The file {name} is only half written: a Parquet file ends with its table of contents, and this one does "
            "not. Export or copy it again."
        )


class _Text:
    """Follows the bytes of a text file with the stated decoder, and with UTF-8 beside it."""

    def __init__(self, name: str, form: FileForm) -> None:
        self._name = name
        self._form = form
        self._stated = codecs.getincrementaldecoder(form.encoding)("strict")
        self._utf8 = codecs.getincrementaldecoder("utf-8")("strict")
        self._is_utf8_stated = codecs.lookup(form.encoding).name in {"utf-8", "utf-8-sig"}
        self._is_utf8 = True
        self._is_ascii = True
        self._lines = 0

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        self._is_ascii = self._is_ascii and chunk.isascii()
        if not self._is_utf8_stated and self._is_utf8:
            try:
                self._utf8.decode(chunk, final)
            except UnicodeDecodeError:
                self._is_utf8 = False
        try:
            text = self._stated.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(chunk, error) from error
        if "\0" in text:
            raise Unusable(
                f"The file {self._name} holds zero bytes from line {self._lines + 1:,} on, as UTF-16 does when it is "
                f"read as {self._form.encoding}. State its encoding as file.encoding, for example 'utf-16'. "
            )
        self._lines += text.count("\n")

    def close(self, head: bytes, last: bytes) -> None:
        self.feed(b"", final=True)
        if not self._is_utf8_stated and self._is_utf8 and not self._is_ascii:
            raise Unusable(
                f"The mapping says that {self._name} is {self._form.encoding}, but its accents are written as UTF-8. "
                "State file.encoding = 'utf-8'."
            )
        if head.startswith(PARQUET_MARK):
            raise Unusable(f"The file {self._name} is Parquet; state file.format = 'parquet'.")
        if self._form.final_newline and not last.rstrip(b"\0").endswith((b"\n", b"\r")):
            raise Unusable(
                f"The file {self._name} stops in the middle of line {self._lines + 1:,}: it is only half written. "
                "Export or copy it again; if its system never ends the last line, state file.final_newline = false. "
            )

    def _wrong_encoding(self, chunk: bytes, error: UnicodeDecodeError) -> Unusable:
        at = max(error.start, 0)
        line = self._lines + chunk[:at].count(b"\n") + 1
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            guess = "utf-16"
        else:
            start = chunk[max(0, at - 200) : at + 200]
            guess = next((one for one in OTHERS if one != self._form.encoding and _decodes(start, one)), "")
        hint = f" It looks like {guess}: state file.encoding = {guess!r}." if guess else ""
        return Unusable(f"Line {line:,} of {self._name} cannot be read as {self._form.encoding}.{hint}")


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
