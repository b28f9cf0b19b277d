"""Transcripts: traffic as lines of text, and answers from them. Pure: bytes and time come in."""

from ibkit.sim._transcript._exchanges import Conversation as Conversation, load as load
from ibkit.sim._transcript._lines import (
    CLOSED as CLOSED,
    HEADER as HEADER,
    Line as Line,
    TranscriptError as TranscriptError,
    format_line as format_line,
    parse as parse,
)
from ibkit.sim._transcript._names import Way as Way
from ibkit.sim._transcript._player import Player as Player, Reply as Reply, Turn as Turn
from ibkit.sim._transcript._recorder import (
    ConnectionRecorder as ConnectionRecorder,
    Scrubber as Scrubber,
    fields_of as fields_of,
)

__all__ = [
    "CLOSED",
    "HEADER",
    "ConnectionRecorder",
    "Conversation",
    "Line",
    "Player",
    "Reply",
    "Scrubber",
    "TranscriptError",
    "Turn",
    "Way",
    "fields_of",
    "format_line",
    "load",
    "parse",
]
