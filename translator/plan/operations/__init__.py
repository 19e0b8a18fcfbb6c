"""What the calls of an expression tree mean. :mod:`.table` lists the operations; a group is loaded when first used."""
