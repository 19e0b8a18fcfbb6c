"""What is on a machine: collected by a script that needs nothing, read back, and compared."""
