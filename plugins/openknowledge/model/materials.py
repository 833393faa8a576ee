"""What a course or an item of the learning hub gives to work with: slides, notes, exercises, data."""

from dataclasses import dataclass
from enum import StrEnum

from .addresses import ContentFile, WebUrl
from .values import Lang, License, Value


class MaterialKind(StrEnum):
    """What a material is for."""

    SLIDES = "slides"
    NOTES = "notes"
    EXERCISES = "exercises"
    SOLUTIONS = "solutions"
    DATA = "data"
    CODE = "code"
    READING = "reading"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material(Value):
    """A file beside the text, or something of another site.

    `title` is in the language `lang`. The licence is that of the material alone; where it is unknown, none is shown.
    `part` is the number of the part of the syllabus that it belongs to. `path` (from the content folder) and the size
    are filled in when the file is read.
    """

    title: str
    file: ContentFile | None = None
    url: WebUrl | None = None
    kind: MaterialKind | None = None
    license: License | None = None
    lang: Lang | None = None
    part: int | None = None
    path: str = ""
    size_b: int = 0
