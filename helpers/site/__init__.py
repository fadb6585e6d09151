"""The series as static pages, for any web server, a sub-path or a USB stick: `make site`, `python -m helpers.site`."""
