"""`kitctl doctor`: what `kitctl up` needs of this machine and of the cluster."""
