"""Go's text/template with Packer's functions: one of the syntaxes of the expression tree.

``reading.parse_template`` (a text), ``reading.parse_expression`` (an expression of HCL whose texts are templates),
``printer.print_template``, ``printer.print_parts``, ``printer.escape_text``; ``functions`` says what may be used where.
"""
