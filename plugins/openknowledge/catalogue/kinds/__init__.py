"""One file for each kind of content; this list is all that the rest of the site knows of them."""

from ..kind import Kind
from .course import COURSE
from .hub import HUB
from .initiative import INITIATIVE
from .page import PAGE
from .partner import PARTNER
from .person import PERSON
from .playlist import PLAYLIST
from .press import PRESS
from .programme import PROGRAMME
from .strand import STRAND
from .topic import TOPIC
from .video import VIDEO

KINDS: tuple[Kind, ...] = (
    COURSE,
    STRAND,
    TOPIC,
    PERSON,
    PARTNER,
    VIDEO,
    PLAYLIST,
    PRESS,
    INITIATIVE,
    HUB,
    PROGRAMME,
    PAGE,
)
