"""The other end of the wire: four providers' APIs over real HTTP on loopback."""
