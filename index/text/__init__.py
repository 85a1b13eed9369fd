"""What text is made of, whatever film it comes from: spelling, language, layout on the screen."""
