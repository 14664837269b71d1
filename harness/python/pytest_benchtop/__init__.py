"""Benchtop for pytest; the fixtures are in plugin.py."""

from .answer import Answer
from .instance import Benchtop, Clock
from .process import BenchtopError

__all__ = ["Answer", "Benchtop", "BenchtopError", "Clock"]
