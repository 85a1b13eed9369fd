"""All that is said, written on screen and captioned: searched by words and by meaning."""
