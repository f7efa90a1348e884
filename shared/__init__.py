"""What more than one of Dropline's process types needs."""
