"""What the compiled module offers. Each function is pure and linear, and raises TypeError for what is no bytes."""

CONTRACT: int

def has_plain_lines(message: bytes, /) -> bool: ...
