"""The mistakes that people make, as replacements in the source: each must be noticed. See tests/mutants.py."""

# (file, the line as it is, the line as people write it, what is wrong)
MISTAKES = []
