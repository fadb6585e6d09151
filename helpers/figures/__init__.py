"""The pictures of the series: each function takes arrays and gives a Picture that knows what it drew."""
