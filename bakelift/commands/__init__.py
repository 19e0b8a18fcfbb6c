"""The commands, a module each: ``COMMAND`` describes it, ``run`` does it. Imported only when it runs."""
