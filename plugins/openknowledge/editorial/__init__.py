"""What editors work with: a preview that follows their edits, and scaffolds of new items. Not part of a build."""
