"""What each page shows, as frozen values made by pure functions of the Site."""
