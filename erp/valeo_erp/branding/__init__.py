"""What a trader's papers look like: versions of logo, colours, footer and bank, put in force by a second person."""
