"""Numbers of pods that `kitctl scale` sets: where they are in the values, what refuses them, and what keeps them."""
