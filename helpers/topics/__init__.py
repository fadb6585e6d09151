"""What a single notebook needs beyond the maths that all of them share."""
