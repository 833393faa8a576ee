"""Figures and enrolment series: how their files are read, and how a number is put into words."""

from .figures import read_figures
from .reading import FIGURES_FILE, SERIES_FOLDER, read_numbers
from .series import read_series
from .wording import exact_text, rounded, short_text

__all__ = [
    "FIGURES_FILE",
    "SERIES_FOLDER",
    "exact_text",
    "read_figures",
    "read_numbers",
    "read_series",
    "rounded",
    "short_text",
]
