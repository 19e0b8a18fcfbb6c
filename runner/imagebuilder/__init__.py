"""Builds that Azure VM Image Builder runs: templates are submitted, run, followed, and their outputs told."""
