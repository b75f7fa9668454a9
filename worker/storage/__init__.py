"""Reading uploads from disks, object stores and HTTPS, within the roots."""
