"""What is drawn: objects, places, signs, and the canvas that puts them into a picture."""
