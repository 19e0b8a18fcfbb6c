"""bakelift lifts baked images from one pipeline to another."""

__version__ = "0.1.0"
