"""Opening workbooks that somebody handed in, so that they can do no harm."""
