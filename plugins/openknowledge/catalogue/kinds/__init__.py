"""One file for each kind of content; this list is all that the rest of the site knows of them."""

from ..kind import Kind
from .course import COURSE
from .group import PARTNER, PERSON, STRAND, TOPIC
from .hub import HUB, INITIATIVE
from .page import PAGE
from .playlist import PLAYLIST
from .press import PRESS
from .programme import PROGRAMME
from .video import VIDEO

KINDS: tuple[Kind, ...] = (
    *(COURSE, STRAND, TOPIC, PERSON, PARTNER),
    *(VIDEO, PLAYLIST, PRESS, INITIATIVE, HUB, PROGRAMME),
    PAGE,
)
