"""Figures and enrolment series: how their files are read, and how a number is put into words."""

from openknowledge.rendering.number_format import exact_text, round_down, short_text

from .figures import read_figures
from .loader import FIGURES_FILE, SERIES_FOLDER, read_numbers
from .series import read_series

__all__ = [
    "FIGURES_FILE",
    "SERIES_FOLDER",
    "exact_text",
    "read_figures",
    "read_numbers",
    "read_series",
    "round_down",
    "short_text",
]
