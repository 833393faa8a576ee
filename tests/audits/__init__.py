"""What independent programs say of the built site: Lighthouse, axe, the Nu HTML Checker."""
